'use strict';

const code = (error) => error.code;

function encoders(check) {
    check(() => Array.from(new TextEncoder().encode('Grüße €😀\ud800x')));
    check(() => [new TextEncoder().encode().length, new TextEncoder().encode(undefined).length,
        new TextEncoder().encoding]);
    check(() => [new TextEncoder().encode(12.5).length, new TextEncoder().encode(null).length]);
    check(() => new TextEncoder().encode('x').constructor.name);
    for (const size of [0, 1, 2, 3, 4, 5, 9]) {
        check(() => { const t = new Uint8Array(size); return [size, new TextEncoder().encodeInto('aé€😀',
            t), Array.from(t)]; });
    }
    check(() => new TextEncoder().encodeInto('a', []), code);
}

function decoders(check) {
    for (const label of ['utf8', 'UTF-8', ' utf-8 ', 'utf-16le', 'utf-16', 'nope', '']) {
        check(() => [label, new TextDecoder(label).encoding], code);
    }
    check(() => { const d = new TextDecoder(); return [d.encoding, d.fatal, d.ignoreBOM]; });
    check(() => { const d = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }); return [d.fatal,
        d.ignoreBOM]; });
    for (const bytes of [[], [0x61], [0xef, 0xbb, 0xbf, 0x61], [0xef, 0xbb], [0xff, 0x61], [0xe2, 0x82],
        [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98, 0x80]]) {
        check(() => [bytes, new TextDecoder().decode(new Uint8Array(bytes))]);
        check(() => [bytes, new TextDecoder('utf-8',
            { ignoreBOM: true }).decode(new Uint8Array(bytes))]);
        check(() => [bytes, new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(bytes))],
            code);
        check(() => [bytes, new TextDecoder('utf-16le').decode(new Uint8Array(bytes))]);
        check(() => [bytes, new TextDecoder('utf-16le', { fatal: true }).decode(new Uint8Array(bytes))],
            code);
    }
    check(() => new TextDecoder('utf-16le').decode(Buffer.from('\ufeffa😀', 'utf16le')));
    check(() => new TextDecoder('utf-16le').decode(new Uint8Array([0, 0xd8, 0x61, 0])));
    check(() => new TextDecoder().decode());
    check(() => new TextDecoder().decode(new Uint8Array([0x61, 0x62]).buffer));
    check(() => new TextDecoder().decode(new DataView(new Uint8Array([0x61, 0x62]).buffer, 1)));
    check(() => new TextDecoder().decode(new Uint8Array([0x61, 0x62, 0x63]).subarray(1)));
    check(() => new TextDecoder().decode('text'), code);
}

function streams(check, print) {
    const wholes = { 'utf-8': Buffer.from('\ufeffaé€😀\ufeffz'), 'utf-16le': Buffer.from('\ufeffa😀é',
        'utf16le') };
    for (const [encoding, whole] of Object.entries(wholes)) {
        for (let size = 1; size < 6; ++size) {
            const decoder = new TextDecoder(encoding);
            const pieces = [];
            for (let at = 0; at < whole.length; at += size) {
                pieces.push(decoder.decode(whole.subarray(at, at + size), { stream: true }));
            }
            pieces.push(decoder.decode());
            print(`${encoding} ${size} ${JSON.stringify(pieces)}`);
        }
    }
    const broken = [[0xe2, 0x82], [0x61], [0xf0, 0x9f], [0xff, 0xf4], [0x90], [0xc2]];
    const decoder = new TextDecoder();
    print(JSON.stringify(broken.map((bytes) => decoder.decode(new Uint8Array(bytes),
        { stream: true }))));
    print(JSON.stringify([decoder.decode(), decoder.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))]));
}

function base64(check) {
    for (const text of ['', 'a', 'ab', 'abc', '\xff\x00', 'é', '€', 12, null,
        undefined]) check(() => [String(text), btoa(text)], code);
    for (const text of ['', 'YQ==', 'YQ=', 'YQ', 'YWI=', 'YWJj', ' Y W\nI= ', 'Y', 'YQ===', 'Y=Q=', '=',
        '-_', 'YWJjZ', 'YR==', '/+8=', null, 12]) {
        check(() => [String(text), atob(text)], code);
    }
    check(() => atob(), code);
    check(() => btoa(), code);
    check(() => require('buffer').atob('YQ=='));
}

module.exports = (check, print) => {
    encoders(check);
    decoders(check);
    streams(check, print);
    base64(check);
};
