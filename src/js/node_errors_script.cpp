// What the modules of Node.js throw: its codes and its sentences, and the checks of arguments they
// share.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kNodeErrorsScript = R"js((function (native, need) {
'use strict';

// As Node.js makes them: `code` is the error's own, and its text has it.
function coded(Type, code, message) {
    const error = new Type(message);
    Object.defineProperty(error, 'toString', {
        value() { return `${this.name} [${code}]: ${this.message}`; },
        enumerable: false, writable: true, configurable: true,
    });
    error.code = code;
    return error;
}

// What came instead of what was asked for.
function received(value) {
    if (value === null || value === undefined) return String(value);
    if (typeof value === 'function') return `function ${value.name}`;
    if (typeof value === 'object') {
        return value.constructor && value.constructor.name
            ? `an instance of ${value.constructor.name}` : native.inspect(value);
    }
    const text = native.inspect(value);
    return `type ${typeof value} (${text.length > 28 ? `${text.slice(0, 25)}...` : text})`;
}
function grouped(value) {
    const isLong = typeof value === 'bigint' ? value > 2n ** 32n || value < -(2n ** 32n)
        : Number.isInteger(value) && Math.abs(value) > 2 ** 32;
    if (!isLong) return native.inspect(value);
    return String(value).replace(/(?<=[^-])(?=(?:.{3})+$)/g,
        '_') + (typeof value === 'bigint' ? 'n' : '');
}

function argumentType(name, expected, value) {
    const what = name.endsWith(' argument') ? `The ${name}` : `The "${name}" ${name.includes('.')
        ? 'property' : 'argument'}`;
    return coded(TypeError, 'ERR_INVALID_ARG_TYPE',
        `${what} must be ${expected}. Received ${received(value)}`);
}
function argumentValue(name, value, reason = 'is invalid') {
    const what = name.includes('.') ? 'property' : 'argument';
    return coded(TypeError, 'ERR_INVALID_ARG_VALUE',
        `The ${what} '${name}' ${reason}. Received ${native.inspect(value)}`);
}
function outOfRange(name, range, value) {
    return coded(RangeError, 'ERR_OUT_OF_RANGE',
        `The value of "${name}" is out of range. It must be ${range}. Received ${grouped(value)}`);
}
function outOfBounds(name) {
    return coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', name === undefined
        ? 'Attempt to access memory outside buffer bounds' : `"${name}" is outside of buffer bounds`);
}
const unknownEncoding = (name) => coded(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${name}`);

function checkNumber(value, name, low, high) {
    if (typeof value !== 'number') throw argumentType(name, 'of type number', value);
    const above = low === undefined || value >= low;
    const below = high === undefined || value <= high;
    if (above && below && !(Number.isNaN(value) && low !== undefined)) return;
    const range = [low === undefined ? '' : `>= ${low}`, high === undefined ? '' : `<= ${high}`];
    throw outOfRange(name, range.filter(Boolean).join(' && '), value);
}
function checkInteger(value, name, low = Number.MIN_SAFE_INTEGER, high = Number.MAX_SAFE_INTEGER) {
    if (typeof value !== 'number') throw argumentType(name, 'of type number', value);
    if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
    if (value < low || value > high) throw outOfRange(name, `>= ${low} && <= ${high}`, value);
}
function checkString(value, name) {
    if (typeof value !== 'string') throw argumentType(name, 'of type string', value);
}
function checkFunction(value, name) {
    if (typeof value !== 'function') throw argumentType(name, 'of type function', value);
}

// What Node.js has and we have not: whoever takes it is told so, at once.
function refuse(object, module, names) {
    for (const name of names) {
        Object.defineProperty(object, name, {
            get() { throw new Error(`require('${module}').${name} is not supported`); },
            enumerable: false, configurable: true,
        });
    }
    return object;
}

return { coded, argumentType, argumentValue, outOfRange, outOfBounds, unknownEncoding, checkNumber,
    checkInteger, checkString, checkFunction, refuse };
}))js";

}  // namespace wsblast::js
