// require('path'): paths of POSIX, as text.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kPathScript = R"js((function (native, need) {
'use strict';
const { argumentType, checkString, refuse } = need('#errors');

// The parts that remain of . and ..; those of .. are kept where there is nothing above.
function resolved(path, isAbsolute) {
    const parts = [];
    for (const part of path.split('/')) {
        if (part === '' || part === '.') continue;
        const isUp = part === '..' && parts.length > 0 && parts.at(-1) !== '..';
        if (isUp) parts.pop();
        else if (part !== '..' || !isAbsolute) parts.push(part);
    }
    return parts.join('/');
}
const isAbsolute = (path) => {
    checkString(path, 'path');
    return path.startsWith('/');
};
function normalize(path) {
    checkString(path, 'path');
    if (path === '') return '.';
    const root = isAbsolute(path) ? '/' : '';
    const rest = resolved(path, root !== '');
    if (rest === '') return root || (path.endsWith('/') ? './' : '.');
    return `${root}${rest}${path.endsWith('/') ? '/' : ''}`;
}
function join(...parts) {
    parts.forEach((part) => checkString(part, 'path'));
    return normalize(parts.filter((part) => part !== '').join('/'));
}
function resolve(...parts) {
    let path = '';
    for (let i = parts.length - 1; i >= 0 && !path.startsWith('/'); --i) {
        checkString(parts[i], `paths[${i}]`);
        if (parts[i] !== '') path = `${parts[i]}/${path}`;
    }
    if (!path.startsWith('/')) path = `${process.cwd()}/${path}`;
    return `/${resolved(path, true)}`;
}
function relative(from, to) {
    checkString(from, 'from');
    checkString(to, 'to');
    const [a, b] = [from, to].map((path) => resolve(path).split('/').filter(Boolean));
    let shared = 0;
    while (shared < a.length && shared < b.length && a[shared] === b[shared]) ++shared;
    return [...a.slice(shared).map(() => '..'), ...b.slice(shared)].join('/');
}

// --- parts -----------------------------------------------------------------------------------------

function dirname(path) {
    checkString(path, 'path');
    if (path === '') return '.';
    const bare = path.replace(/\/+$/, '');
    if (bare === '') return '/';
    const at = bare.lastIndexOf('/');
    if (at < 0) return '.';
    // Two slashes at the beginning are a root of their own.
    if (at === 0) return '/';
    return at === 1 && path[0] === '/' ? '//' : bare.slice(0, at);
}
function basename(path, suffix) {
    if (suffix !== undefined) checkString(suffix, 'ext');
    checkString(path, 'path');
    if (suffix === path) return '';
    const name = /[^/]*(?=\/*$)/.exec(path)[0];
    const isLonger = suffix !== undefined && suffix !== '' && name !== suffix && name.endsWith(suffix);
    return isLonger ? name.slice(0, -suffix.length) : name;
}
function extname(path) {
    checkString(path, 'path');
    const name = basename(path);
    const at = name.lastIndexOf('.');
    return at <= 0 || name === '..' ? '' : name.slice(at);
}
function parse(path) {
    checkString(path, 'path');
    const root = path.startsWith('/') ? '/' : '';
    const base = basename(path);
    const ext = extname(path);
    const bare = path.replace(/\/+$/, '');
    const at = bare.lastIndexOf('/');
    const dir = at < 0 ? root : bare.slice(0, at) || root;
    return { root, dir, base, ext, name: ext === '' ? base : base.slice(0, -ext.length) };
}
function format(parts) {
    if (typeof parts !== 'object' || parts === null) {
        throw argumentType('pathObject', 'of type object', parts);
    }
    const dir = parts.dir || parts.root;
    const ext = parts.ext ? `${parts.ext[0] === '.' ? '' : '.'}${parts.ext}` : '';
    const base = parts.base || `${parts.name || ''}${ext}`;
    if (!dir) return base;
    return dir === parts.root ? `${dir}${base}` : `${dir}/${base}`;
}

const path = { basename, dirname, extname, format, isAbsolute, join, normalize, parse, relative, resolve,
    sep: '/', delimiter: ':', toNamespacedPath: (value) => value };
path.posix = path;
return refuse(path, 'path', ['win32', 'matchesGlob']);
}))js";

}  // namespace wsblast::js
