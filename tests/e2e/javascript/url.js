'use strict';

const GOOD = ['http://example.com', 'HTTP://EXAMPLE.com:80/', 'https://a.b:443/x?y#z', 'ws://h:80/',
    'wss://h:443', 'ws://h:8080/a/b', 'ftp://h:21/x',
    'http://user:pa%20ss@h/', 'http://user@h', 'http://:pw@h', 'http://u:@h', 'http://a@b@c/',
        'http://a:b:c@d/', 'http://u%ser;x@h/', 'http://u^|[]=:p^"`{}@h/', 'http:h/x', 'http:/h/x',
    'http:///h//x', 'http:\\\\h\\x\\..\\y', 'http://h/a/./b/../c', 'http://h/../../x',
        'http://h/a/%2e/b/%2E%2e/c', 'http://h/a/..', 'http://h/a/.',
    'http://h/a b"c<d>e`f{g}h|i~k\'l', 'http://h/é€😀\ud800', 'http://h/%zz%41%',
        'http://h/?a b"c<d>e\'f`g{h}|i^j#k', 'http://h/#a b"c<d>e`f{g}|h^i\'',
    'http://h?', 'http://h#', 'http://h?#', 'http://h/?é#€', '  http://h/ \t', 'ht\ntp://h/a\tb',
        'http://h/;p=1,2?x=1&y=2', 'http://127.0.0.1:3000/ws',
    'http://127.1/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://2130706433/', 'http://1.2.3/',
        'http://1.2.3.4./', 'http://256/', 'http://0x/',
    'http://[::1]/', 'http://[::1]:8080/x', 'http://[2001:DB8:0:0:1:0:0:1]/',
        'http://[1:2:3:4:5:6:7:8]/', 'http://[::]/', 'http://[1::]/', 'http://[::ffff:1.2.3.4]/',
    'http://[1:0:0:2::]/', 'http://[0:0:1:0:0:0:1:0]/', 'http://[1::2:0]', 'http://ex%41mple.com/',
        'http://a_b.c/', 'http://-a.b-/', 'http://h./', 'http://h../', 'http://xn--bcher-kva.example/',
    'http://h:/', 'http://h:00080/', 'http://h:0/', 'http://h:65535/', 'http://h/a//b///',
        'http://h/~user/!$&\'()*+,;=:@', "http://h/?q='x'&r=%20+", 'http://h/a?b?c#d#e',
    'http://a.b.c.d.e/', 'http://foo.0x4/', 'http://1e2.com/', 'http://h\\x', 'http://a"b`{}/',
        'http://u:p@h:81/p?q#f',
        'http://0.0.0.0', 'http://a!$&\'()*+,;=b/'];
const BAD = ['', 'foo', '/x', '//h/x', 'http://', 'http:', 'http:///', 'http://?', 'http://#',
    'http://u@', 'http://u:p@/', 'http://h:x/', 'http://h:65536/', 'http://h:-1/', 'http://h:80a/',
    'http://a b/', 'http://a<b/', 'http://a^b/', 'http://a|b/', 'http://a%b/', 'http://a%00b/',
        'http://a%2fb/', 'http://[::1/', 'http://[::1', 'http://::1/', 'http://[1:2]/',
        'http://[1:2:3:4:5:6:7:8:9]/',
    'http://[::1::]/', 'http://[12345::]/', 'http://[g::]/', 'http://[::1.2.3]/',
        'http://[::1.2.3.256]/', 'http://[::01.2.3.4]/', 'http://[1:2:3:4:5:6:7::8:9]',
        'http://1.2.3.256/', 'http://1.2.3.4.5/',
    'http://256.1.1.1/', 'http://4294967296/', 'http://09/', 'http://0x100000000/', 'http://1..2/',
        'http://a.1.2.3.4.5', 'http://h]/', 'http://[h]/', 'http://x[::1]/', 'http://[::1]x/', '://h',
        '1http://h', 'http://.1/x/..1', 'http://%ff/',
    'http://h:8 0/', 'http://[1::2::]', 'http://[:1]', 'http://[1:]', 'http://[]',
        'http://[1:2:3:4:5:6:1.2.3.4:8]', 'http://[1.2.3.4::]'];
