'use strict';

// Texts that are awkward in one encoding or another.
const TEXTS = ['', 'a', 'ab', 'abc', 'Grüße', '€', '😀', 'a😀b', '\ud800', 'x\udc00y', '\0\x7f\x80\xff',
    'é'.repeat(40),
    'ff00', 'FFf', 'zz', '0g12', 'abc1', '\u01300', 'YQ==', 'YWI=', 'YWJj', 'YW Jj\n', 'YQ=a', 'Y', 'YW',
        '-_-_+/+/',
    'YW*Jj\u0142Z', '====', 'YWI=YWI=', '//79', '__79', 'not base64!', '=YQ'];
const ENCODINGS = ['utf8', 'utf-8', 'UTF8', 'hex', 'base64', 'base64url', 'latin1', 'binary', 'ascii',
    'utf16le',
    'ucs2', 'UCS-2'];
const BYTES = [[], [0x61], [0xff], [0xc3, 0xa9], [0xc3], [0xe2, 0x82], [0xe2, 0x82, 0xac], [0xf0, 0x9f,
    0x98, 0x80],
    [0xf0, 0x9f, 0x98], [0xf0, 0x9f, 0x41], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80], [0xf4, 0x90,
        0x80, 0x80],
    [0xe0, 0x80, 0x80], [0x80, 0x80], [0xef, 0xbb, 0xbf, 0x61], [0xfe, 0xff, 0, 1, 2], [0x61, 0xe2, 0x82,
        0x62, 0xff]];

// Of what releases of Node.js say in different words.
const code = (error) => error.code;

function texts(check, print) {
    for (const encoding of ENCODINGS) {
        for (const text of TEXTS) {
            const bytes = Buffer.from(text, encoding);
            const length = Buffer.byteLength(text, encoding);
            print(`${encoding} ${JSON.stringify(text)} -> ${bytes.join(' ')} ${length}`);
        }
        for (const bytes of BYTES) {
            const text = Buffer.from(bytes).toString(encoding);
            print(`${encoding} ${bytes.join(' ')} -> ${JSON.stringify(text)}`);
        }
    }
    // Many that nobody thought of.
    let state = 1;
    const next = (below) => (state = state * 48271 % 2147483647) % below;
    for (let i = 0; i < 600; ++i) {
        const bytes = Buffer.from(Array.from({ length: next(12) },
            () => next(2) ? next(256) : 0x80 + next(128)));
        print(ENCODINGS.map((encoding) => JSON.stringify(bytes.toString(encoding))).join(' '));
        const text = Array.from({ length: next(9) }, () => 'YZabc019+/-_=*\n\u0142'[next(16)]).join('');
        const [a, b] = ['base64', 'base64url'].map((encoding) => Buffer.from(text, encoding).join(' '));
        print(`${JSON.stringify(text)} ${a} | ${b}`);
        print(`${bytes.compare(Buffer.from(text))} ${bytes.indexOf(text)} ${bytes.includes(next(256))}`);
    }
}

function makers(check) {
    const memory = new Uint8Array([1, 2, 3, 4, 5, 6]).buffer;
    check(() => Buffer.from([1, 2.9, -1, 256, '7', 'x', null]));
    check(() => Buffer.from(memory));
    check(() => Buffer.from(memory, 2));
    check(() => Buffer.from(memory, 2, 3));
    check(() => Buffer.from(memory, 'x', '2'));
    check(() => Buffer.from(memory, 7));
    check(() => Buffer.from(memory, 2, 5));
    check(() => Buffer.from(memory, 2, -5));
    check(() => Buffer.from(Buffer.from('copy')));
    check(() => { const a = Buffer.from('abc'); const b = Buffer.from(a); b[0] = 0; return a; });
    check(() => { const b = Buffer.from(memory, 1, 2); b[0] = 9; return new Uint8Array(memory); });
    check(() => Buffer.from(new Uint16Array([1, 258])));
    check(() => Buffer.from(new String('text')));
    check(() => Buffer.from({ length: 2, 0: 5, 1: 6 }));
    check(() => Buffer.from({ length: -1 }));
    check(() => Buffer.from({ type: 'Buffer', data: [1, 2] }));
    check(() => Buffer.from(JSON.parse(JSON.stringify(Buffer.from('again')))));
    check(() => Buffer.from({ [Symbol.toPrimitive]: () => 'primitive' }));
    for (const value of [5, null, undefined, true, {}, () => 1, Symbol.iterator,
        5n]) check(() => Buffer.from(value), code);
    check(() => Buffer.from('a', 'nope'));
    check(() => Buffer.from('a', ''));
    check(() => Buffer.from('a', null));
    check(() => Buffer.alloc(3));
    check(() => Buffer.alloc(5, 'ab'));
    check(() => Buffer.alloc(5, 'YWI=', 'base64'));
    check(() => Buffer.alloc(4, 300));
    check(() => Buffer.alloc(4, Buffer.from('xyz')));
    for (const size of [-1, NaN, '5', 2 ** 33, undefined]) check(() => Buffer.alloc(size),
        (error) => error.name);
    check(() => Buffer.allocUnsafe(7).length);
    check(() => Buffer.of(1, 2, 300));
    check(() => Buffer(3));
    check(() => new Buffer('abc'));
    check(() => Buffer.concat([Buffer.from('a'), new Uint8Array([98]), Buffer.from('c')]));
    check(() => Buffer.concat([Buffer.from('abc'), Buffer.from('def')], 4));
    check(() => Buffer.concat([Buffer.from('abc')], 5));
    check(() => Buffer.concat([]));
    check(() => Buffer.concat('x'));
    check(() => Buffer.concat([1]));
    check(() => Buffer.concat([Buffer.from('a')], -1), code);
}

