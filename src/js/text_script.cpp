// TextEncoder, TextDecoder (the Encoding Standard; UTF-8 and UTF-16LE), atob and btoa (HTML).
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kTextScript = R"js((function (native, need) {
'use strict';
const { coded, argumentType } = need('#errors');

class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(text = '') { return new Uint8Array(native.decode(`${text}`, 'utf8')); }
    encodeInto(text, target) {
        if (typeof text !== 'string') throw argumentType('src', 'of type string', text);
        if (!(target instanceof Uint8Array)) throw argumentType('dest', 'an instance of Uint8Array',
            target);
        let [read, written] = [0, 0];
        for (const letter of text) {
            const bytes = new Uint8Array(native.decode(letter, 'utf8'));
            if (written + bytes.length > target.length) break;
            target.set(bytes, written);
            written += bytes.length;
            read += letter.length;
        }
        return { read, written };
    }
}

const LABELS = { utf8: 'utf-8', 'utf-8': 'utf-8', 'unicode-1-1-utf-8': 'utf-8', unicode11utf8: 'utf-8',
    unicode20utf8: 'utf-8', 'x-unicode20utf8': 'utf-8', 'utf-16': 'utf-16le', 'utf-16le': 'utf-16le',
    'ucs-2': 'utf-16le', unicode: 'utf-16le', 'iso-10646-ucs-2': 'utf-16le',
    csunicode: 'utf-16le', unicodefeff: 'utf-16le' };
const KINDS = { 'utf-8': 'utf8', 'utf-16le': 'utf16le' };

// How many bytes at the end are the beginning of a character.
function unfinished(bytes, encoding) {
    const size = bytes.length;
    if (encoding === 'utf-16le') {
        const odd = size % 2;
        const isHigh = size - odd >= 2 && (bytes[size - odd - 1] & 0xfc) === 0xd8;
        return odd + (isHigh ? 2 : 0);
    }
    for (let back = 1; back <= Math.min(3, size); ++back) {
        const byte = bytes[size - back];
        if ((byte & 0xc0) === 0x80) continue;
        const length = byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
        const isPart = byte <= 0xf4 && length > back;
        // A replacement for the whole part, where all of it fits the first byte.
        const text = isPart ? native.encode(bytes, 'utf8', size - back, size) : '';
        return isPart && text.length === 1 ? back : 0;
    }
    return 0;
}
function isSound(bytes, text, encoding) {
    if (encoding === 'utf-16le') return bytes.length % 2 === 0 && !/[\ud800-\udfff]/u.test(text);
    const again = new Uint8Array(native.decode(text, 'utf8'));
    return again.length === bytes.length && again.every((byte, i) => byte === bytes[i]);
}
function viewOf(input) {
    if (input === undefined) return new Uint8Array(0);
    if (input instanceof ArrayBuffer) return new Uint8Array(input);
    if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset,
        input.byteLength);
    throw argumentType('list', 'an instance of ArrayBuffer or ArrayBufferView', input);
}
function joined(a, b) {
    const bytes = new Uint8Array(a.length + b.length);
    bytes.set(a);
    bytes.set(b, a.length);
    return bytes;
}

class TextDecoder {
    #encoding;
    #fatal;
    #ignoreBOM;
    #rest = new Uint8Array(0);
    #begun = false;
    constructor(label = 'utf-8', options = {}) {
        const name = `${label}`.trim().toLowerCase();
        const encoding = Object.hasOwn(LABELS, name) ? LABELS[name] : undefined;
        if (encoding === undefined) {
            throw coded(RangeError, 'ERR_ENCODING_NOT_SUPPORTED',
                `The "${label}" encoding is not supported`);
        }
        this.#encoding = encoding;
        this.#fatal = Boolean(options && options.fatal);
        this.#ignoreBOM = Boolean(options && options.ignoreBOM);
    }
    get encoding() { return this.#encoding; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#ignoreBOM; }
    decode(input, options = {}) {
        const isStream = Boolean(options && options.stream);
        const all = this.#rest.length > 0 ? joined(this.#rest, viewOf(input)) : viewOf(input);
        const keep = isStream ? unfinished(all, this.#encoding) : 0;
        const bytes = all.subarray(0, all.length - keep);
        this.#rest = all.slice(all.length - keep);
        let text = native.encode(bytes, KINDS[this.#encoding], 0, bytes.length);
        const isFirst = !this.#begun;
        this.#begun = isStream && (this.#begun || bytes.length > 0);
        if (this.#fatal && !isSound(bytes, text, this.#encoding)) {
            this.#begun = false;
            this.#rest = new Uint8Array(0);
            throw coded(TypeError, 'ERR_ENCODING_INVALID_ENCODED_DATA',
                `The encoded data was not valid for encoding ${this.#encoding}`);
        }
        if (this.#encoding === 'utf-16le') text = this.#repaired(text, bytes);
        return isFirst && !this.#ignoreBOM && text.startsWith('\ufeff') ? text.slice(1) : text;
    }
    // Surrogates that are alone, and a byte that is, stand for nothing.
    #repaired(text, bytes) {
        const whole = text.replace(/[\ud800-\udfff]/gu, '\ufffd');
        return bytes.length % 2 === 1 ? `${whole}\ufffd` : whole;
    }
}

// --- atob, btoa ------------------------------------------------------------------------------------

function invalidCharacter() {
    const error = new Error('Invalid character');
    Object.defineProperty(error, 'name', { value: 'InvalidCharacterError', configurable: true });
    error.code = 5;
    return error;
}
const missing = (name) =>
    coded(TypeError, 'ERR_MISSING_ARGS', `The "${name}" argument must be specified`);
function atob(text) {
    if (arguments.length === 0) throw missing('input');
    let data = `${text}`.replace(/[\t\n\f\r ]/g, '');
    if (data.length % 4 === 0) data = data.replace(/==?$/, '');
    if (data.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(data)) throw invalidCharacter();
    const bytes = new Uint8Array(native.decode(data, 'base64'));
    return native.encode(bytes, 'latin1', 0, bytes.length);
}
function btoa(value) {
    if (arguments.length === 0) throw missing('data');
    const text = `${value}`;
    if (/[^\0-\xff]/.test(text)) throw invalidCharacter();
    const bytes = new Uint8Array(native.decode(text, 'latin1'));
    return native.encode(bytes, 'base64', 0, bytes.length);
}
return { TextEncoder, TextDecoder, atob, btoa };
}))js";

}  // namespace wsblast::js
