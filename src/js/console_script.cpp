// console.log's way with values: text as it is, the rest as one reads it in Node.js, on one line.
#include "js/prelude.hpp"

namespace wsblast::js {

const char* const kConsoleScript = R"js((function () {
'use strict';
const DEPTH = 2;
const ITEMS_MAX = 100;
// By what objects show themselves, as Node.js calls it.
const custom = Symbol.for('nodejs.util.inspect.custom');
let depthMax = DEPTH;

function quoted(text) {
    const inner = text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
    return inner.includes("'") && !inner.includes('"') ? `"${inner}"` : `'${inner.replace(/'/g, "\\'")}'`;
}

function keyOf(key) {
    if (typeof key === 'symbol') return `[${String(key)}]`;
    return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
}

function error(value) {
    const head = String(value);
    const where = String(value.stack || '').split('\n').filter((line) => line !== '');
    return [head, ...where.map((line) => `    at ${line}`)].join('\n');
}

// "Name " before what is no plain object.
function classOf(value) {
    const proto = Object.getPrototypeOf(value);
    if (proto === null) return '[Object: null prototype] ';
    const name = typeof proto.constructor === 'function' ? proto.constructor.name : '';
    return name === '' || name === 'Object' || name === 'Array' ? '' : `${name} `;
}

function wrapped(head, open, items, close) {
    return items.length === 0 ? `${head}${open}${close}` : `${head}${open} ${items.join(', ')} ${close}`;
}

function listed(values, show) {
    const items = [];
    for (const value of values) {
        if (items.length === ITEMS_MAX) {
            items.push('...');
            break;
        }
        items.push(show(value));
    }
    return items;
}

function primitive(value) {
    if (typeof value === 'string') return quoted(value);
    if (typeof value === 'bigint') return `${value}n`;
    return Object.is(value, -0) ? '-0' : String(value);
}

function object(value, seen) {
    if (seen.includes(value)) return '[Circular *1]';
    if (value instanceof Error) return error(value);
    if (value instanceof Date) return isNaN(value) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return 'Promise { }';
    if (typeof value[custom] === 'function') {
        const shown = value[custom](depthMax - seen.length, {}, inspect);
        if (typeof shown === 'string') return shown;
        if (shown !== value) return inspect(shown, seen);
    }
    const isArray = Array.isArray(value);
    if (seen.length > depthMax) return isArray ? '[Array]' : `[${classOf(value).trim() || 'Object'}]`;
    const inner = [...seen, value];
    const show = (item) => inspect(item, inner);
    if (isArray) return wrapped(classOf(value), '[', listed(value, show), ']');
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
        return wrapped(`${value.constructor.name}(${value.length}) `, '[', listed(value, show), ']');
    }
    if (value instanceof Set) return wrapped(`Set(${value.size}) `, '{', listed(value, show), '}');
    if (value instanceof Map) {
        const items = listed(value, ([key, item]) => `${show(key)} => ${show(item)}`);
        return wrapped(`Map(${value.size}) `, '{', items, '}');
    }
    const isShown = (key) => Object.prototype.propertyIsEnumerable.call(value, key);
    const keys = Reflect.ownKeys(value).filter(isShown);
    return wrapped(classOf(value), '{', listed(keys, (key) => `${keyOf(key)}: ${show(value[key])}`), '}');
}

function inspect(value, seen = []) {
    if (typeof value === 'function') {
        const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'Function';
        if (value.name === '') return `[${kind} (anonymous)]`;
        return kind === 'class' ? `[class ${value.name}]` : `[Function: ${value.name}]`;
    }
    return typeof value === 'object' && value !== null ? object(value, seen) : primitive(value);
}

function number(value) {
    return typeof value === 'object' || typeof value === 'symbol' ? NaN : Number(value);
}

// What stands for a % and a letter.
const HOLES = {
    s: (value) => typeof value === 'object' || typeof value === 'function' ? inspect(value)
        : typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : String(value),
    d: (value) => typeof value === 'bigint' ? `${value}n` : String(number(value)),
    i: (value) => typeof value === 'bigint' ? `${value}n` : String(parseInt(number(value), 10)),
    f: (value) => typeof value === 'symbol' ? 'NaN' : String(parseFloat(value)),
    j: (value) => {
        try {
            return JSON.stringify(value);
        } catch (_) {
            return '[Circular]';
        }
    },
    o: (value) => inspect(value),
    O: (value) => inspect(value),
    c: () => '',
};

function format(...args) {
    let next = 0;
    let head = [];
    if (typeof args[0] === 'string' && args.length > 1) {
        next = 1;
        head = [args[0].replace(/%([sdifjoOc%])/g, (hole, kind) => {
            if (kind === '%') return '%';
            return next < args.length ? HOLES[kind](args[next++]) : hole;
        })];
    }
    const rest = args.slice(next).map((value) => typeof value === 'string' ? value : inspect(value));
    return [...head, ...rest].join(' ');
}
// Of so many levels; null: of all.
function inspectTo(value, depth = DEPTH) {
    depthMax = depth === null ? Infinity : depth;
    try {
        return inspect(value);
    } finally {
        depthMax = DEPTH;
    }
}
return { format, inspect: inspectTo, custom };
}))js";

}  // namespace wsblast::js
