// Where something is in a Buffer: indexOf, lastIndexOf and includes.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kBufferSearchScript = R"js((function (native, need) {
'use strict';
const { argumentType } = need('#errors');
const [OFFSET_MIN, OFFSET_MAX] = [-0x80000000, 0x7fffffff];

// The first place that counts: from the end where it is negative. -1: there is none.
function startOf(length, offset, size, forward) {
    if (offset < 0) {
        if (offset + length >= 0) return length + offset;
        return forward || size === 0 ? 0 : -1;
    }
    if (offset + size <= length) return offset;
    if (size === 0) return length;
    return forward ? -1 : length - 1;
}

function isAt(bytes, wanted, at) {
    for (let i = 0; i < wanted.length; ++i) if (bytes[at + i] !== wanted[i]) return false;
    return true;
}

// `step`: 2 where characters take two bytes each, and begin at even places.
function find(bytes, wanted, offset, { forward, step }) {
    const start = startOf(bytes.length, offset, wanted.length, forward);
    if (wanted.length === 0) return start;
    if (start < 0 || wanted.length > bytes.length || wanted.length < step) return -1;
    const last = bytes.length - wanted.length;
    const first = start - start % step;
    if (forward) {
        for (let at = first; at <= last; at += step) if (isAt(bytes, wanted, at)) return at;
        return -1;
    }
    const from = Math.min(first, last - last % step);
    for (let at = from; at >= 0; at -= step) if (isAt(bytes, wanted, at)) return at;
    return -1;
}

return function ({ encodingOf, bytesOf }) {
    function search(bytes, value, place, name, forward) {
        let [offset, encoding] = [place, name];
        if (typeof offset === 'string') [offset, encoding] = [undefined, offset];
        offset = Math.trunc(Math.max(OFFSET_MIN, Math.min(OFFSET_MAX, +offset)));
        if (Number.isNaN(offset)) offset = forward ? 0 : bytes.length;
        if (typeof value === 'number') {
            const byte = Uint8Array.of(value);
            return bytes.length === 0 ? -1 : find(bytes, byte, offset, { forward, step: 1 });
        }
        if (typeof value === 'string') {
            const kind = encodingOf(encoding);
            const step = kind === 'utf16le' ? 2 : 1;
            return find(bytes, bytesOf(value, kind), offset, { forward, step });
        }
        if (value instanceof Uint8Array) {
            const isWide = /^(ucs-?2|utf-?16le)$/i.test(`${encoding}`);
            return find(bytes, value, offset, { forward, step: isWide ? 2 : 1 });
        }
        throw argumentType('value',
            'one of type number or string or an instance of Buffer or Uint8Array',
            value);
    }
    return {
        indexOf(value, offset, encoding) { return search(this, value, offset, encoding, true); },
        lastIndexOf(value, offset, encoding) { return search(this, value, offset, encoding, false); },
        includes(value, offset, encoding) { return this.indexOf(value, offset, encoding) !== -1; },
    };
};
}))js";

}  // namespace wsblast::js
