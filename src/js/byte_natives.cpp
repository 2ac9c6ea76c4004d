#include "js/byte_natives.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include <js/ArrayBuffer.h>
#include <js/CallArgs.h>
#include <js/Conversions.h>
#include <js/PropertySpec.h>
#include <js/StableStringChars.h>
#include <js/experimental/TypedData.h>
#include <jsapi.h>

#include "base/limits.hpp"
#include "crypto/digest.hpp"
#include "js/core.hpp"
#include "js/encodings.hpp"

namespace wsblast::js {

namespace {

constexpr const char* kTooLong = "text and bytes of more than 4 Mi are not converted at once";

// The bytes of a view, until something of JavaScript is made or run. Nothing: it is none.
std::optional<ByteView> bytes_of(JS::HandleValue value) {
    std::size_t size = 0;
    bool is_shared = false;
    std::uint8_t* data = nullptr;
    if (!value.isObject() ||
        JS_GetObjectAsArrayBufferView(&value.toObject(), &size, &is_shared, &data) == nullptr) {
        return std::nullopt;
    }
    return ByteView(data, size);
}

bool return_bytes(JSContext* cx, const JS::CallArgs& args, std::string_view bytes) {
    JS::RootedObject memory(cx, JS::NewArrayBuffer(cx, bytes.size()));
    if (memory == nullptr) return false;
    if (!bytes.empty()) {
        const JS::AutoCheckCannotGC still;
        bool is_shared = false;
        std::memcpy(JS::GetArrayBufferData(memory, &is_shared, still), bytes.data(), bytes.size());
    }
    args.rval().setObject(*memory);
    return true;
}

std::optional<Encoding> encoding_argument(JSContext* cx, JS::HandleValue value) {
    if (!value.isString()) return std::nullopt;
    JS::RootedString name(cx, value.toString());
    return encoding_of(Core::of(cx).text.take(cx, name));
}

bool decode(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    const std::optional<Encoding> encoding = encoding_argument(cx, args.get(1));
    if (!encoding || !args[0].isString()) return fail(cx, "decode: it takes a text and an encoding");
    JS::RootedString text(cx, args[0].toString());
    if (JS_GetStringLength(text) > limits::kScriptTextUnits) return fail(cx, kTooLong);
    JS::AutoStableStringChars units(cx);
    if (!units.initTwoByte(cx, text)) return false;
    const auto range = units.twoByteRange();
    return return_bytes(cx, args, to_bytes({range.begin().get(), range.length()}, *encoding));
}

// A place within `size` bytes.
std::size_t place(JS::HandleValue value, std::size_t size) {
    const double number = value.isNumber() ? value.toNumber() : 0;
    return number > 0 ? std::min(size, static_cast<std::size_t>(std::min(number, 9e15))) : 0;
}

bool encode(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    const std::optional<Encoding> encoding = encoding_argument(cx, args.get(1));
    const std::optional<ByteView> bytes = bytes_of(args.get(0));
    if (!encoding || !bytes) return fail(cx, "encode: it takes bytes and an encoding");
    const std::size_t end = place(args.get(3), bytes->size());
    const std::size_t begin = std::min(place(args.get(2), bytes->size()), end);
    if (end - begin > limits::kScriptTextUnits) return fail(cx, kTooLong);
    const std::u16string units = to_text(bytes->subspan(begin, end - begin), *encoding);
    JSString* text = JS_NewUCStringCopyN(cx, units.data(), units.size());
    if (text == nullptr) return false;
    args.rval().setString(text);
    return true;
}

bool is_digest(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    JS::RootedString name(cx, JS::ToString(cx, args.get(0)));
    if (name == nullptr) return false;
    args.rval().setBoolean(crypto::is_digest(std::string(Core::of(cx).text.take(cx, name))));
    return true;
}

bool digest(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    JS::RootedString name(cx, JS::ToString(cx, args.get(0)));
    if (name == nullptr) return false;
    const std::string algorithm(Core::of(cx).text.take(cx, name));
    const std::optional<ByteView> bytes = bytes_of(args.get(1));
    const std::optional<ByteView> key = bytes_of(args.get(2));
    if (!bytes) return fail(cx, "digest: it takes an algorithm and bytes");
    const std::optional<std::string> result =
        key ? crypto::hmac(algorithm, *key, *bytes) : crypto::digest(algorithm, *bytes);
    args.rval().setUndefined();
    return !result || return_bytes(cx, args, *result);
}

constexpr JSFunctionSpec kByteNatives[] = {JS_FN("decode", decode, 2, 0), JS_FN("encode", encode, 4, 0),
                                           JS_FN("isDigest", is_digest, 1, 0),
                                           JS_FN("digest", digest, 3, 0), JS_FS_END};

}  // namespace

bool define_byte_natives(JSContext* cx, JS::HandleObject object) {
    return JS_DefineFunctions(cx, object, kByteNatives);
}

}  // namespace wsblast::js
