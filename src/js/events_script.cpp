// require('events'): EventEmitter.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kEventsScript = R"js((function (native, need) {
'use strict';
const { coded, checkNumber, checkFunction, refuse } = need('#errors');
const WARNING = 2;

// A function, not a class: libraries call it on objects of their own (util.inherits).
function EventEmitter() {
    if (!Object.hasOwn(this, '_events')) this._events = Object.create(null);
}
EventEmitter.defaultMaxListeners = 10;
EventEmitter.EventEmitter = EventEmitter;
EventEmitter.errorMonitor = Symbol('events.errorMonitor');

// Lists are never changed, but replaced: they may be running.
function lists(emitter) {
    if (!Object.hasOwn(emitter, '_events')) emitter._events = Object.create(null);
    return emitter._events;
}
const listOf = (emitter, name) => lists(emitter)[name] || [];
const bare = (listener) => listener.listener || listener;

function warnOfMany(emitter, name, list) {
    const most = emitter.getMaxListeners();
    if (most === 0 || list.length <= most || lists(emitter)[name].warned) return;
    list.warned = true;
    native.log(WARNING, `MaxListenersExceededWarning: Possible EventEmitter memory leak detected. ` +
        `${list.length} ${String(name)} listeners added. Use emitter.setMaxListeners() to increase limit`);
}
function add(emitter, name, listener, isFirst) {
    checkFunction(listener, 'listener');
    if (listOf(emitter, 'newListener').length > 0) emitter.emit('newListener', name, bare(listener));
    const before = listOf(emitter, name);
    const list = isFirst ? [listener, ...before] : [...before, listener];
    list.warned = before.warned;
    lists(emitter)[name] = list;
    warnOfMany(emitter, name, list);
    return emitter;
}
function wrapOnce(emitter, name, listener) {
    checkFunction(listener, 'listener');
    let isOver = false;
    const wrapper = function (...args) {
        if (isOver) return undefined;
        emitter.removeListener(name, wrapper);
        isOver = true;
        return listener.apply(emitter, args);
    };
    wrapper.listener = listener;
    return wrapper;
}
function replace(emitter, name, list) {
    if (list.length > 0) lists(emitter)[name] = list;
    else delete lists(emitter)[name];
}
function failUnheard(error) {
    if (error instanceof Error) throw error;
    const text = native.inspect(error);
    throw Object.assign(coded(Error, 'ERR_UNHANDLED_ERROR', `Unhandled error. (${text})`),
        { context: error });
}

Object.assign(EventEmitter.prototype, {
    on(name, listener) { return add(this, name, listener, false); },
    prependListener(name, listener) { return add(this, name, listener, true); },
    once(name, listener) { return add(this, name, wrapOnce(this, name, listener), false); },
    prependOnceListener(name, listener) { return add(this, name, wrapOnce(this, name, listener), true);
        },
    off(name, listener) {
        checkFunction(listener, 'listener');
        const list = listOf(this, name);
        const at = list.map(bare).lastIndexOf(bare(listener));
        if (at < 0) return this;
        replace(this, name, list.filter((_, i) => i !== at));
        if (listOf(this, 'removeListener').length > 0) this.emit('removeListener', name, bare(list[at]));
        return this;
    },
    removeAllListeners(name) {
        const names = arguments.length > 0 ? [name]
            : this.eventNames().filter((one) => one !== 'removeListener');
        if (listOf(this, 'removeListener').length > 0) {
            for (const one of names) [...listOf(this, one)].reverse().forEach((fn) => this.off(one, fn));
        }
        for (const one of names) delete lists(this)[one];
        if (arguments.length === 0) this._events = Object.create(null);
        return this;
    },
    emit(name, ...args) {
        const { errorMonitor } = EventEmitter;
        if (name === 'error') listOf(this, errorMonitor).forEach((fn) => Reflect.apply(fn, this, args));
        const list = listOf(this, name);
        if (list.length === 0 && name === 'error') failUnheard(args[0]);
        for (const listener of list) Reflect.apply(listener, this, args);
        return list.length > 0;
    },
    listenerCount(name, listener) {
        const list = listOf(this, name);
        return typeof listener !== 'function' ? list.length
            : list.filter((one) => one === listener || one.listener === listener).length;
    },
    listeners(name) { return listOf(this, name).map(bare); },
    rawListeners(name) { return [...listOf(this, name)]; },
    eventNames() { return Reflect.ownKeys(lists(this)); },
    setMaxListeners(count) {
        checkNumber(count, 'setMaxListeners', 0);
        this._maxListeners = count;
        return this;
    },
    getMaxListeners() {
        return this._maxListeners === undefined ? EventEmitter.defaultMaxListeners : this._maxListeners;
    },
});
EventEmitter.prototype.addListener = EventEmitter.prototype.on;
EventEmitter.prototype.removeListener = EventEmitter.prototype.off;

// The arguments of the next event of that name; an error's rejects.
EventEmitter.once = function (emitter, name) {
    return new Promise((resolve, reject) => {
        const fail = (error) => {
            emitter.removeListener(name, done);
            reject(error);
        };
        const done = (...args) => {
            emitter.removeListener('error', fail);
            resolve(args);
        };
        emitter.once(name, done);
        if (name !== 'error') emitter.once('error', fail);
    });
};
EventEmitter.listenerCount = (emitter, name) => emitter.listenerCount(name);
return refuse(EventEmitter, 'events', ['on', 'getEventListeners', 'captureRejectionSymbol',
    'EventEmitterAsyncResource', 'addAbortListener']);
}))js";

}  // namespace wsblast::js
