#include "js/text.hpp"

#include <algorithm>

#include <js/CallAndConstruct.h>
#include <js/CharacterEncoding.h>
#include <js/Conversions.h>
#include <js/JSON.h>
#include <js/String.h>
#include <jsapi.h>
#include <mozilla/Span.h>
#include <mozilla/Tuple.h>
#include <mozilla/Utf8.h>

#include "base/limits.hpp"

namespace wsblast::js {

namespace {

// The most that one unit of a string becomes: Latin-1 units two bytes, UTF-16 units three.
constexpr std::size_t kBytesPerUnitMax = 3;

bool append_utf16(const char16_t* units, std::uint32_t count, void* into) {
    auto& text = *static_cast<std::u16string*>(into);
    if (text.size() + count > limits::kScriptTextUnits) return false;
    text.append(units, count);
    return true;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
}

}  // namespace

std::string_view TextBuffer::take(JSContext* cx, JS::HandleString text) {
    const std::size_t units = std::min(JS_GetStringLength(text), limits::kScriptTextUnits);
    const std::size_t bytes_max = units * kBytesPerUnitMax;
    if (memory_.size() < bytes_max) memory_.resize(bytes_max);
    const auto done =
        JS_EncodeStringToUTF8BufferPartial(cx, text, mozilla::Span(memory_.data(), memory_.size()));
    if (!done) {
        JS_ClearPendingException(cx);
        return {};
    }
    return {memory_.data(), mozilla::Get<1>(*done)};
}

bool TextBuffer::take_json(JSContext* cx, JS::HandleValue value, std::string_view& json) {
    std::u16string units;
    JS::RootedValue what(cx, value);
    if (!JS_Stringify(cx, &what, nullptr, JS::NullHandleValue, append_utf16, &units)) {
        if (!JS_IsExceptionPending(cx)) JS_ReportErrorASCII(cx, "the JSON is too long");
        return false;
    }
    JS::RootedString text(cx, JS_NewUCStringCopyN(cx, units.data(), units.size()));
    if (text == nullptr) return false;
    json = take(cx, text);
    return true;
}

Value TextBuffer::take_value(JSContext* cx, JS::HandleValue value) {
    if (value.isNull()) return Value::of_null();
    if (value.isBoolean()) return Value::of_boolean(value.toBoolean() ? 1 : 0);
    if (value.isNumber()) return Value::of_number(value.toNumber());
    if (value.isString() || value.isBigInt()) {
        JS::RootedString text(cx, JS::ToString(cx, value));
        return text == nullptr ? Value{} : Value::of_text(take(cx, text));
    }
    if (!value.isObject() || JS::IsCallable(&value.toObject())) return {};
    std::string_view json;
    if (!take_json(cx, value, json)) {
        JS_ClearPendingException(cx);
        return {};
    }
    return json == "null" ? Value::of_null() : Value::of_json(json);
}

JSString* to_string(JSContext* cx, std::string_view text) {
    if (is_ascii(text) || !mozilla::IsUtf8(mozilla::Span(text.data(), text.size()))) {
        return JS_NewStringCopyN(cx, text.data(), text.size());
    }
    return JS_NewStringCopyUTF8N(cx, JS::UTF8Chars(text.data(), text.size()));
}

bool to_value(JSContext* cx, const Value& value, JS::MutableHandleValue out) {
    switch (value.type) {
        case ValueType::undefined: out.setUndefined(); return true;
        case ValueType::null: out.setNull(); return true;
        case ValueType::boolean: out.setBoolean(value.number != 0); return true;
        case ValueType::number: out.set(JS_NumberValue(value.number)); return true;
        case ValueType::text:
        case ValueType::json: break;
    }
    JS::RootedString text(cx, to_string(cx, value.text));
    if (text == nullptr) return false;
    if (value.type == ValueType::json) return JS_ParseJSON(cx, text, out);
    out.setString(text);
    return true;
}

}  // namespace wsblast::js
