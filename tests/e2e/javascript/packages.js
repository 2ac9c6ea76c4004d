'use strict';
const { faker } = require('@faker-js/faker');
const dayjs = require('dayjs');
const utc = require('dayjs/plugin/utc');
const _ = require('lodash');
const fp = require('lodash/fp');
const { nanoid, customAlphabet } = require('nanoid');
const uuid = require('uuid');

dayjs.extend(utc);

module.exports = (check) => {
    check(() => [uuid.v3('name', uuid.v3.URL), uuid.v5('näme', uuid.v5.DNS), uuid.NIL]);
    check(() => [uuid.v1(), uuid.v4(), uuid.v6(), uuid.v7()].map((id) => [uuid.validate(id),
        uuid.version(id)]));
    check(() => new Set(Array.from({ length: 500 }, () => uuid.v4())).size);
    check(() => [nanoid().length, nanoid(5).length, /^[ab]{40}$/.test(customAlphabet('ab', 40)())]);
    check(() => new Set(Array.from({ length: 500 }, () => nanoid())).size);
    check(() => [_.chunk([1, 2, 3], 2), _.get({ a: [{ b: 1 }] }, 'a[0].b'),
        _.kebabCase('someWords in äÖ')]);
    check(() => [_.isBuffer(Buffer.alloc(1)), _.isEqual({ a: [1, new Date(5)] }, { a: [1,
        new Date(5)] })]);
    check(() => [_.cloneDeep(Buffer.from('xy')), _.cloneDeep({ m: [1, { n: 2 }] }),
        _.template('<%= a %>!')({ a: 1 })]);
    check(() => [fp.flow(fp.map((x) => x * 2), fp.sum)([1, 2]), require('lodash/get')({ a: 1 }, 'a')]);
    check(() => dayjs.utc('2024-02-29').add(1, 'year').format('YYYY-MM-DD dddd'));
    check(() => [dayjs.utc(0).toISOString(), dayjs.utc('2024-01-31').diff('2023-12-01', 'day')]);
    check(() => {
        faker.seed(42);
        return [faker.person.fullName(), faker.internet.email(), faker.string.uuid(),
            faker.internet.url(),
            faker.number.int(1000), faker.lorem.sentence(), faker.date.past({ refDate: '2024-01-01' })];
    });
    check(() => {
        const german = require('@faker-js/faker/locale/de').faker;
        german.seed(7);
        return [german.person.fullName(), german.location.city(), german.phone.number()];
    });
};
