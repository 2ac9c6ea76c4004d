// URLSearchParams (the URL Standard): lists of names and values, as forms are sent.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kUrlSearchScript = R"js((function (native, need) {
'use strict';
const { coded, checkFunction } = need('#errors');
const { decoded, scalars } = need('#parser');

const hex = (byte) => `%${(byte + 256).toString(16).slice(1).toUpperCase()}`;
function encoded(text) {
    const escape = (letter) => Array.from(new Uint8Array(native.decode(letter, 'utf8')), hex).join('');
    return text.replace(/[^A-Za-z0-9*\-._ ]/gu, escape).replace(/ /g, '+');
}
const plain = (text) => decoded(text.replace(/\+/g, ' '));
function pairsOf(text) {
    return text.split('&').filter((part) => part !== '').map((part) => {
        const at = part.indexOf('=');
        return at < 0 ? [plain(part), ''] : [plain(part.slice(0, at)), plain(part.slice(at + 1))];
    });
}
function pairsOfList(list) {
    const wrong = () => coded(TypeError, 'ERR_INVALID_TUPLE',
        'Each query pair must be an iterable [name, value] tuple');
    return Array.from(list, (item) => {
        const isList = item !== null && ['object', 'function'].includes(typeof item) &&
            typeof item[Symbol.iterator] === 'function';
        const pair = isList ? Array.from(item) : [];
        if (pair.length !== 2) throw wrong();
        return pair.map(scalars);
    });
}
function pairsOfRecord(record) {
    const keys = Reflect.ownKeys(record).filter(
        (key) => Object.prototype.propertyIsEnumerable.call(record, key));
    const pairs = new Map(keys.map((key) => [scalars(key), scalars(record[key])]));
    return [...pairs];
}
function initial(from) {
    if (from === undefined || from === null) return [];
    if (!['object', 'function'].includes(typeof from)) return pairsOf(scalars(from).replace(/^\?/, ''));
    const iterator = from[Symbol.iterator];
    if (iterator === undefined || iterator === null) return pairsOfRecord(from);
    if (typeof iterator !== 'function') {
        throw coded(TypeError, 'ERR_ARG_NOT_ITERABLE', 'Query pairs must be iterable');
    }
    return pairsOfList(from);
}
function demand(given, names) {
    if (given >= names.length) return;
    const list = names.map((name) => `"${name}"`).join(' and ');
    throw coded(TypeError, 'ERR_MISSING_ARGS',
        `The ${list} argument${names.length > 1 ? 's' : ''} must be specified`);
}

// Prototypes of iterators that show themselves as Node.js's do.
const iteratorProto = Object.create(Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
    { [Symbol.toStringTag]: { value: 'URLSearchParams Iterator', configurable: true } });
// What comes while it goes on is met as well.
function iterate(pairs, take) {
    let next = 0;
    return Object.create(iteratorProto, { next: {
        value: () => next < pairs().length ? { value: take(pairs()[next++]), done: false }
            : { value: undefined, done: true },
        configurable: true, writable: true,
    } });
}

let connect;
class URLSearchParams {
    #pairs;
    #tell = () => {};
    constructor(from = undefined) { this.#pairs = initial(from); }
    // Makes them those of a URL, which is told of changes.
    static {
        connect = (params, query, tell) => {
            params.#pairs = pairsOf(query);
            if (tell !== undefined) params.#tell = tell;
        };
    }
    #change(pairs) {
        this.#pairs = pairs;
        this.#tell(this.toString());
    }
    get size() { return this.#pairs.length; }
    append(name, value) {
        demand(arguments.length, ['name', 'value']);
        this.#change([...this.#pairs, [scalars(name), scalars(value)]]);
    }
    delete(name, value = undefined) {
        demand(arguments.length, ['name']);
        const [key, only] = [scalars(name), value === undefined ? undefined : scalars(value)];
        this.#change(this.#pairs.filter((pair) =>
            pair[0] !== key || only !== undefined && pair[1] !== only));
    }
    get(name) {
        demand(arguments.length, ['name']);
        const found = this.#pairs.find((pair) => pair[0] === scalars(name));
        return found === undefined ? null : found[1];
    }
    getAll(name) {
        demand(arguments.length, ['name']);
        return this.#pairs.filter((pair) => pair[0] === scalars(name)).map((pair) => pair[1]);
    }
    has(name, value = undefined) {
        demand(arguments.length, ['name']);
        const only = value === undefined ? undefined : scalars(value);
        return this.#pairs.some(
            (pair) => pair[0] === scalars(name) && (only === undefined || pair[1] === only));
    }
    set(name, value) {
        demand(arguments.length, ['name', 'value']);
        const [key, text] = [scalars(name), scalars(value)];
        const first = this.#pairs.findIndex((pair) => pair[0] === key);
        if (first < 0) return this.append(key, text);
        this.#change(this.#pairs.filter((pair, i) => pair[0] !== key || i === first)
            .map((pair) => pair[0] === key ? [key, text] : pair));
        return undefined;
    }
    sort() {
        this.#change([...this.#pairs].sort((a, b) => a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    }
    forEach(call, self = undefined) {
        checkFunction(call, 'callback');
        for (const [name, value] of this) call.call(self, value, name, this);
    }
    entries() { return iterate(() => this.#pairs, (pair) => [...pair]); }
    keys() { return iterate(() => this.#pairs, (pair) => pair[0]); }
    values() { return iterate(() => this.#pairs, (pair) => pair[1]); }
    toString() { return this.#pairs.map((pair) => pair.map(encoded).join('=')).join('&'); }
    [native.custom]() {
        const items = this.#pairs.map((pair) => pair.map(native.inspect).join(' => '));
        return items.length === 0 ? 'URLSearchParams {}' : `URLSearchParams { ${items.join(', ')} }`;
    }
}
const proto = URLSearchParams.prototype;
for (const name of Object.getOwnPropertyNames(proto)) {
    if (name !== 'constructor') Object.defineProperty(proto, name, { enumerable: true });
}
Object.defineProperty(proto, Symbol.iterator, { value: proto.entries, writable: true,
    configurable: true });
Object.defineProperty(proto, Symbol.toStringTag, { value: 'URLSearchParams', configurable: true });

return { URLSearchParams, connect };
}))js";

}  // namespace wsblast::js
