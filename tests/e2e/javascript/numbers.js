'use strict';

const OFFSETS = [undefined, 0, 1, 8, 9, 15, 16, 17, -1, 1.5, NaN, '1', null, Infinity];
const VALUES = [0, 1, -1, 127, 128, -128, -129, 255, 256, 1.9, -1.9, NaN, Infinity, '12', 'x', 2 ** 31,
    -(2 ** 31) - 1, 2 ** 32 - 1,
    2 ** 32, 2 ** 47, 2 ** 48 - 1, 2 ** 48, -(2 ** 47), 0.1, -0, 1e40, 3.5e-46, true, null, undefined];
const BIGS = [0n, -1n, 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n, -(2n ** 63n),
    -(2n ** 63n) - 1n];
const WHOLE = ['UInt8', 'Int8', 'UInt16LE', 'UInt16BE', 'Int16LE', 'Int16BE', 'UInt32LE', 'UInt32BE',
    'Int32LE', 'Int32BE', 'Uint8',
    'Uint32BE', 'FloatLE', 'FloatBE', 'DoubleLE', 'DoubleBE'];
const OPEN = ['UIntLE', 'UIntBE', 'IntLE', 'IntBE', 'UintLE'];
const BIG = ['BigInt64LE', 'BigInt64BE', 'BigUInt64LE', 'BigUInt64BE', 'BigUint64BE'];
const source = Buffer.from([0xff, 0x80, 1, 0x7f, 0xfe, 0xdc, 0xba, 0x98, 0, 0x3f, 0xf0, 0x40, 0x49, 0x0f,
    0xdb, 0xc0]);

module.exports = (check, print) => {
    const run = (title, make) => {
        try {
            const value = make();
            print(`${title} -> ${Object.is(value, -0) ? '-0' : String(value)}`);
        } catch (error) {
            print(`${title} -> throws ${error.name} ${error.code} ${error.code ? error.message : ''}`);
        }
    };
    for (const name of [...WHOLE, ...BIG]) {
        for (const offset of OFFSETS) run(`read${name} ${offset}`, () => source[`read${name}`](offset));
        for (const value of BIG.includes(name) ? BIGS : VALUES) {
            run(`write${name} ${value}`, () => { const b = Buffer.alloc(12, 1);
                return [b[`write${name}`](value, 2), b.join(' ')]; });
        }
        for (const offset of OFFSETS) {
            const value = BIG.includes(name) ? 1n : 1;
            run(`write${name} at ${offset}`, () => { const b = Buffer.alloc(16);
                return [b[`write${name}`](value, offset), b.join(' ')]; });
        }
        run(`read${name} of none`, () => Buffer.alloc(0)[`read${name}`]());
        run(`write${name} to none`, () => Buffer.alloc(0)[`write${name}`](BIG.includes(name) ? 0n : 0));
    }
    for (const name of OPEN) {
        for (const size of [0, 1, 2, 3, 4, 5, 6, 7, 1.5, undefined, NaN, '3']) {
            for (const offset of [0, 3, 14, undefined, 1.5]) {
                run(`read${name} ${offset} ${size}`, () => source[`read${name}`](offset, size));
            }
            for (const value of VALUES) {
                run(`write${name} ${value} ${size}`, () => { const b = Buffer.alloc(12);
                    return [b[`write${name}`](value, 2, size), b.join(' ')]; });
            }
        }
    }
    run('a number for a big one', () => Buffer.alloc(8).writeBigInt64LE(5));
    check(() => source.subarray(2).readUInt16BE(1));
};
