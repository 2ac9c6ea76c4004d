// Buffer, as Node.js has it: bytes and text. What searches and what reads numbers have files of their
// own.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kBufferScript = R"js((function (native, need) {
'use strict';
const { coded, argumentType, argumentValue, outOfRange, outOfBounds, unknownEncoding, checkNumber,
    checkInteger, checkString, refuse } = need('#errors');
const LENGTH_MAX = 2 ** 32;
const BYTES_SHOWN = 50;
const ALTERNATIVES = 'an instance of Buffer or Uint8Array';

const NAMES = { utf8: 'utf8', 'utf-8': 'utf8', ucs2: 'utf16le', 'ucs-2': 'utf16le', utf16le: 'utf16le',
    'utf-16le': 'utf16le', latin1: 'latin1', binary: 'latin1', ascii: 'ascii', base64: 'base64',
    base64url: 'base64url', hex: 'hex' };
// The encoding by the name that a script gives it; undefined: there is none.
function known(name) {
    const lower = `${name}`.toLowerCase();
    return Object.hasOwn(NAMES, lower) ? NAMES[lower] : undefined;
}
function encodingOf(name) {
    const encoding = name === undefined ? 'utf8' : known(name);
    if (encoding === undefined) throw unknownEncoding(name);
    return encoding;
}

class FastBuffer extends Uint8Array {}
const isBytes = (value) => value instanceof Uint8Array;
const isMemory = (value) => value instanceof ArrayBuffer ||
    typeof SharedArrayBuffer === 'function' && value instanceof SharedArrayBuffer;
function checkBytes(value, name) {
    if (!isBytes(value)) throw argumentType(name, ALTERNATIVES, value);
}
const bytesOf = (text, encoding) => new FastBuffer(native.decode(text, encoding));

function Buffer(value, encoding, length) {
    if (typeof value !== 'number') return Buffer.from(value, encoding, length);
    if (typeof encoding === 'string') throw argumentType('string', 'of type string', value);
    return Buffer.alloc(value);
}

// --- makers ----------------------------------------------------------------------------------------

function fromMemory(memory, offset, length) {
    const start = offset === undefined ? 0 : +offset || 0;
    const most = memory.byteLength - start;
    if (most < 0) throw outOfBounds('offset');
    if (length === undefined) return new FastBuffer(memory, start, most);
    const count = +length > 0 ? +length : 0;
    if (count > most) throw outOfBounds('length');
    return new FastBuffer(memory, start, count);
}
function fromList(list) {
    const bytes = new FastBuffer(list.length > 0 ? list.length : 0);
    if (bytes.length > 0) bytes.set(list);
    return bytes;
}
function fromObject(value) {
    if (value.length !== undefined || isMemory(value.buffer)) {
        return typeof value.length === 'number' ? fromList(value) : new FastBuffer();
    }
    return value.type === 'Buffer' && Array.isArray(value.data) ? fromList(value.data) : undefined;
}
function from(value, encoding, length) {
    if (typeof value === 'string') {
        return bytesOf(value,
            typeof encoding === 'string' && encoding !== '' ? encodingOf(encoding) : 'utf8');
    }
    if (typeof value === 'object' && value !== null) {
        if (isMemory(value)) return fromMemory(value, encoding, length);
        const inner = value.valueOf && value.valueOf();
        if (inner !== null && inner !== value && (typeof inner === 'string' || typeof inner === 'object')) {
            return from(inner, encoding, length);
        }
        const bytes = fromObject(value);
        if (bytes) return bytes;
        if (typeof value[Symbol.toPrimitive] === 'function') {
            const text = value[Symbol.toPrimitive]('string');
            if (typeof text === 'string') return from(text, encoding);
        }
    }
    throw argumentType('first argument',
        'of type string or an instance of Buffer, ArrayBuffer, or Array ' +
        'or an Array-like Object', value);
}
function allocate(size) {
    checkNumber(size, 'size', 0, LENGTH_MAX);
    return new FastBuffer(size);
}

// --- fill, copy, write -----------------------------------------------------------------------------

