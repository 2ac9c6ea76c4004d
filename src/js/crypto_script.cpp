// require('crypto'): random bytes and numbers, digests and HMACs by OpenSSL.
#include "js/node_scripts.hpp"

namespace wsblast::js {

const char* const kCryptoScript = R"js((function (native, need) {
'use strict';
const { coded, argumentType, outOfRange, checkInteger, checkString, checkFunction, refuse } =
    need('#errors');
const { Buffer } = need('buffer');
const BYTES_MAX = 2 ** 31 - 1;

// --- random ----------------------------------------------------------------------------------------

// Of the run's ids and payloads, not of secrets: Math.random().
function randomFill(bytes) {
    for (let i = 0; i < bytes.length; ++i) bytes[i] = Math.random() * 256;
}
function randomFillSync(target, offset = 0, size = undefined) {
    const memory = ArrayBuffer.isView(target) ? target.buffer : target;
    if (!(memory instanceof ArrayBuffer)) {
        throw argumentType('buf', 'an instance of ArrayBuffer or ArrayBufferView', target);
    }
    const unit = target.BYTES_PER_ELEMENT || 1;
    const most = target.byteLength;
    checkInteger(offset, 'offset', 0, most / unit);
    const rest = most - offset * unit;
    if (size !== undefined) checkInteger(size, 'size', 0, rest / unit);
    const count = size === undefined ? rest : size * unit;
    randomFill(new Uint8Array(memory, (target.byteOffset || 0) + offset * unit, count));
    return target;
}
function later(done, value) {
    checkFunction(done, 'callback');
    setImmediate(() => done(null, value));
}
function randomBytes(size, done) {
    checkInteger(size, 'size', 0, BYTES_MAX);
    if (done !== undefined) checkFunction(done, 'callback');
    const bytes = Buffer.alloc(size);
    randomFill(bytes);
    return done === undefined ? bytes : later(done, bytes);
}
function randomInt(low, high, callback) {
    const hasLow = high !== undefined && typeof high !== 'function';
    const [min, max, done] = hasLow ? [low, high, callback] : [0, low, high];
    for (const [name, value] of [['min', min], ['max', max]]) {
        if (!Number.isSafeInteger(value)) throw argumentType(name, 'a safe integer', value);
    }
    if (max <= min) {
        throw outOfRange('max', `greater than the value of "min" (${min})`, max);
    }
    if (max - min > 2 ** 48 - 1) throw outOfRange(hasLow ? 'max - min' : 'max', `<= ${2 ** 48 - 1}`,
        max - min);
    const value = min + Math.floor(Math.random() * (max - min));
    return done === undefined ? value : later(done, value);
}

// --- digests ---------------------------------------------------------------------------------------

const asBytes = (data, encoding) => typeof data === 'string'
    ? Buffer.from(data, Buffer.isEncoding(encoding) ? encoding : 'utf8')
    : Buffer.from(new Uint8Array(data.buffer || data, data.byteOffset || 0, data.byteLength));
const isData = (data) => typeof data === 'string' || ArrayBuffer.isView(data);

function output(memory, encoding) {
    const bytes = Buffer.from(memory);
    return Buffer.isEncoding(encoding) ? bytes.toString(encoding) : bytes;
}
const finalized = () => coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');

// What both keep: the pieces, as they were when they came.
class Pieces {
    #pieces = [];
    #isOver = false;
    constructor(pieces = []) { this.#pieces = pieces; }
    update(data, encoding) {
        if (!isData(data)) {
            throw argumentType('data',
                'of type string or an instance of Buffer, TypedArray, or DataView', data);
        }
        if (this.#isOver) throw finalized();
        this.#pieces.push(asBytes(data, encoding));
        return this;
    }
    take() {
        if (this.#isOver) throw finalized();
        this.#isOver = true;
        return this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    }
    get isOver() { return this.#isOver; }
    copy() {
        if (this.#isOver) throw finalized();
        return new Pieces([...this.#pieces]);
    }
}

class Hash {
    #algorithm;
    #pieces;
    constructor(algorithm, pieces = new Pieces()) {
        this.#algorithm = algorithm;
        this.#pieces = pieces;
    }
    update(data, encoding) {
        this.#pieces.update(data, encoding);
        return this;
    }
    digest(encoding) { return output(native.digest(this.#algorithm, this.#pieces.take()), encoding); }
    copy() { return new Hash(this.#algorithm, this.#pieces.copy()); }
}
class Hmac {
    #algorithm;
    #key;
    #pieces = new Pieces();
    constructor(algorithm, key) {
        this.#algorithm = algorithm;
        this.#key = key;
    }
    update(data, encoding) {
        this.#pieces.update(data, encoding);
        return this;
    }
    // A second time gives nothing, as in Node.js.
    digest(encoding) {
        const memory = this.#pieces.isOver ? new ArrayBuffer(0)
            : native.digest(this.#algorithm, this.#pieces.take(), this.#key);
        return output(memory, encoding);
    }
}
// What is missing is refused at once: options are Node.js's of streams and of SHAKE.
function checkOptions(options, what) {
    if (options === undefined || options === null || Object.keys(options).length === 0) return;
    throw new Error(`${what}: options are not supported`);
}
function createHash(algorithm, options) {
    checkString(algorithm, 'algorithm');
    checkOptions(options, 'createHash');
    if (!native.isDigest(algorithm)) throw new Error('Digest method not supported');
    return new Hash(algorithm);
}
function createHmac(algorithm, key, options) {
    checkString(algorithm, 'hmac');
    if (typeof key !== 'string' && !ArrayBuffer.isView(key) && !(key instanceof ArrayBuffer)) {
        throw argumentType('key', 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, ' +
            'DataView, KeyObject, or CryptoKey', key);
    }
    checkOptions(options, 'createHmac');
    if (!native.isDigest(algorithm)) {
        throw coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${algorithm}`);
    }
    return new Hmac(algorithm, asBytes(key));
}

function timingSafeEqual(a, b) {
    for (const [name, value] of [['buf1', a], ['buf2', b]]) {
        if (!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)) {
            throw argumentType(name, 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView',
                value);
        }
    }
    const [one, other] = [asBytes(a), asBytes(b)];
    if (one.length !== other.length) {
        throw coded(RangeError, 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH',
            'Input buffers must have the same byte length');
    }
    return one.equals(other);
}
const HASHES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-224', 'sha512-256',
    'sha3-224',
    'sha3-256', 'sha3-384', 'sha3-512'];

return refuse({ ...native.crypto, randomFillSync, randomBytes, randomInt, createHash, createHmac,
    timingSafeEqual, Hash, Hmac, getHashes: () => HASHES.filter(native.isDigest),
        webcrypto: native.crypto },
'crypto', ['createCipheriv', 'createDecipheriv', 'createSign', 'createVerify', 'createPrivateKey',
    'createPublicKey', 'createSecretKey', 'createDiffieHellman', 'createECDH', 'generateKeyPair',
    'generateKeyPairSync', 'generateKey', 'generateKeySync', 'hkdf', 'hkdfSync', 'pbkdf2', 'pbkdf2Sync',
    'scrypt', 'scryptSync', 'sign', 'verify', 'publicEncrypt', 'privateDecrypt', 'privateEncrypt',
    'publicDecrypt', 'randomFill', 'hash', 'subtle', 'KeyObject', 'X509Certificate']);
}))js";

}  // namespace wsblast::js
