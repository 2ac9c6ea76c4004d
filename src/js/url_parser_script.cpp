// The URL Standard's parser, for what has a host: http, https, ws, wss and ftp. What is not supported
// (other schemes, names beyond ASCII) throws, and says so.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kUrlParserScript = R"js((function (native, need) {
'use strict';
const { coded } = need('#errors');
const PORTS = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21 };
const FORBIDDEN = /[\0-\x20#%/:<>?@[\\\]^|\x7f]/;

// --- percent-encoding ------------------------------------------------------------------------------

// What is encoded, beside what no ASCII character is.
const SETS = {
    fragment: /[^\x21\x23-\x3b\x3d\x3f-\x5f\x61-\x7e]/gu,
    query: /[^\x21\x24-\x26\x28-\x3b\x3d\x3f-\x7e]/gu,
    path: /[^\x21\x24-\x3b\x3d\x40-\x5f\x61-\x7a\x7c\x7e]/gu,
    user: /[^\x21\x24-\x2e\x30-\x39\x41-\x5a\x5f\x61-\x7a\x7e]/gu,
};
const hex = (byte) => `%${(byte + 256).toString(16).slice(1).toUpperCase()}`;
function encoded(text, set) {
    return text.replace(SETS[set],
        (letter) => Array.from(new Uint8Array(native.decode(letter, 'utf8')), hex).join(''));
}
function decoded(text) {
    if (!text.includes('%')) return text;
    const bytes = new Uint8Array(native.decode(text, 'utf8'));
    const digits = (at) => native.encode(bytes, 'latin1', at + 1, at + 3);
    let size = 0;
    for (let i = 0; i < bytes.length; ++i, ++size) {
        const isEscape = bytes[i] === 0x25 && /^[0-9a-f]{2}$/i.test(digits(i));
        bytes[size] = isEscape ? parseInt(digits(i), 16) : bytes[i];
        if (isEscape) i += 2;
    }
    return native.encode(bytes, 'utf8', 0, size);
}

// --- hosts -----------------------------------------------------------------------------------------

class Invalid extends Error {}

function ipv4Number(part) {
    if (part === '') throw new Invalid();
    const [digits, base] = /^0x/i.test(part) ? [part.slice(2), 16]
        : part.length > 1 && part[0] === '0' ? [part.slice(1), 8] : [part, 10];
    if (digits === '') return 0;
    const valid = { 8: /^[0-7]+$/, 10: /^[0-9]+$/, 16: /^[0-9a-f]+$/i }[base];
    if (!valid.test(digits)) throw new Invalid();
    return parseInt(digits, base);
}
function ipv4(host) {
    const parts = host.split('.');
    if (parts.at(-1) === '' && parts.length > 1) parts.pop();
    if (parts.length > 4) throw new Invalid();
    const numbers = parts.map(ipv4Number);
    const last = numbers.pop();
    if (numbers.some((number) =>
        number > 255) || last >= 256 ** (4 - numbers.length)) throw new Invalid();
    const address = numbers.reduce((sum, number, i) => sum + number * 256 ** (3 - i), last);
    return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
function endsInNumber(host) {
    const parts = host.split('.');
    if (parts.at(-1) === '' && parts.length > 1) parts.pop();
    return /^([0-9]+|0x[0-9a-f]*)$/i.test(parts.at(-1));
}

// Two pieces, from the four numbers at the end of an address.
function embedded(text) {
    const parts = text.split('.');
    const isByte = (part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256;
    if (parts.length !== 4 || !parts.every(isByte)) throw new Invalid();
    const [a, b, c, d] = parts.map(Number);
    return [a * 256 + b, c * 256 + d];
}
function pieces(text) {
    if (text === '') return [];
    const parts = text.split(':');
    const tail = parts.at(-1).includes('.') ? embedded(parts.pop()) : [];
    if (!parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) throw new Invalid();
    return [...parts.map((part) => parseInt(part, 16)), ...tail];
}
function ipv6(text) {
    const halves = text.split('::');
    if (halves.length > 2 || halves.length === 2 && halves[0].includes('.')) throw new Invalid();
    const [head, tail] = [pieces(halves[0]), halves.length === 2 ? pieces(halves[1]) : []];
    const missing = 8 - head.length - tail.length;
    if (halves.length === 2 ? missing < 1 : missing !== 0) throw new Invalid();
    const numbers = [...head, ...new Array(missing).fill(0), ...tail];
    // The first of the longest runs of zeros becomes ::.
    let [start, size] = [-1, 1];
    for (let i = 0; i < 8; ++i) {
        let end = i;
        while (end < 8 && numbers[end] === 0) ++end;
        if (end - i > size) [start, size] = [i, end - i];
    }
    const shown = (list) => list.map((number) => number.toString(16)).join(':');
    if (start < 0) return shown(numbers);
    return `${shown(numbers.slice(0, start))}::${shown(numbers.slice(start + size))}`;
}

function hostOf(text) {
    if (text.startsWith('[')) {
        if (!text.endsWith(']')) throw new Invalid();
        return `[${ipv6(text.slice(1, -1))}]`;
    }
    const host = decoded(text).toLowerCase();
    if (host === '' || host.includes('\ufffd')) throw new Invalid();
    if (/[^\0-\x7f]/.test(host)) {
        throw new Error(`URL: host '${host}': names beyond ASCII are not supported; write it as xn--...`);
    }
    if (FORBIDDEN.test(host)) throw new Invalid();
    return endsInNumber(host) ? ipv4(host) : host;
}

// --- parts -----------------------------------------------------------------------------------------

// A host and what is behind its colon; undefined: it has none.
function splitPort(text) {
    const match = /^((?:\[[^\]]*\]?|[^:[])*)(?::([^]*))?$/.exec(text);
    if (match === null) throw new Invalid();
    return [match[1], match[2]];
}
// null: the scheme's own.
function portOf(digits, scheme) {
    const port = Number(digits);
    if (port > 65535) throw new Invalid();
    return port === PORTS[scheme] ? null : port;
}
function readAuthority(url, text) {
    const at = text.lastIndexOf('@');
    if (at >= 0) {
        const [, user, password = ''] = /^([^:]*)(?::([^]*))?$/.exec(text.slice(0, at));
        url.username = encoded(user, 'user');
        url.password = encoded(password, 'user');
    }
    const [host, port] = splitPort(text.slice(at + 1));
    url.host = hostOf(host);
    if (port !== undefined && !/^[0-9]*$/.test(port)) throw new Invalid();
    url.port = port ? portOf(port, url.scheme) : null;
}
const isDouble = (part) => /^(\.|%2e){2}$/i.test(part);
const isSingle = (part) => /^(\.|%2e)$/i.test(part);
// `text` without what a ? or a # begins; `path` is that of the base, where it is relative.
function readPath(path, text) {
    const parts = text.replace(/^[/\\]/, '').split(/[/\\]/);
    parts.forEach((part, i) => {
        const isLast = i === parts.length - 1;
        if (isDouble(part)) path.pop();
        if (!isDouble(part) && !isSingle(part)) path.push(encoded(part, 'path'));
        else if (isLast) path.push('');
    });
    return path;
}
function readRest(url, text, basePath = []) {
    const [, path, query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/.exec(text);
    url.path = readPath(basePath, path);
    url.query = query === undefined ? null : encoded(query, 'query');
    url.fragment = fragment === undefined ? null : encoded(fragment, 'fragment');
    return url;
}

const made = (scheme) => ({ scheme, username: '', password: '', host: '', port: null, path: [],
    query: null,
    fragment: null });
function absolute(scheme, text) {
    const url = made(scheme);
    const [, authority, rest] = /^[/\\]*([^/\\?#]*)([^]*)$/.exec(text);
    readAuthority(url, authority);
    return readRest(url, rest);
}
function relative(text, base) {
    if (/^[/\\]{2}/.test(text)) return absolute(base.scheme, text);
    const url = { ...base, path: [...base.path], fragment: null };
    if (/^[/\\]/.test(text)) return readRest(url, text);
    if (text !== '' && !/^[?#]/.test(text)) return readRest(url, text, url.path.slice(0, -1));
    const [, query, fragment] = /^(?:\?([^#]*))?(?:#([^]*))?$/.exec(text);
    if (query !== undefined) url.query = encoded(query, 'query');
    if (fragment !== undefined) url.fragment = encoded(fragment, 'fragment');
    return url;
}

function invalid(input, base) {
    const error = coded(TypeError, 'ERR_INVALID_URL', 'Invalid URL');
    error.input = input;
    if (base !== undefined) error.base = base;
    return error;
}
// Throws what is invalid as such, and what is not supported as what it is.
function parse(input, base) {
    const text = input.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
    const match = /^([a-z][a-z0-9+.-]*):([^]*)$/i.exec(text);
    if (match === null && base === undefined) throw new Invalid();
    if (match === null) return relative(text, base);
    const scheme = match[1].toLowerCase();
    if (!Object.hasOwn(PORTS, scheme)) {
        throw new Error(`URL: scheme '${scheme}:' is not supported: http, https, ws, wss and ftp are`);
    }
    const isRelative = base !== undefined && base.scheme === scheme && !/^[/\\]{2}/.test(match[2]);
    return isRelative ? relative(match[2], base) : absolute(scheme, match[2]);
}
// The record of `input`, both texts of Unicode scalar values.
function parsed(input, base) {
    try {
        return parse(input, base === undefined ? undefined : parse(base));
    } catch (error) {
        throw error instanceof Invalid ? invalid(input, base) : error;
    }
}
const hostAndPort = (url) => url.port === null ? url.host : `${url.host}:${url.port}`;
function serialized(url) {
    const password = url.password === '' ? '' : `:${url.password}`;
    const user = url.username === '' && password === '' ? '' : `${url.username}${password}@`;
    const query = url.query === null ? '' : `?${url.query}`;
    const fragment = url.fragment === null ? '' : `#${url.fragment}`;
    return `${url.scheme}://${user}${hostAndPort(url)}/${url.path.join('/')}${query}${fragment}`;
}
// Text of which each surrogate has its other half.
const scalars = (value) => `${value}`.replace(/[\ud800-\udfff]/gu, '\ufffd');

return { PORTS, Invalid, encoded, decoded, hostOf, splitPort, portOf, readPath, parsed, serialized,
    hostAndPort, scalars };
}))js";

}  // namespace wsblast::js
