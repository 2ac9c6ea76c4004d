// Numbers in a Buffer: readUInt8 to writeDoubleBE, with the bounds and the errors of Node.js.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kBufferNumbersScript = R"js((function (native, need) {
'use strict';
const { argumentType, outOfRange, outOfBounds, checkNumber } = need('#errors');
const methods = {};
const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

// That `count` bytes from `offset` on are there.
function boundsError(value, most, name = 'offset', least = 0) {
    if (Math.floor(value) !== value) {
        checkNumber(value, name);
        return outOfRange(name, 'an integer', value);
    }
    return most < 0 ? outOfBounds() : outOfRange(name, `>= ${least} and <= ${most}`, value);
}
function checkPlace(bytes, offset, count) {
    checkNumber(offset, 'offset');
    if (bytes[offset] === undefined || bytes[offset + count - 1] === undefined) {
        throw boundsError(offset, bytes.length - count);
    }
}
function checkCount(count) {
    if (count === undefined) throw argumentType('byteLength', 'of type number', count);
    if (!(Number.isInteger(count) && count >= 1 && count <= 6)) throw boundsError(count, 6, 'byteLength',
        1);
}

// --- whole numbers of 1 to 6 bytes -----------------------------------------------------------------

function read(bytes, offset, kind) {
    let value = 0;
    for (let i = 0; i < kind.count; ++i) {
        value = value * 256 + bytes[offset + (kind.little ? kind.count - 1 - i : i)];
    }
    return kind.signed && value >= 2 ** (8 * kind.count - 1) ? value - 2 ** (8 * kind.count) : value;
}
function write(bytes, value, offset, kind) {
    let rest = Math.trunc(value) || 0;
    if (rest < 0) rest += 2 ** (8 * kind.count);
    for (let i = 0; i < kind.count; ++i) {
        bytes[offset + (kind.little ? i : kind.count - 1 - i)] = rest % 256;
        rest = Math.floor(rest / 256);
    }
    return offset + kind.count;
}
// Which numbers there are, in Node.js's words.
function rangeOf({ count, signed, isBig }) {
    const [n, bits] = [isBig ? 'n' : '', 8 * count];
    if (count > 4) {
        return signed ? `>= -(2${n} ** ${bits - 1}${n}) and < 2${n} ** ${bits - 1}${n}`
            : `>= 0${n} and < 2${n} ** ${bits}${n}`;
    }
    return signed ? `>= ${-(2 ** (bits - 1))} and <= ${2 ** (bits - 1) - 1}`
        : `>= 0 and <= ${2 ** bits - 1}`;
}
function checkValue(value, kind) {
    const bits = 8 * kind.count;
    const least = kind.signed ? -(2 ** (bits - 1)) : 0;
    if (value < least || value > 2 ** (kind.signed ? bits - 1 : bits) - 1) {
        throw outOfRange('value', rangeOf(kind), value);
    }
}

function addWhole(name, kind) {
    methods[`read${name}`] = function (offset = 0) {
        checkPlace(this, offset, kind.count);
        return read(this, offset, kind);
    };
    methods[`write${name}`] = function (value, offset = 0) {
        const number = +value;
        if (kind.count === 1) checkNumber(offset, 'offset');
        checkValue(number, kind);
        checkPlace(this, offset, kind.count);
        return write(this, number, offset, kind);
    };
}
// With the number of bytes as an argument.
function addAnyLength(name, form) {
    methods[`read${name}`] = function (offset, count) {
        if (offset === undefined) throw argumentType('offset', 'of type number', offset);
        checkCount(count);
        checkPlace(this, offset, count);
        return read(this, offset, { ...form, count });
    };
    methods[`write${name}`] = function (value, offset, count) {
        checkCount(count);
        const number = +value;
        if (count === 1) {
            const place = offset === undefined ? 0 : offset;
            return methods[form.signed ? 'writeInt8' : 'writeUInt8'].call(this, number, place);
        }
        checkValue(number, { ...form, count });
        checkPlace(this, offset, count);
        return write(this, number, offset, { ...form, count });
    };
}

for (const [word, signed] of [['UInt', false], ['Int', true]]) {
    addWhole(`${word}8`, { count: 1, signed, little: false });
    for (const [end, little] of [['LE', true], ['BE', false]]) {
        addWhole(`${word}16${end}`, { count: 2, signed, little });
        addWhole(`${word}32${end}`, { count: 4, signed, little });
        addAnyLength(`${word}${end}`, { signed, little });
    }
}

// --- those of a DataView ---------------------------------------------------------------------------

function checkBig(value, kind) {
    const [least, most] = kind.signed ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
    if (value < least || value > most) throw outOfRange('value', rangeOf(kind), value);
}
for (const [end, little] of [['LE', true], ['BE', false]]) {
    for (const [word, count] of [['Float', 4], ['Double', 8]]) {
        const name = `Float${8 * count}`;
        methods[`read${word}${end}`] = function (offset = 0) {
            checkPlace(this, offset, count);
            return view(this)[`get${name}`](offset, little);
        };
        methods[`write${word}${end}`] = function (value, offset = 0) {
            const number = +value;
            checkPlace(this, offset, count);
            view(this)[`set${name}`](offset, number, little);
            return offset + count;
        };
    }
    for (const [word, of, signed] of [['BigUInt64', 'BigUint64', false], ['BigInt64', 'BigInt64',
        true]]) {
        methods[`read${word}${end}`] = function (offset = 0) {
            checkPlace(this, offset, 8);
            return view(this)[`get${of}`](offset, little);
        };
        methods[`write${word}${end}`] = function (value, offset = 0) {
            checkBig(value, { count: 8, signed, isBig: true });
            checkPlace(this, offset, 8);
            if (typeof value !== 'bigint') throw new TypeError('Cannot mix BigInt and other types');
            view(this)[`set${of}`](offset, value, little);
            return offset + 8;
        };
    }
}

// Node.js has a second name for those without a sign: readUint8.
for (const name of Object.keys(methods)) {
    if (name.includes('UInt')) methods[name.replace('UInt', 'Uint')] = methods[name];
}

for (const bits of [16, 32, 64]) {
    const size = bits / 8;
    methods[`swap${bits}`] = function () {
        if (this.length % size !== 0) {
            throw need('#errors').coded(RangeError, 'ERR_INVALID_BUFFER_SIZE',
                `Buffer size must be a multiple of ${bits}-bits`);
        }
        for (let at = 0; at < this.length; at += size) {
            Uint8Array.prototype.reverse.call(this.subarray(at, at + size));
        }
        return this;
    };
}
return methods;
}))js";

}  // namespace wsblast::js
