// The globals, the context of a user with its socket, and the built-in modules.
#include "js/prelude.hpp"

namespace wsblast::js {

const char* const kPreludeScript = R"js((function (native, shown, scenarios, vars) {
'use strict';
const { format } = shown;
Object.assign(native, { inspect: shown.inspect, custom: shown.custom, format });

// --- console ---------------------------------------------------------------------------------------

const [DEBUG, INFO, WARNING, ERROR] = [0, 1, 2, 3];
const print = (level) => (...args) => native.log(level, format(...args));
const warned = new Set();
function warnOnce(text) {
    if (warned.has(text)) return;
    warned.add(text);
    native.log(WARNING, text);
}

const timings = new Map();
const counts = new Map();
function elapsed(label) {
    if (!timings.has(label)) return;
    native.log(INFO, `${label}: ${(native.now() - timings.get(label)).toFixed(3)}ms`);
}
const console = {
    debug: print(DEBUG), trace: print(DEBUG), log: print(INFO), info: print(INFO), group: print(INFO),
    groupCollapsed: print(INFO), groupEnd() {}, dir: (value) => console.log(value),
    table: (value) => console.log(value),
    warn: print(WARNING), error: print(ERROR),
    assert(truth, ...args) {
        if (!truth) native.log(ERROR, ['Assertion failed', format(...args)].filter(Boolean).join(': '));
    },
    time: (label = 'default') => void timings.set(label, native.now()),
    timeLog: (label = 'default') => elapsed(label),
    timeEnd(label = 'default') {
        elapsed(label);
        timings.delete(label);
    },
    count(label = 'default') {
        counts.set(label, (counts.get(label) || 0) + 1);
        native.log(INFO, `${label}: ${counts.get(label)}`);
    },
};

// --- timers ----------------------------------------------------------------------------------------

// What setTimeout returns: a number where one is asked for.
class Timeout {
    constructor(number) {
        this.number = number;
    }
    ref() { return this; }
    unref() { return this; }
    hasRef() { return true; }
    close() { native.clearTimer(this.number); return this; }
    [Symbol.toPrimitive]() { return this.number; }
}

function startTimer(fn, ms, args, repeats) {
    if (typeof fn !== 'function') throw new TypeError('setTimeout and setInterval take a function');
    return new Timeout(native.setTimer(args.length === 0 ? fn : () => fn(...args), ms, repeats));
}
const setTimeout = (fn, ms, ...args) => startTimer(fn, ms, args, false);
const setInterval = (fn, ms, ...args) => startTimer(fn, ms, args, true);
const setImmediate = (fn, ...args) => startTimer(fn, 1, args, false);
function clearTimer(timer) {
    if (timer !== undefined && timer !== null) native.clearTimer(Number(timer));
}
function queueMicrotask(fn) {
    Promise.resolve().then(fn);
}

// --- process, performance, crypto ------------------------------------------------------------------

function hrtime(since) {
    const ns = Math.round(native.now() * 1e6);
    const [seconds, rest] = [Math.floor(ns / 1e9), ns % 1e9];
    if (since === undefined) return [seconds, rest];
    const behind = rest < since[1] ? 1 : 0;
    return [seconds - since[0] - behind, rest - since[1] + behind * 1e9];
}
hrtime.bigint = () => BigInt(Math.round(native.now() * 1e6));
const process = {
    env: native.environment(), argv: [], platform: 'linux', hrtime, uptime: () => native.now() / 1000,
    cwd: native.workingFolder,
    nextTick: (fn, ...args) => queueMicrotask(() => fn(...args)),
    exit() {
        throw new Error('process.exit() is not supported: a function ends with done(error)');
    },
};
const performance = { now: () => native.now(), timeOrigin: Date.now() };

const hex = (byte) => (byte + 256).toString(16).slice(1);
function getRandomValues(bytes) {
    for (let i = 0; i < bytes.length; ++i) bytes[i] = Math.random() * 4294967296;
    return bytes;
}
const crypto = {
    getRandomValues,
    randomUUID() {
        const bytes = getRandomValues(new Uint8Array(16));
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        const text = Array.from(bytes, hex).join('');
        return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map((part) => text.slice(...part)).join('-');
    },
};
native.crypto = crypto;

// --- modules ---------------------------------------------------------------------------------------

const pauses = {
    setTimeout: (ms, value) => new Promise((done) => setTimeout(done, ms, value)),
    setImmediate: (value) => new Promise((done) => setImmediate(done, value)),
};
// What util.promisify() makes of them.
for (const [name, fn] of Object.entries({ setTimeout, setImmediate })) {
    Object.defineProperty(fn, Symbol.for('nodejs.util.promisify.custom'), { value: pauses[name] });
}
const timers = { setTimeout, setInterval, setImmediate, clearTimeout: clearTimer, clearInterval: clearTimer,
    clearImmediate: clearTimer };
const made = new Map(Object.entries({
    console, process, perf_hooks: { performance }, timers,
    'timers/promises': pauses,
}));
// A module by its name, made where it is first asked for; undefined: there is none.
function need(name) {
    if (!made.has(name)) {
        const make = native.load(name);
        if (make === undefined) return undefined;
        made.set(name, make(native, need));
    }
    return made.get(name);
}

Object.assign(globalThis, { console, ...timers, queueMicrotask, process, performance, crypto,
    global: globalThis });
// Globals that most scripts never touch.
const LAZY = { Buffer: 'buffer', TextEncoder: '#text', TextDecoder: '#text', atob: '#text', btoa: '#text',
    URL: 'url', URLSearchParams: '#query' };
for (const [name, module] of Object.entries(LAZY)) {
    const keep = (value) => {
        Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
        return value;
    };
    Object.defineProperty(globalThis, name, {
        get: () => keep(need(module)[name]), set: keep, configurable: true,
    });
}
if (!Error.captureStackTrace) Error.captureStackTrace = () => {};

// --- context.ws ------------------------------------------------------------------------------------

// A handler: {fn, once, event}. Lists are never changed, but replaced: they may be running.
function setHandlers(socket, handlers) {
    socket._handlers = handlers;
    native.listen(socket, handlers.length > 0 || typeof socket._onmessage === 'function');
}
function add(socket, name, handler) {
    if (typeof handler.fn !== 'function') throw new TypeError('a handler of context.ws is a function');
    if (name === 'message') {
        setHandlers(socket, [...(socket._handlers || []), handler]);
    } else {
        warnOnce(`context.ws.on('${name}'): handlers of 'message' alone are called`);
    }
    return socket;
}
function remove(socket, name, fn) {
    const handlers = socket._handlers || [];
    const found = name === 'message' ? handlers.findIndex((handler) => handler.fn === fn) : -1;
    if (found >= 0) setHandlers(socket, handlers.filter((_, i) => i !== found));
    return socket;
}
const refuse = (name, instead) => () => {
    throw new Error(`context.ws.${name}() is not supported: ${instead}`);
};

const socketProto = {
    send: native.send,
    get readyState() { return native.isOpen(this) ? 1 : 3; },
    on(name, fn) { return add(this, name, { fn, once: false, event: false }); },
    once(name, fn) { return add(this, name, { fn, once: true, event: false }); },
    off(name, fn) { return remove(this, name, fn); },
    addEventListener(name, fn, options) {
        add(this, name, { fn, once: Boolean(options && options.once), event: true });
    },
    removeEventListener(name, fn) { remove(this, name, fn); },
    removeAllListeners(name) {
        if (name === undefined || name === 'message') setHandlers(this, []);
        return this;
    },
    listeners(name) {
        return name === 'message' ? (this._handlers || []).map((handler) => handler.fn) : [];
    },
    listenerCount(name) { return this.listeners(name).length; },
    get onmessage() { return this._onmessage || null; },
    set onmessage(fn) {
        this._onmessage = fn;
        setHandlers(this, this._handlers || []);
    },
    close: refuse('close', 'the connection is closed after the last step'),
    terminate: refuse('terminate', 'the connection is closed after the last step'),
    ping: refuse('ping', 'wsblast answers pings'),
};
socketProto.addListener = socketProto.on;
socketProto.removeListener = socketProto.off;
['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].forEach((name, i) => { socketProto[name] = i; });

function deliver(socket, text) {
    const handlers = socket._handlers;
    const event = () => ({ type: 'message', data: text, target: socket });
    if (typeof socket._onmessage === 'function') socket._onmessage(event());
    if (handlers === undefined) return;
    for (const handler of handlers) {
        if (handler.once) remove(socket, 'message', handler.fn);
        handler.fn.call(socket, handler.event ? event() : text);
    }
}

// --- context and events ----------------------------------------------------------------------------

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const randomInt = (low, high) => low + Math.floor(Math.random() * (high - low));
const funcs = {
    $randomNumber: (low, high) => randomInt(Number(low), Number(high) + 1),
    $randomString: (length = 10) => Array.from({ length }, () => LETTERS[randomInt(0, 62)]).join(''),
};
// A random UUID of each object that inherits it: most users never ask for theirs.
function lazyUuid(name) {
    const keep = (object, value) => {
        Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: true });
        return value;
    };
    return {
        get() { return keep(this, crypto.randomUUID()); },
        set(value) { keep(this, value); },
    };
}
const contextProto = Object.defineProperty({}, '_uid', lazyUuid('_uid'));
// What all users have: inherited, so that it costs none of them anything.
const varsProto = Object.assign({ $processEnvironment: process.env, $env: process.env }, ...vars);
Object.defineProperty(varsProto, '$uuid', lazyUuid('$uuid'));
function newContext(socket, scenario) {
    return { __proto__: contextProto, vars: { __proto__: varsProto }, ws: socket,
        scenario: scenarios[scenario], funcs };
}

