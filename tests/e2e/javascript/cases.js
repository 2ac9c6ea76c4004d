// Cases that Node.js and wsblast run: one line for each, its source and what came of it.
'use strict';

function shown(value) {
    if (value === undefined) return 'undefined';
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
    if (typeof value === 'function') return `function ${value.name}`;
    if (value instanceof Uint8Array) return `${value.constructor.name} ${Array.from(value).join(' ')}`;
    if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
    return JSON.stringify(value);
}

// `words` of an error: those that both have to use; by default all.
module.exports = (print) => (make, words = (error) => `${error.code} ${error.message}`) => {
    let text;
    try {
        text = shown(make());
    } catch (error) {
        text = `throws ${error.name} ${words(error)}`;
    }
    print(`${String(make).replace(/^\(\) => /, '').replace(/\s+/g, ' ')} -> ${text}`);
};