function kinds(check) {
    const b = Buffer.from('abc');
    check(() => [Buffer.isBuffer(b), Buffer.isBuffer(new Uint8Array(1)), b instanceof Uint8Array,
        b instanceof Buffer]);
    check(() => [b.constructor === Buffer, typeof Buffer, Buffer.name]);
    check(() => [Buffer.isEncoding('utf8'), Buffer.isEncoding('nope'), Buffer.isEncoding(''),
        Buffer.isEncoding(5)]);
    check(() => [Buffer.byteLength(b), Buffer.byteLength(new ArrayBuffer(9)), Buffer.byteLength('é',
        'nope')]);
    check(() => Buffer.byteLength(5));
    check(() => b.toJSON());
    check(() => JSON.stringify({ b }));
    check(() => b.map((x) => x + 1));
    check(() => [Buffer.isBuffer(b.map((x) => x)), Buffer.isBuffer(b.filter(() => true))]);
    check(() => [...b.entries()].join(';'));
    check(() => `${b} ${b + ''} ${String(b)}`);
    check(() => require('util').inspect(b));
    check(() => require('util').inspect(Buffer.alloc(60)));
    check(() => require('util').inspect(Buffer.alloc(51)));
    check(() => require('util').inspect({ b: Buffer.alloc(0) }));
    check(() => require('buffer').Buffer === Buffer);
    check(() => Object.keys(b));
    check(() => { const all = [];
        for (const key in b) if (!(key in Uint8Array.prototype)) all.push(Number(key));
        return all.filter((k) => k >= 0); });
    check(() => b.buffer instanceof ArrayBuffer);
}

function parts(check) {
    const b = Buffer.from('0123456789');
    for (const [start, end] of [[], [2], [2, 5], [-3], [-3, -1], [5, 2], [0, 99], [-99, 3], ['2', '4'],
        [1.9, 3.9],
        [NaN, 2], [undefined, 3], [3, undefined], [null, 2], [Infinity], [-Infinity, 2]]) {
        check(() => [start, end, b.slice(start, end).toString(), b.subarray(start, end).toString()]);
        check(() => [start, end, b.toString('utf8', start, end), b.toString('hex', start, end)]);
    }
    check(() => { const s = b.slice(1, 3); s[0] = 65; return b.toString(); });
    check(() => { const t = Buffer.from('abcdef'); const s = t.subarray(2).subarray(1, 3); s[0] = 65;
        return t.toString(); });
    check(() => Buffer.isBuffer(b.subarray(1)));
    check(() => b.toString('nope'));
    check(() => b.toString(null));
    check(() => b.toString(undefined, 2, 4));
    check(() => b.equals(Buffer.from(b)));
    check(() => b.equals(new Uint8Array(10)));
    check(() => b.equals('x'));
    for (const [x, y] of [['a', 'b'], ['b', 'a'], ['a', 'a'], ['a', 'ab'], ['', 'a'], ['', '']]) {
        check(() => [Buffer.compare(Buffer.from(x), Buffer.from(y)),
            Buffer.from(x).compare(Buffer.from(y))]);
    }
    check(() => Buffer.compare('a', b));
    check(() => Buffer.compare(b, 'a'));
    check(() => b.compare('a'));
    check(() => b.compare(Buffer.from('x23'), 1, 3, 2, 4));
    check(() => b.compare(b, 5, 2));
    check(() => b.compare(b, 0, 11));
    check(() => b.compare(b, 0, 5, -1), code);
    check(() => b.compare(b, 0, 5, 0, 11));
    check(() => [Buffer.from('b'), Buffer.from('a'), Buffer.from('aa')].sort(Buffer.compare).join());
}

