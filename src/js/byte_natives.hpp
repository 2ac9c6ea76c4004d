// The functions of C++ that our JavaScript for bytes is built on: text and bytes, digests.
#pragma once

#include <js/TypeDecls.h>

namespace wsblast::js {

// Puts them into `object`. False, with an exception pending: no memory.
//
//     decode(text, encoding)             its bytes, an ArrayBuffer; encoding: a name of encodings.hpp
//     encode(bytes, encoding, from, to)  their text; bytes: a view
//     isDigest(algorithm)                whether OpenSSL has it
//     digest(algorithm, bytes[, key])    an ArrayBuffer: the digest, or the HMAC with `key`; undefined: the
//                                        algorithm has none
[[nodiscard]] bool define_byte_natives(JSContext* cx, JS::HandleObject object);

}  // namespace wsblast::js