const KINDS = { counter: 0, histogram: 1, rate: 2 };
const events = {
    emit(kind, name, value) {
        if (Object.hasOwn(KINDS, kind)) {
            native.emit(KINDS[kind], name, value === undefined ? 1 : value);
        } else if (kind === 'error') {
            native.emit(KINDS.counter, `errors.${name && name.message || name}`, 1);
        } else {
            warnOnce(`events.emit('${kind}'): it takes 'counter', 'histogram', 'rate' and 'error'`);
        }
        return true;
    },
    on(name) {
        warnOnce(`events.on('${name}'): such events are not emitted`);
        return events;
    },
};
events.once = events.addListener = events.on;
events.removeListener = events.off = () => events;

// --- for the machine -------------------------------------------------------------------------------

const isAsync = (fn) => fn.constructor.name === 'AsyncFunction';
// The first condition that holds, in the package's order, as Node.js has it.
const CONDITIONS = ['node', 'require', 'default'];
function pick(target) {
    if (typeof target !== 'object' || target === null) return target;
    for (const [condition, inner] of Object.entries(target)) {
        const found = CONDITIONS.includes(condition) && pick(inner);
        if (found) return found;
    }
    return undefined;
}
// What is exported as `path`, where a * in its name stands for a part of it.
function exported(map, path) {
    if (Object.hasOwn(map, path)) return pick(map[path]);
    for (const [name, target] of Object.entries(map)) {
        const [head, tail] = name.split('*');
        const isLike = tail !== undefined && path.startsWith(head) && path.endsWith(tail) &&
            path.length >= name.length;
        const found = isLike && pick(target);
        if (found) return found.replaceAll('*', path.slice(head.length, path.length - tail.length));
    }
    return undefined;
}
// The file of a module, or of what lies in it ('./x'), from its package.json; undefined: as folders have it.
function entryOf(text, path) {
    const { main, exports } = JSON.parse(text);
    const isMap = typeof exports === 'object' && exports !== null && '.' in exports;
    return exported(isMap ? exports : { '.': exports }, path) || (path === '.' ? main : undefined);
}
// A built-in module by its name; undefined: there is none of that name here.
const builtin = (name) => name.startsWith('#') ? undefined : need(name);
return { newContext, deliver, isAsync, entryOf, builtin, events, socketProto };
}))js";

}  // namespace wsblast::js
