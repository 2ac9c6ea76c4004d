'use strict';
const crypto = require('crypto');

const TEXTS = ['', 'abc', 'Grüße €😀', 'x'.repeat(1000)];

function digests(check) {
    for (const name of ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'SHA256', 'RSA-SHA256',
        'sha512-256', 'sha3-256', 'nope', '']) {
        for (const text of TEXTS) {
            check(() => [name, crypto.createHash(name).update(text).digest('hex')]);
            check(() => [name, crypto.createHmac(name, 'key').update(text).digest('hex')]);
        }
    }
    const hash = () => crypto.createHash('sha256').update('abc');
    for (const encoding of ['hex', 'base64', 'base64url', 'latin1', 'binary', 'buffer', undefined, null,
        '', 'HEX', 'utf8', 'utf16le']) {
        check(() => [encoding, hash().digest(encoding)]);
    }
    check(() => Buffer.isBuffer(hash().digest()));
    check(() => hash().digest('nope'), (error) => error.name);
    check(() =>
        crypto.createHash('sha1').update('a').update('b').update(Buffer.from('c')).digest('hex'));
    check(() => crypto.createHash('sha1').update('616263', 'hex').digest('hex'));
    check(() => crypto.createHash('sha1').update('YWJj', 'base64').digest('hex'));
    check(() => crypto.createHash('sha1').update('abc', 'nope').digest('hex'));
    check(() => crypto.createHash('sha1').update(new Uint8Array([97, 98, 99])).digest('hex'));
    check(() => crypto.createHash('sha1').update(new Uint16Array([97, 98])).digest('hex'));
    check(() => crypto.createHash('sha1').update(new DataView(new Uint8Array([97, 98, 99]).buffer,
        1)).digest('hex'));
    check(() => crypto.createHash('sha1').digest('hex'));
    check(() => { const b = Buffer.from('abc'); const h = crypto.createHash('sha1').update(b); b[0] = 0;
        return h.digest('hex'); });
    check(() => { const h = hash(); const c = h.copy(); h.update('d'); return [h.digest('hex'),
        c.digest('hex')]; });
    check(() => { const h = hash(); h.digest(); return h.digest(); });
    check(() => { const h = hash(); h.digest(); return h.update('x'); });
    check(() => { const h = hash(); h.digest(); return h.copy(); });
    for (const value of [5, null, undefined, {}, []]) check(() => hash().update(value));
    check(() => crypto.createHash());
    check(() => crypto.createHash(5));
}

function hmacs(check) {
    const mac = (key) => crypto.createHmac('sha256', key).update('data').digest('base64');
    for (const key of ['', 'k', 'é', 'x'.repeat(200), Buffer.from([0, 255]), new Uint8Array([1]),
        new ArrayBuffer(3), new Uint16Array([258])]) {
        check(() => mac(key));
    }
    check(() => mac(undefined), (error) => error.code);
    check(() => mac(5), (error) => error.code);
    check(() => crypto.createHmac('sha256', 'k').digest('hex'));
    check(() => { const h = crypto.createHmac('sha256', 'k').update('a'); return [h.digest('hex'),
        h.digest('hex'), h.digest()]; });
    check(() => { const h = crypto.createHmac('sha256', 'k').update('a'); h.digest();
        return h.update('b'); });
    check(() => crypto.createHmac('sha256', 'k').update(5));
    check(() => crypto.createHmac(5, 'k'));
    check(() => [crypto.timingSafeEqual(Buffer.from('abc'), Buffer.from('abc')),
        crypto.timingSafeEqual(Buffer.from('abc'), Buffer.from('abd'))]);
    check(() => crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('ab')));
    check(() => crypto.timingSafeEqual('a', Buffer.from('a')), (error) => error.code);
    // A JWT as processors make it.
    check(() => {
        const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
        const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'üser', iat: 1700000000 })}`;
        return `${head}.${crypto.createHmac('sha256', 'secret').update(head).digest('base64url')}`;
    });
}

function random(check) {
    check(() => [crypto.randomBytes(8).length, Buffer.isBuffer(crypto.randomBytes(1)),
        crypto.randomBytes(0).length]);
    check(() => /^[0-9a-f]{32}$/.test(crypto.randomBytes(16).toString('hex')));
    check(() => crypto.randomBytes(-1));
    check(() => crypto.randomBytes('5'));
    check(() => { const b = Buffer.alloc(64); crypto.randomFillSync(b, 32); return [b.subarray(0,
        32).every((x) => x === 0), b.some((x) => x !== 0)]; });
    check(() => { const b = Buffer.alloc(64); crypto.randomFillSync(b, 0, 4);
        return b.subarray(4).every((x) => x === 0); });
    check(() => { const a = new Uint32Array(32);
        return crypto.randomFillSync(a) === a && a.some((x) => x > 65535); });
    check(() => crypto.randomFillSync(Buffer.alloc(4), 5));
    check(() => crypto.randomFillSync('x'), (error) => error.code);
    check(() => Array.from({ length: 200 }, () => crypto.randomInt(3)).every((x) => x >= 0 && x < 3));
    check(() => Array.from({ length: 200 }, () => crypto.randomInt(-3,
        3)).every((x) => x >= -3 && x < 3));
    check(() => crypto.randomInt(1));
    check(() => crypto.randomInt(0));
    check(() => crypto.randomInt(5, 5));
    check(() => crypto.randomInt(1.5));
    check(() => crypto.randomInt('5'));
    check(() => crypto.randomInt(2 ** 50));
    check(() =>
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()));
    check(() => crypto.getRandomValues(new Uint8Array(40)).some((x) => x !== 0));
    check(() => crypto.getHashes().includes('sha256'));
}

module.exports = (check) => {
    digests(check);
    hmacs(check);
    random(check);
};
