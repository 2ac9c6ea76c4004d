'use strict';
const EventEmitter = require('events');
const path = require('path');
const querystring = require('querystring');
const util = require('util');

function emitters(check) {
    const log = [];
    const say = (...words) => log.push(words.join(' '));
    const said = () => log.splice(0);
    check(() => [EventEmitter === EventEmitter.EventEmitter, typeof EventEmitter,
        EventEmitter.defaultMaxListeners]);
    check(() => { const e = new EventEmitter(); e.on('x', (...args) => say('a', ...args)).once('x',
        () => say('b')); return [e.emit('x', 1, 2), e.emit('x'), e.emit('y'), said()]; });
    check(() => { const e = new EventEmitter(); e.on('x', () => say(1)); e.prependListener('x',
        () => say(0)); e.prependOnceListener('x', () => say(-1)); e.emit('x'); e.emit('x');
        return said(); });
    check(() => { const e = new EventEmitter(); const f = () => say('f'); e.on('x', f); e.on('x', f);
        e.off('x', f); e.emit('x'); return [said(), e.listenerCount('x'), e.listenerCount('x', f)]; });
    check(() => { const e = new EventEmitter(); const f = () => say('f'); e.once('x', f); e.off('x', f);
        return e.emit('x'); });
    check(() => { const e = new EventEmitter(); e.on('x', () => { say(1); e.removeAllListeners('x'); });
        e.on('x', () => say(2)); e.emit('x'); return [said(), e.emit('x')]; });
    check(() => { const e = new EventEmitter(); e.on('x', () => e.on('x', () => say('late')));
        e.emit('x'); const first = said(); e.emit('x'); return [first, said()]; });
    check(() => { const e = new EventEmitter(); e.on('newListener', (name, f) => say('new', name,
        typeof f)); e.on('removeListener', (name) => say('gone', name)); e.once('x', () => {});
        e.emit('x'); e.removeAllListeners(); return [said(), e.eventNames()]; });
    check(() => new EventEmitter().emit('error', new TypeError('mine')));
    check(() => new EventEmitter().emit('error', 'text'));
    check(() => new EventEmitter().emit('error'));
    check(() => new EventEmitter().emit('error', { a: 1 }));
    check(() => { const e = new EventEmitter(); e.on('error', (error) => say(error.message));
        return [e.emit('error', new Error('heard')), said()]; });
    check(() => new EventEmitter().on('x', 5));
    check(() => new EventEmitter().once('x'));
    check(() => { const e = new EventEmitter(); const f = () => {}; e.once('x', f);
        return [e.listeners('x')[0] === f, e.rawListeners('x')[0].listener === f, e.listeners('y')]; });
    check(() => { const e = new EventEmitter(); const s = Symbol('s'); e.on('a', say); e.on(s, say);
        return [e.eventNames().length, e.eventNames()[1] === s]; });
    check(() => { const e = new EventEmitter(); return [e.setMaxListeners(3) === e, e.getMaxListeners()];
        });
    check(() => new EventEmitter().setMaxListeners(-1), (error) => error.code);
    check(() => { function Old() { EventEmitter.call(this); } util.inherits(Old, EventEmitter);
        const o = new Old(); o.on('x', () => say('old')); o.emit('x'); return [said(),
        o instanceof EventEmitter, Old.super_ === EventEmitter]; });
    check(() => { class New extends EventEmitter {} const n = new New(); n.on('x',
        function () { say(this === n); }); n.emit('x'); return said(); });
    check(() => { const o = Object.assign({}, EventEmitter.prototype); o.on('x', () => say('mixed'));
        o.emit('x'); return said(); });
}

