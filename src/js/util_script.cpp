// require('util'): what libraries take of it.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kUtilScript = R"js((function (native, need) {
'use strict';
const { coded, argumentType, checkFunction, refuse } = need('#errors');
const { TextEncoder, TextDecoder } = need('#text');
const WARNING = 2;
const custom = Symbol.for('nodejs.util.promisify.custom');

// --- callbacks and promises ------------------------------------------------------------------------

function promisify(original) {
    checkFunction(original, 'original');
    const own = original[custom];
    if (own !== undefined && own !== null) {
        checkFunction(own, 'util.promisify.custom');
        return Object.defineProperty(own, custom, { value: own, configurable: true });
    }
    function promised(...args) {
        return new Promise((resolve, reject) => {
            original.call(this, ...args, (error, value) => error ? reject(error) : resolve(value));
        });
    }
    Object.setPrototypeOf(promised, Object.getPrototypeOf(original));
    Object.defineProperties(promised, Object.getOwnPropertyDescriptors(original));
    return Object.defineProperty(promised, custom, { value: promised, configurable: true });
}
promisify.custom = custom;

// The callback is called outside of the promise: what it throws is nobody's rejection.
function callbackify(original) {
    checkFunction(original, 'original');
    function called(...args) {
        const done = args.pop();
        checkFunction(done, 'last argument');
        const fail = (reason) => {
            const error = reason || Object.assign(coded(Error, 'ERR_FALSY_VALUE_REJECTION',
                'Promise was rejected with falsy value'), { reason });
            process.nextTick(() => done.call(this, error));
        };
        Reflect.apply(original, this, args).then(
            (value) => process.nextTick(() => done.call(this, null, value)), fail);
    }
    const properties = Object.getOwnPropertyDescriptors(original);
    if (typeof properties.length.value === 'number') ++properties.length.value;
    if (typeof properties.name.value === 'string') properties.name.value += 'Callbackified';
    return Object.defineProperties(called, properties);
}

// --- classes, warnings -----------------------------------------------------------------------------

function inherits(ctor, base) {
    checkFunction(ctor, 'ctor');
    checkFunction(base, 'superCtor');
    if (base.prototype === undefined) throw argumentType('superCtor.prototype', 'of type object',
        undefined);
    Object.defineProperty(ctor, 'super_', { value: base, writable: true, configurable: true });
    Object.setPrototypeOf(ctor.prototype, base.prototype);
}
function deprecate(fn, text, code) {
    let isTold = false;
    function deprecated(...args) {
        if (!isTold) native.log(WARNING, `DeprecationWarning: ${text}${code ? ` (${code})` : ''}`);
        isTold = true;
        return new.target ? Reflect.construct(fn, args, new.target) : Reflect.apply(fn, this, args);
    }
    Object.setPrototypeOf(deprecated, fn);
    if (fn.prototype) deprecated.prototype = fn.prototype;
    return deprecated;
}

// --- types -----------------------------------------------------------------------------------------

// Whether the method works on the value: it does on its own class's only.
const brand = (method, ...args) => (value) => {
    try {
        method.call(value, ...args);
        return true;
    } catch (_) {
        return false;
    }
};
const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype),
    Symbol.toStringTag).get;
const isArrayBuffer = brand(Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get);
const kindOf = (value) => typeof value === 'function' ? Object.getPrototypeOf(value) : null;
const proto = (fn) => Object.getPrototypeOf(fn);
const ASYNC = [proto(async () => {}), proto(async function* () {})];
const GENERATORS = [proto(function* () {}), proto(async function* () {})];
const types = {
    isDate: brand(Date.prototype.valueOf),
    isMap: brand(Map.prototype.has, 0), isSet: brand(Set.prototype.has, 0),
    isWeakMap: brand(WeakMap.prototype.has, {}), isWeakSet: brand(WeakSet.prototype.has, {}),
    isRegExp: (value) => value instanceof RegExp, isPromise: (value) => value instanceof Promise,
    isNativeError: (value) => value instanceof Error,
    isTypedArray: (value) => tagOf.call(value) !== undefined,
    isArrayBufferView: ArrayBuffer.isView, isArrayBuffer, isAnyArrayBuffer: isArrayBuffer,
    isAsyncFunction: (value) => ASYNC.includes(kindOf(value)),
    isGeneratorFunction: (value) => GENERATORS.includes(kindOf(value)),
};
for (const array of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array,
    Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array]) {
    types[`is${array.name}`] = (value) => tagOf.call(value) === array.name;
}
for (const box of [Number, String, Boolean, BigInt, Symbol]) {
    const unbox = brand(box.prototype.valueOf);
    types[`is${box.name}Object`] = (value) =>
        typeof value === 'object' && value !== null && unbox(value);
}
types.isBoxedPrimitive = (value) => ['Number', 'String', 'Boolean', 'BigInt', 'Symbol'].some(
    (name) => types[`is${name}Object`](value));

// On one line, whatever the options say of lines and of colours.
function inspect(value, options, depth) {
    const given = typeof options === 'object' && options !== null ? options.depth : depth;
    return native.inspect(value, given);
}
inspect.custom = native.custom;

return refuse({ promisify, callbackify, inherits, deprecate, inspect, format: native.format, types,
    isArray: Array.isArray, TextEncoder, TextDecoder },
'util', ['isDeepStrictEqual', 'parseArgs', 'styleText', 'stripVTControlCharacters', 'formatWithOptions',
    'debuglog', 'debug', 'MIMEType', 'aborted', 'getSystemErrorName', 'toUSVString']);
}))js";

}  // namespace wsblast::js