function searches(check, print) {
    const b = Buffer.from('abcabcabc');
    for (const what of ['abc', 'c', '', 'x', 'cab', 'abcabcabcd', 97, 99.9, 355, -159, Buffer.from('bc'),
        new Uint8Array([99])]) {
        for (const offset of [undefined, 0, 1, 4, 8, 9, 10, -1, -3, -9, -10, NaN, null, 1.5, -1.5,
            Infinity, -Infinity, {}]) {
            print([what, String(offset), b.indexOf(what, offset), b.lastIndexOf(what, offset),
                b.includes(what, offset)].join(' '));
        }
    }
    const wide = Buffer.from('aābāc', 'utf16le');
    for (const offset of [undefined, 0, 1, 2, 3, 4, 5, -2, -4, -5]) {
        const last = wide.lastIndexOf('ā', offset, 'ucs2');
        print(`wide ${offset} ${wide.indexOf('ā', offset, 'utf16le')} ${last}`);
    }
    check(() => b.indexOf('Ymc=', 'base64'));
    check(() => b.indexOf('YmM=', 2, 'base64'));
    check(() => b.indexOf('6263', 'hex'));
    check(() => b.indexOf('a', 0, 'nope'));
    check(() => b.indexOf('a', '2'));
    check(() => b.indexOf({}));
    check(() => b.indexOf());
    check(() => b.includes(null));
    check(() => Buffer.alloc(0).indexOf('a'));
    check(() => Buffer.alloc(0).indexOf(''));
    check(() => Buffer.alloc(0).lastIndexOf(1));
}

function changes(check) {
    const fresh = (size = 8) => Buffer.alloc(size, '.');
    const written = (...args) => { const b = fresh(); return [b.write(...args), b.toString('latin1')]; };
    for (const args of [['abc'], ['abc', 2], ['abc', 2, 2], ['abc', 'latin1'], ['abc', 6], ['abc', 1,
        'hex'], ['616263', 'hex'],
        ['61626', 3, 'hex'], ['é€😀'], ['é€😀', 4], ['é€😀', 1, 3], ['😀😀😀'], ['ab', 5, 'utf16le'], ['abcd',
            3, 5, 'utf16le'],
        ['YWJjZA==', 'base64'], ['YWJjZA==', 5, 'base64'], ['abc', 8], ['abc', 9], ['abc', -1], ['abc',
            1.5], ['abc', 0, 9],
        ['abc', '1'], ['abc', undefined, 3], ['abc', 1, undefined, 'hex'], ['abc', 0, 3, 'nope'], [''],
            ['a', 7]]) {
        check(() => [JSON.stringify(args), written(...args)]);
    }
    check(() => fresh().write(5));
    check(() => fresh().write());
    for (const args of [['a'], ['ab'], ['abc', 1], ['abc', 1, 4], ['é'], [0], [257], [-1], [1.5], ['', 1,
        3], ['x', 4, 2], ['a', 'latin1'],
        ['é', 'latin1'], ['61', 'hex'], ['é', 1, 'utf16le'], ['zz', 'hex'], ['a', 'nope'], ['a', 0, 9],
            ['a', -1], ['a', 1.5], ['a', 9],
        [true], [false], [null], [undefined], [Buffer.from('xyz')], [new Uint8Array([1, 2])],
            [Buffer.alloc(0)], [{}], ['a', 0, 4, 5], ['ab', null]]) {
        check(() => [JSON.stringify(args), fresh().fill(...args)], code);
    }
    const copied = (...args) => { const t = fresh(); return [Buffer.from('0123456789').copy(t, ...args),
        t.toString()]; };
    for (const args of [[], [2], [2, 5], [2, 5, 7], [9], [0, 10], [0, 11], [0, 5, 3], [-1], [0, -1], [0,
        0, -1], ['2', '3', '5'], [NaN, NaN, NaN],
        [1.9, 1.9, 3.9], [0, 0, 99], [null, null, 3], [{}, 1]]) {
        check(() => [JSON.stringify(args), copied(...args)]);
    }
    check(() => Buffer.from('a').copy('x'));
    check(() => { const b = Buffer.from('0123456789'); b.copy(b, 2, 0, 5); return b.toString(); });
    check(() => Buffer.from('12345678').swap16().toString());
    check(() => Buffer.from('12345678').swap32().toString());
    check(() => Buffer.from('12345678').swap64().toString());
    check(() => Buffer.from('123').swap16());
}

module.exports = (check, print) => {
    texts(check, print);
    makers(check);
    kinds(check);
    parts(check);
    searches(check, print);
    changes(check);
};