function paths(check) {
    const all = ['', '/', '.', '..', 'a', 'a/', '/a', '/a/', 'a/b', '/a/b/', 'a//b', '//a', '//a/b',
        '///a', './a', '../a', 'a/../b', 'a/../../b', '/../a', 'a/./b/.', '.a', 'a.', 'a.b', 'a.b.c',
        '.a.b', '..a', 'a/.b', 'a.b/',
        '/a.b/c', '...', 'a/..', '../..', 'a b/c', '//', 'x.tar.gz', 'a./', '/a/..', 'a/b/../..', '/.'];
    for (const one of all) {
        check(() => [one, path.basename(one), path.dirname(one), path.extname(one), path.normalize(one),
            path.isAbsolute(one)]);
        check(() => [one, path.parse(one), path.format(path.parse(one)), path.join(one, 'x', '..', 'y'),
            path.resolve('/r/s', one)]);
        for (const to of ['/a/b', '/', '/a/c/d']) check(() => [one, path.relative(path.resolve('/a',
            one), to)]);
    }
    check(() => [path.join(), path.join('', ''), path.join('a', '', 'b'), path.join('/a', '../..', 'b'),
        path.join('a/', '/b')]);
    check(() => [path.resolve('/a', 'b', '/c', 'd'), path.resolve('/a', '..'),
        path.resolve('x') === `${process.cwd()}/x`]);
    check(() => [path.basename('a.js', '.js'), path.basename('.js', '.js'), path.basename('a.js', 's'),
        path.basename('/a.js/', '.js'), path.basename('a.js', 'a.js'), path.basename('/a.js', 'a.js'),
        path.basename('a.js', '')]);
    check(() => [path.format({ dir: '/x', name: 'a', ext: '.js' }), path.format({ root: '/',
        base: 'b' }), path.format({ name: 'a', ext: '.b' }), path.format({})]);
    check(() => [path.sep, path.delimiter, path.posix === path, path.posix.join('a', 'b')]);
    for (const name of ['basename', 'dirname', 'extname', 'join', 'normalize', 'resolve', 'isAbsolute',
        'parse', 'format']) check(() => path[name](5));
}

function queries(check) {
    for (const text of ['', 'a', 'a=', '=b', 'a=b&a=c&a=d', '&&a=1&&', 'a+b=c%20d', '%zz=%41%', 'a=b=c',
        '?a=1', 'é=€', 'a=%ff', '%C3%A9=1', 'a;b', '__proto__=1', 'a=%', 'a=%E0%A4%A', '=', '==',
        'a=é%ff']) {
        check(() => querystring.parse(text));
        check(() => querystring.unescape(text));
    }
    check(() => querystring.parse('a:1;b:2', ';', ':'));
    check(() => querystring.parse('a=1&b=2&c=3', null, null, { maxKeys: 2 }));
    check(() => querystring.parse('a=+x', '&', '=', { decodeURIComponent: (s) => `<${s}>` }));
    check(() => Object.getPrototypeOf(querystring.parse('a=1')));
    check(() => querystring.parse(5));
    check(() => querystring.stringify({ a: 1, b: [1, 'x', null], c: true, d: null, e: undefined, f: NaN,
        g: 5n, h: {}, i: 'é &=', j: '' }));
    check(() => querystring.stringify({ a: [], b: 1 }));
    check(() => querystring.stringify({ a: 1, b: 2 }, ';', ':'));
    check(() => querystring.stringify({ a: 'x y' }, null, null,
        { encodeURIComponent: (s) => `<${s}>` }));
    check(() => [querystring.stringify(null), querystring.stringify('x'), querystring.stringify({})]);
    check(() => querystring.stringify({ a: '\ud800' }));
    check(() => [querystring.escape("a!'()*~ /é"), querystring.escape(5), querystring.escape({})]);
    check(() => [querystring.encode === querystring.stringify,
        querystring.decode === querystring.parse]);
}