const RELATIVE = ['', 'x', './x', '../x', '../../../x', '/x', '//other', '//other:81/y', '?q', '#f', '?',
    '#', 'x?y#z', '.', '..', './', '../', '\\x', '\\\\o\\x', 'x/./y/../z', ';a', 'http:x', 'http:/x',
    'http://x',
    'https:x', 'HTTP:?q', 'http:#f', ' x ', '%2e%2e/x', '?a#b', '//u:p@o', '///o', '/..//x',
        'x:y'.replace(':', '%3a')];
const BASES = ['http://u:p@h:81/a/b/c?q#f', 'http://h', 'https://h/a/', 'ws://h/a'];
const PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port',
    'pathname', 'search', 'hash'];
const brief = (error) => `${error.code} ${error.message} ${error.input}`;

const SETS = {
    protocol: ['https', 'https:', 'WS:x', 'ftp', 'foo', '', '1x', 'ht tp', 'http://x'],
    username: ['', 'a b', 'é:@/', 'x%20'], password: ['', 'p w', ':@', '#'],
    host: ['o', 'o:82', 'o:', 'o:80', 'o:443', 'o:99999', 'o:8x', ':5', '', 'a b', 'o/x', 'o?x', 'o#x',
        'O\\x', '[::1]:5', '[::1', 'u@o', '1.2', 'o\t\n', '127.1:9x'],
    hostname: ['o', 'o:82', '', 'a b', 'o/x', '[::1]', '[::1]:5', '0x7f.1', 'o:', 'u@o', 'O'],
    port: ['', '82', '80', '443', '99999', '8x', ' 8', '0', '00081', 81, 65536, '8\t2'],
    pathname: ['', 'x', '/x/../y', 'a b?c#d', '\\x\\y', '..', 'é', '//', '%2e%2e/a', ' x', 'a\tb'],
    search: ['', '\n', '\t?x', '?', 'a=b', '?a=b', '??', 'é #\'', 'a\nb', '#'],
    hash: ['', '\n', '\t#x', '#', 'x', '#x', '##', 'é `', 'a\nb'],
    href: ['https://o/x', 'nope', ''],
};

const all = (url) => PARTS.map((part) => `${part}=${url[part]}`).join(' ');

function urls(check) {
    for (const text of [...GOOD, ...BAD]) {
        check(() => [text, all(new URL(text))], brief);
        check(() => [text, URL.canParse(text)]);
    }
    for (const base of BASES) {
        for (const text of RELATIVE) check(() => [text, base, all(new URL(text, base))], brief);
    }
    check(() => new URL('x', 'nope'), (error) => error.code);
    check(() => new URL(), brief);
    check(() => new URL(undefined), brief);
    check(() => all(new URL('http://h/x', undefined)));
    check(() => all(new URL(new URL('http://h/x'))));
    check(() => all(new URL('y', new URL('http://h/x'))));
    for (const [part, values] of Object.entries(SETS)) {
        for (const value of values) {
            for (const from of ['http://u:p@h:81/a/b?q=1#f', 'https://h/']) {
                check(() => { const url = new URL(from); url[part] = value; return [part, value,
                    all(url)]; }, brief);
            }
        }
    }
    const url = new URL('http://h/x?a=1');
    check(() => [`${url}`, JSON.stringify({ url }), url.toString === URL.prototype.toString,
        Object.prototype.toString.call(url)]);
    check(() => { const names = []; for (const key in url) names.push(key); return names.sort(); });
    check(() => { url.origin = 'x'; return url.origin; }, (error) => error.name);
    check(() => [require('url').URL === URL, require('node:url').URLSearchParams === URLSearchParams]);
    check(() => [url instanceof URL, typeof URL, URL.name, Object.keys(url)]);
}

