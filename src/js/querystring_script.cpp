// require('querystring'): the older way to read and write the query of a URL.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kQuerystringScript = R"js((function (native, need) {
'use strict';
const { coded } = need('#errors');
const KEYS_MAX = 1000;

function escape(value) {
    try {
        return encodeURIComponent(typeof value === 'object' ? String(value) : value);
    } catch (_) {
        throw coded(URIError, 'ERR_INVALID_URI', 'URI malformed');
    }
}
// Byte by byte: for what is no UTF-8, or has a % of its own.
function unescapeBuffer(text, plusIsSpace = false) {
    const bytes = need('buffer').Buffer.from(`${text}`, 'latin1');
    const digits = (at) => native.encode(bytes, 'latin1', at + 1, at + 3);
    let size = 0;
    for (let i = 0; i < bytes.length; ++i, ++size) {
        const isEscape = bytes[i] === 0x25 && /^[0-9a-f]{2}$/i.test(digits(i));
        if (isEscape) bytes[size] = parseInt(digits(i), 16);
        else bytes[size] = plusIsSpace && bytes[i] === 0x2b ? 0x20 : bytes[i];
        if (isEscape) i += 2;
    }
    return bytes.subarray(0, size);
}
function unescape(text, plusIsSpace) {
    try {
        return decodeURIComponent(text);
    } catch (_) {
        return unescapeBuffer(text, plusIsSpace).toString();
    }
}

function shown(value) {
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : '';
    return typeof value === 'bigint' || typeof value === 'boolean' ? `${value}` : '';
}
function stringify(object, separator, equals, options) {
    if (object === null || typeof object !== 'object') return '';
    const [between, is] = [separator || '&', equals || '='];
    const encode = options && typeof options.encodeURIComponent === 'function' ? options.encodeURIComponent
        : module.escape;
    return Object.keys(object).flatMap((key) => {
        const name = encode(shown(key)) + is;
        const values = Array.isArray(object[key]) ? object[key] : [object[key]];
        return values.map((value) => name + encode(shown(value)));
    }).join(between);
}

function parse(text, separator, equals, options) {
    const found = Object.create(null);
    if (typeof text !== 'string' || text === '') return found;
    const [between, is] = [separator ? `${separator}` : '&', equals ? `${equals}` : '='];
    const own = options && typeof options.decodeURIComponent === 'function' && options.decodeURIComponent;
    const most = options && typeof options.maxKeys === 'number' ? options.maxKeys : KEYS_MAX;
    const decoder = own || module.unescape;
    const decode = (part) => {
        const plain = part.replace(/\+/g, own ? '%20' : ' ');
        if (plain === '' || !own && !plain.includes('%')) return plain;
        try {
            return decoder(plain);
        } catch (_) {
            return module.unescape(plain, true);
        }
    };
    const parts = text.split(between).filter((part) => part !== '');
    for (const part of most > 0 ? parts.slice(0, most) : parts) {
        const at = part.indexOf(is);
        const key = decode(at < 0 ? part : part.slice(0, at));
        const value = at < 0 ? '' : decode(part.slice(at + is.length));
        if (!(key in found)) found[key] = value;
        else if (Array.isArray(found[key])) found[key].push(value);
        else found[key] = [found[key], value];
    }
    return found;
}
const module = { parse, stringify, escape, unescape, unescapeBuffer, decode: parse, encode: stringify };
return module;
}))js";

}  // namespace wsblast::js