function utilities(check, print) {
    const { types } = util;
    const values = [1, 'x', null, undefined, {}, [], new Date(), /x/, new Map(), new Set(),
        new WeakMap(), new WeakSet(), Promise.resolve(), new Error('x'), async () => {}, function* () {},
        () => {}, new Uint8Array(1),
        Buffer.alloc(1), new ArrayBuffer(1), new DataView(new ArrayBuffer(1)), new Float64Array(1),
            new Number(1), new String('x'), Object(1n), Object(Symbol('s')), new Boolean(false)];
    for (const name of ['isDate', 'isRegExp', 'isMap', 'isSet', 'isWeakMap', 'isWeakSet', 'isPromise',
        'isNativeError', 'isAsyncFunction', 'isGeneratorFunction', 'isTypedArray', 'isUint8Array',
        'isFloat64Array', 'isArrayBufferView',
        'isArrayBuffer', 'isAnyArrayBuffer', 'isNumberObject', 'isStringObject', 'isBigIntObject',
            'isSymbolObject', 'isBooleanObject', 'isBoxedPrimitive']) {
        print(`${name} ${values.map((value) => types[name](value) ? 1 : 0).join('')}`);
    }
    check(() => util.format('%s %d %i %f %j %%', 'a', '1.5', 1.9, '2.5', { x: 1 }, 'more'));
    check(() => [util.format(), util.format('a', 'b'), util.format(1, 2), util.format('%s')]);
    check(() => util.inspect({ a: { b: { c: { d: 1 } } } }));
    check(() => util.inspect({ a: { b: { c: { d: 1 } } } }, { depth: 0 }));
    check(() => util.inspect({ a: { b: { c: { d: 1 } } } }, { depth: 3, breakLength: Infinity,
        compact: true }));
    check(() => util.inspect({ a: { b: { c: { d: {} } } } }, { depth: null, breakLength: Infinity,
        compact: true }));
    check(() => util.inspect({ [util.inspect.custom]: () => 'my own' }));
    check(() => util.inspect([{ [util.inspect.custom]: () => ({ other: 1 }) }]));
    check(() => [util.isArray([]), util.TextEncoder === TextEncoder, util.TextDecoder === TextDecoder,
        typeof util.promisify.custom]);
    check(() => util.promisify(5));
    check(() => util.callbackify(5));
    check(() => util.inherits(5, Object), (error) => error.name);
    check(() => util.promisify((a, b, done) => done(null, a + b))(1, 2) instanceof Promise);
    check(() => { const f = () => {}; f[util.promisify.custom] = () => 'own'; return util.promisify(f)();
        });
    check(() => { const f = util.promisify(function named(a, b, done) {}); return [f.name, f.length,
        util.promisify(f) === f]; });
    check(() => { const f = util.callbackify(async function named(a) {}); return [f.name, f.length]; });
    check(() => util.deprecate(function (a) { return a + this.x; }, 'old').call({ x: 1 }, 2));
}

// What comes later, one after the other.
async function later(print) {
    print(await util.promisify((a, done) => done(null, a * 2))(4));
    print(await util.promisify((done) => done(new Error('no')))().catch((error) => error.message));
    print(await util.promisify(setTimeout)(5, 'value'));
    print(await util.promisify(setImmediate)('soon'));
    print(await require('timers/promises').setTimeout(1, 'waited'));
    print(await new Promise((done) => util.callbackify(async (a) => a + 1)(1, (error,
        value) => done(`${error} ${value}`))));
    print(await new Promise((done) => util.callbackify(async () => { throw new Error('off');
        })((error) => done(error.message))));
    print(await new Promise((done) => util.callbackify(async () => Promise.reject(null))((error) =>
        done(`${error.code} ${error.reason}`))));
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit('x', 1, 2), 1);
    print((await EventEmitter.once(emitter, 'x')).join());
    setTimeout(() => emitter.emit('error', new Error('of x')), 1);
    print(await EventEmitter.once(emitter, 'x').catch((error) => error.message));
    print(await new Promise((done) => require('crypto').randomBytes(4, (error,
        bytes) => done(`${error} ${bytes.length}`))));
}

module.exports = (check, print) => {
    emitters(check);
    paths(check);
    queries(check);
    utilities(check, print);
    return later(print);
};
