// URL, as the URL Standard and Node.js have it, and require('url').
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kUrlScript = R"js((function (native, need) {
'use strict';
const { coded, refuse } = need('#errors');
const { PORTS, Invalid, encoded, hostOf, splitPort, portOf, readPath, parsed, serialized, hostAndPort,
    scalars } = need('#parser');
const { URLSearchParams, connect } = need('#query');
const clean = (value) => scalars(value).replace(/[\t\n\r]/g, '');

// A setter that is given what is invalid changes nothing.
function attempt(change) {
    try {
        change();
    } catch (error) {
        if (!(error instanceof Invalid)) throw error;
    }
}

class URL {
    #record;
    #params;
    constructor(input, base = undefined) {
        if (arguments.length === 0) {
            throw coded(TypeError, 'ERR_MISSING_ARGS', 'The "url" argument must be specified');
        }
        this.#record = parsed(scalars(input), base === undefined ? undefined : scalars(base));
    }
    static canParse(input, base = undefined) {
        try {
            return Boolean(new URL(input, base));
        } catch (error) {
            if (error.code === 'ERR_INVALID_URL') return false;
            throw error;
        }
    }
    #tellParams() {
        if (this.#params !== undefined) connect(this.#params, this.#record.query || '');
    }

    get href() { return serialized(this.#record); }
    set href(value) {
        this.#record = parsed(scalars(value));
        this.#tellParams();
    }
    get origin() { return `${this.#record.scheme}://${hostAndPort(this.#record)}`; }
    get protocol() { return `${this.#record.scheme}:`; }
    set protocol(value) {
        const match = /^([a-z][a-z0-9+.-]*)(?::|$)/i.exec(clean(value));
        const scheme = match === null ? '' : match[1].toLowerCase();
        if (scheme === 'file') throw new Error("URL: scheme 'file:' is not supported");
        if (!Object.hasOwn(PORTS, scheme)) return;
        this.#record.scheme = scheme;
        if (this.#record.port === PORTS[scheme]) this.#record.port = null;
    }
    get username() { return this.#record.username; }
    set username(value) { this.#record.username = encoded(scalars(value), 'user'); }
    get password() { return this.#record.password; }
    set password(value) { this.#record.password = encoded(scalars(value), 'user'); }
    get host() { return hostAndPort(this.#record); }
    set host(value) {
        attempt(() => {
            const [host, port] = splitPort(/^[^/\\?#]*/.exec(clean(value))[0]);
            this.#record.host = hostOf(host);
            const digits = /^[0-9]*/.exec(port || '')[0];
            if (digits !== '') this.#record.port = portOf(digits, this.#record.scheme);
        });
    }
    get hostname() { return this.#record.host; }
    set hostname(value) {
        attempt(() => {
            const [host, port] = splitPort(/^[^/\\?#]*/.exec(clean(value))[0]);
            if (port === undefined) this.#record.host = hostOf(host);
        });
    }
    get port() { return this.#record.port === null ? '' : String(this.#record.port); }
    set port(value) {
        const text = scalars(value);
        const digits = /^[0-9]*/.exec(clean(text))[0];
        if (text === '') this.#record.port = null;
        if (digits !== '') attempt(() => { this.#record.port = portOf(digits, this.#record.scheme); });
    }
    get pathname() { return `/${this.#record.path.join('/')}`; }
    set pathname(value) { this.#record.path = readPath([], clean(value)); }
    get search() { return this.#record.query ? `?${this.#record.query}` : ''; }
    set search(value) {
        const text = scalars(value);
        this.#record.query = text === '' ? null : encoded(clean(text.replace(/^\?/, '')), 'query');
        this.#tellParams();
    }
    get hash() { return this.#record.fragment ? `#${this.#record.fragment}` : ''; }
    set hash(value) {
        const text = scalars(value);
        this.#record.fragment = text === '' ? null : encoded(clean(text.replace(/^#/, '')), 'fragment');
    }
    get searchParams() {
        if (this.#params === undefined) {
            this.#params = new URLSearchParams();
            connect(this.#params, this.#record.query || '', (query) => {
                this.#record.query = query === '' ? null : query;
            });
        }
        return this.#params;
    }
    toString() { return this.href; }
    toJSON() { return this.href; }
    [native.custom]() {
        const names = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port',
            'pathname', 'search', 'searchParams', 'hash'];
        return `URL { ${names.map((name) => `${name}: ${native.inspect(this[name])}`).join(', ')} }`;
    }
}
for (const name of ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port',
    'pathname', 'search', 'searchParams', 'hash', 'toString', 'toJSON']) {
    Object.defineProperty(URL.prototype, name, { enumerable: true });
}
Object.defineProperty(URL.prototype, Symbol.toStringTag, { value: 'URL', configurable: true });

return refuse({ URL, URLSearchParams }, 'url', ['parse', 'resolve', 'resolveObject', 'format', 'Url',
    'fileURLToPath', 'pathToFileURL', 'domainToASCII', 'domainToUnicode', 'urlToHttpOptions']);
}))js";

}  // namespace wsblast::js