function repeat(bytes, pattern, start, end) {
    for (let at = start; at < end; at += pattern.length) {
        bytes.set(pattern.subarray(0, Math.min(pattern.length, end - at)), at);
    }
}
function fillWith(bytes, value, start, end) {
    if (typeof value !== 'string' && !isBytes(value)) {
        const number = typeof value === 'number' ? value : value & 255;
        if (start > end || end > bytes.length) throw outOfBounds();
        Uint8Array.prototype.fill.call(bytes, number, start, end);
        return bytes;
    }
    return undefined;
}
function fill(bytes, value, offset, end, encoding) {
    let [what, start, stop, name] = [value, offset, end, encoding];
    if (typeof what === 'string') {
        if (start === undefined || typeof start === 'string') {
            [name, start, stop] = [start, 0, bytes.length];
        } else if (typeof stop === 'string') {
            [name, stop] = [stop, bytes.length];
        }
        if (name !== undefined && name !== null && name !== '') {
            checkString(name, 'encoding');
            encodingOf(name);
        }
        if (what === '') what = 0;
    }
    if (start === undefined) {
        [start, stop] = [0, bytes.length];
    } else {
        checkInteger(start, 'offset', 0, LENGTH_MAX);
        if (stop === undefined) stop = bytes.length;
        else checkInteger(stop, 'end', 0, bytes.length);
        if (start >= stop) return bytes;
    }
    if (fillWith(bytes, what, start, stop)) return bytes;
    const pattern = typeof what === 'string' ? bytesOf(what, encodingOf(name || 'utf8')) : what;
    if (pattern.length === 0) throw argumentValue('value', value);
    repeat(bytes, pattern === bytes ? bytes.slice() : pattern, start, stop);
    return bytes;
}

const integer = (value) => Number.isNaN(+value) ? 0 : Math.trunc(+value);
function copy(source, target, at, from, to) {
    checkBytes(target, 'target');
    const [start, first] = [at === undefined ? 0 : integer(at), from === undefined ? 0 : integer(from)];
    const last = to === undefined ? source.length : integer(to);
    if (start < 0) throw outOfRange('targetStart', '>= 0', start);
    if (first < 0 || first > source.length) {
        throw outOfRange('sourceStart', `>= 0 && <= ${source.length}`, first);
    }
    if (last < 0) throw outOfRange('sourceEnd', '>= 0', last);
    if (start >= target.length || first >= last) return 0;
    const count = Math.min(last - first, target.length - start, source.length - first);
    target.set(source.subarray(first, first + count), start);
    return count;
}

// How many of the bytes there is room for, without a part of a character at the end.
function whole(bytes, room, encoding) {
    if (bytes.length <= room) return bytes.length;
    if (encoding === 'utf16le') return room - room % 2;
    let end = room;
    if (encoding === 'utf8') while (end > 0 && (bytes[end] & 0xc0) === 0x80) --end;
    return end;
}
function write(target, text, offset, length, encoding) {
    let [start, room, name] = [offset, length, encoding];
    if (start === undefined) {
        [start, room, name] = [0, target.length, undefined];
    } else if (room === undefined && typeof start === 'string') {
        [name, start, room] = [start, 0, target.length];
    } else {
        checkInteger(start, 'offset', 0, target.length);
        const rest = target.length - start;
        if (typeof room === 'string') [name, room] = [room, rest];
        if (room === undefined) room = rest;
        checkInteger(room, 'length', 0, target.length);
        room = Math.min(room, rest);
    }
    const kind = name ? encodingOf(name) : 'utf8';
    if (typeof text !== 'string') {
        throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'argument must be a string');
    }
    const bytes = bytesOf(text, kind);
    const count = whole(bytes, room, kind);
    target.set(bytes.subarray(0, count), start);
    return count;
}

// --- compare ---------------------------------------------------------------------------------------

function order(a, b) {
    const shared = Math.min(a.length, b.length);
    for (let i = 0; i < shared; ++i) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
    return Math.sign(a.length - b.length);
}
function part(bytes, from, to, names) {
    const start = from === undefined ? 0 : from;
    const end = to === undefined ? bytes.length : to;
    checkInteger(start, names[0], 0, LENGTH_MAX);
    checkInteger(end, names[1], 0, bytes.length);
    return start >= end ? new Uint8Array(0) : Uint8Array.prototype.subarray.call(bytes, start, end);
}