function linked(check) {
    const url = new URL('http://h/?a=1&b=2');
    const { searchParams } = url;
    check(() => { searchParams.append('c', 'x y'); return [url.href, searchParams === url.searchParams];
        });
    check(() => { searchParams.delete('a'); return url.search; });
    check(() => { url.search = '?n=%41'; return [searchParams.get('n'), searchParams.size]; });
    check(() => { searchParams.delete('n'); return [url.href, url.search]; });
    check(() => { url.href = 'http://o/?k=v'; return [...searchParams].join(); });
    check(() => { searchParams.sort(); return url.href; });
    check(() => { url.search = "?q='~ x"; return [url.search, `${searchParams}`]; });
    check(() => { searchParams.set('q', "'~ x"); return url.search; });
}

function params(check) {
    for (const from of ['', '?', 'a', 'a=', '=b', 'a=b&a=c', '&&a=1&&', 'a+b=c%20d', '%zz=%41%', 'a=b=c',
        '?a=1', '??a=1', 'é=€', 'a=%ff', '%C3%A9=1', ';a=b', 'a=1;b=2', '\ud800=1', 5, undefined, true,
        [], [['a', 'b'], ['c', 1]], { a: 1, b: [1, 2], c: null }, new Map([['x', 'y']]),
            new URLSearchParams('k=v'), { '\ud800': 1 }]) {
        check(() => { const p = new URLSearchParams(from); return [JSON.stringify([...p]), `${p}`,
            p.size]; });
    }
    for (const from of [[['a']], [['a', 'b', 'c']], [5], ['ab'], ['abc'], { [Symbol.iterator]: 5 }]) {
        check(() => `${new URLSearchParams(from)}`, (error) => error.code);
    }
    check(() => new URLSearchParams("a=!'()*-._~ &+%/:é\0").toString());
    const list = () => new URLSearchParams('a=1&b=2&a=3&c=');
    check(() => [list().get('a'), list().get('x'), list().getAll('a'), list().getAll('x'),
        list().has('b'), list().has('x')]);
    check(() => [list().has('a', '3'), list().has('a', '4'), list().has('a', undefined)]);
    check(() => { const p = list(); p.set('a', 9); p.set('new', 'n'); return `${p}`; });
    check(() => { const p = list(); p.delete('a'); return `${p}`; });
    check(() => { const p = list(); p.delete('a', '3'); return `${p}`; });
    check(() => { const p = list(); p.append('a', null); return `${p}`; });
    check(() => { const p = new URLSearchParams('z=1&a=2&😀=3&\uffff=4&a=1'); p.sort();
        return JSON.stringify([...p]); });
    check(() => { const seen = []; list().forEach(function (value, name,
        all) { seen.push(name + value + (all instanceof URLSearchParams) + this.x); }, { x: 1 });
        return seen; });
    check(() => [[...list().keys()], [...list().values()], [...list().entries()].join(';')]);
    check(() => { const p = list(); const seen = []; for (const [name] of p) { seen.push(name);
        if (seen.length === 1) p.append('late', 1); } return seen; });
    check(() => { const it = list().keys(); return [JSON.stringify(it.next()),
        typeof it[Symbol.iterator], it[Symbol.iterator]() === it, Object.prototype.toString.call(it)];
        });
    for (const name of ['append', 'delete', 'get', 'getAll', 'has', 'set',
        'forEach']) check(() => list()[name](), (error) => error.code);
    check(() => require('util').inspect(list()));
    check(() => require('util').inspect(new URLSearchParams()));
    check(() => Object.prototype.toString.call(list()));
    check(() => Object.fromEntries(list()));
}

module.exports = (check) => {
    urls(check);
    linked(check);
    params(check);
};