const methods = {
    toString(encoding, start, end) {
        const from = start > 0 ? Math.trunc(start) || 0 : 0;
        const to = end === undefined || end > this.length ? this.length : Math.trunc(end) || 0;
        if (from >= this.length || to <= from) return '';
        return native.encode(this, encodingOf(encoding), from, to);
    },
    toJSON() { return { type: 'Buffer', data: Array.from(this) }; },
    equals(other) {
        if (!isBytes(other)) throw argumentType('otherBuffer', ALTERNATIVES, other);
        return this === other || order(this, other) === 0;
    },
    compare(target, targetStart, targetEnd, sourceStart, sourceEnd) {
        checkBytes(target, 'target');
        const theirs = part(target, targetStart, targetEnd, ['targetStart', 'targetEnd']);
        return order(part(this, sourceStart, sourceEnd, ['sourceStart', 'sourceEnd']), theirs);
    },
    subarray(start, end) {
        const place = (value) => {
            const at = Math.trunc(value) || 0;
            return at < 0 ? Math.max(at + this.length, 0) : Math.min(at, this.length);
        };
        const from = place(start);
        const to = end === undefined ? this.length : place(end);
        return new FastBuffer(this.buffer, this.byteOffset + from, Math.max(to - from, 0));
    },
    slice(start, end) { return this.subarray(start, end); },
    copy(target, targetStart, sourceStart, sourceEnd) {
        return copy(this, target, targetStart, sourceStart, sourceEnd);
    },
    fill(value, offset, end, encoding) { return fill(this, value, offset, end, encoding); },
    write(text, offset, length, encoding) { return write(this, text, offset, length, encoding); },
    [native.custom]() {
        const shown = Array.from(this.subarray(0, BYTES_SHOWN),
            (byte) => (byte + 256).toString(16).slice(1));
        const rest = this.length - BYTES_SHOWN;
        if (rest > 0) shown.push(`... ${rest} more byte${rest > 1 ? 's' : ''}`);
        return `<${this.constructor.name} ${shown.join(' ')}>`;
    },
};
methods.toLocaleString = methods.toString;

// What of the text's bytes there would be, without making them: for what is padded, as Node.js guesses.
function byteLength(value, encoding) {
    if (typeof value !== 'string') {
        if (ArrayBuffer.isView(value) || isMemory(value)) return value.byteLength;
        throw argumentType('string', 'of type string or an instance of Buffer or ArrayBuffer', value);
    }
    const kind = encoding && known(encoding) || 'utf8';
    if (kind === 'utf8') return native.decode(value, kind).byteLength;
    if (kind === 'utf16le') return value.length * 2;
    if (kind === 'hex') return value.length >>> 1;
    if (kind !== 'base64' && kind !== 'base64url') return value.length;
    return (value.length - /=?=?$/.exec(value)[0].length) * 3 >>> 2;
}

const statics = {
    from, allocUnsafe: allocate, allocUnsafeSlow: allocate, byteLength,
    alloc(size, value, encoding) {
        const bytes = allocate(size);
        return value === undefined || value === 0 || size <= 0 ? bytes
            : fill(bytes, value, 0, bytes.length, encoding);
    },
    of: (...items) => fromList(items),
    isBuffer: (value) => value instanceof Buffer,
    isEncoding: (name) => typeof name === 'string' && known(name) !== undefined,
    compare(a, b) {
        checkBytes(a, 'buf1');
        checkBytes(b, 'buf2');
        return order(a, b);
    },
    concat(list, length) {
        if (!Array.isArray(list)) throw argumentType('list', 'an instance of Array', list);
        if (list.length === 0) return new FastBuffer();
        if (length !== undefined) checkInteger(length, 'length', 0, LENGTH_MAX);
        const bytes = allocate(length === undefined
            ? list.reduce((sum, item) => sum + (item && item.length || 0), 0) : length);
        let at = 0;
        list.forEach((item, i) => {
            checkBytes(item, `list[${i}]`);
            at += copy(item, bytes, at);
        });
        return bytes;
    },
    poolSize: 8192,
    [Symbol.species]: FastBuffer,
};

function define(object, properties) {
    for (const key of Reflect.ownKeys(properties)) {
        Object.defineProperty(object, key, { value: properties[key], writable: true, configurable: true,
            enumerable: typeof key === 'string' });
    }
}
Object.setPrototypeOf(Buffer, Uint8Array);
Buffer.prototype = FastBuffer.prototype;
define(Buffer.prototype, { ...methods, ...need('#search')({ encodingOf, bytesOf }),
    ...need('#numbers') });
Object.defineProperty(Buffer.prototype, 'constructor', { value: Buffer, writable: true,
    configurable: true });
define(Buffer, statics);
const { atob, btoa } = need('#text');
const TEXT_MAX = 2 ** 30 - 2;  // SpiderMonkey's
return refuse({ Buffer, kMaxLength: LENGTH_MAX, kStringMaxLength: TEXT_MAX,
    INSPECT_MAX_BYTES: BYTES_SHOWN,
    constants: { MAX_LENGTH: LENGTH_MAX, MAX_STRING_LENGTH: TEXT_MAX }, atob, btoa },
'buffer', ['Blob', 'File', 'SlowBuffer', 'transcode', 'isUtf8', 'isAscii', 'resolveObjectURL']);
}))js";

}  // namespace wsblast::js
