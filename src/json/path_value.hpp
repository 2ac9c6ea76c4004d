// Values of a parsed message, as JavaScript sees them: for the readers of this folder.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "base/node.hpp"
#include "base/value.hpp"
#include "json/document.hpp"
#include "json/path_step.hpp"

namespace wsblast::json {

// A scalar; its text belongs to the document. Objects and arrays: of the type json, without their text.
[[nodiscard]] inline Value scalar_of(const simdjson::dom::element& element) {
    using simdjson::dom::element_type;
    switch (element.type()) {
        case element_type::STRING: return Value::of_text(element.get_string().value_unsafe());
        case element_type::INT64:
            return Value::of_number(static_cast<double>(element.get_int64().value_unsafe()));
        case element_type::UINT64:
            return Value::of_number(static_cast<double>(element.get_uint64().value_unsafe()));
        case element_type::DOUBLE: return Value::of_number(element.get_double().value_unsafe());
        case element_type::BOOL: return Value::of_boolean(element.get_bool().value_unsafe() ? 1 : 0);
        case element_type::NULL_VALUE: return Value::of_null();
        case element_type::ARRAY:
        case element_type::OBJECT: return Value::of_json({});
    }
    return {};
}

// As JSON.stringify writes it, behind what `json` has.
inline void append_text(std::string& json, std::string_view text) {
    const auto special = [](char letter) {
        return letter == '"' || letter == '\\' || static_cast<unsigned char>(letter) < ' ';
    };
    for (const char letter : text) {
        if (!special(letter)) continue;
        json += to_json_text(text);
        return;
    }
    json += '"';
    json += text;
    json += '"';
}

// The shortest text that reads back. Whole numbers that simdjson does not read, as they are above 64 bits,
// have an exponent, which JSON.stringify() gives them from 1e21 on.
inline void append_number(std::string& json, double number) {
    if (number >= -0x1p63 && number < 0x1p64) {
        json += to_number_text(number);
        return;
    }
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific);
    json.append(text.data(), end.ptr);
}

inline void append_element(std::string& json, const simdjson::dom::element& element) {
    if (element.is_array()) {
        json += '[';
        std::string_view comma;
        const simdjson::dom::array items = element.get_array().value_unsafe();
        for (const simdjson::dom::element item : items) {
            json += comma;
            append_element(json, item);
            comma = ",";
        }
        json += ']';
        return;
    }
    if (element.is_object()) {
        json += '{';
        std::string_view comma;
        const simdjson::dom::object members = element.get_object().value_unsafe();
        for (const auto& [key, value] : members) {
            json += comma;
            append_text(json, key);
            json += ':';
            append_element(json, value);
            comma = ",";
        }
        json += '}';
        return;
    }
    const Value scalar = scalar_of(element);
    switch (scalar.type) {
        case ValueType::text: append_text(json, scalar.text); return;
        case ValueType::number: append_number(json, scalar.number); return;
        case ValueType::boolean: json += scalar.number != 0 ? "true" : "false"; return;
        case ValueType::null:
        case ValueType::undefined:
        case ValueType::json: json += "null"; return;
    }
}

// JavaScript's ToNumber of scalars; NaN: it is none.
[[nodiscard]] inline double to_number(const Value& value) {
    switch (value.type) {
        case ValueType::number:
        case ValueType::boolean: return value.number;
        case ValueType::null: return 0;
        case ValueType::undefined:
        case ValueType::json: return std::nan("");
        case ValueType::text: break;
    }
    if (value.text.empty()) return 0;
    double number = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [rest, error] = std::from_chars(value.text.data(), end, number);
    return error == std::errc{} && rest == end ? number : std::nan("");
}

[[nodiscard]] inline bool is_true(const Value& value) {
    switch (value.type) {
        case ValueType::undefined:
        case ValueType::null: return false;
        case ValueType::boolean:
        case ValueType::number: return value.number != 0 && !std::isnan(value.number);
        case ValueType::text: return !value.text.empty();
        case ValueType::json: return true;
    }
    return false;
}

// ECMA-262 7.2.14, of scalars. Two objects are never the same one.
[[nodiscard]] inline bool is_equal(const Value& left, const Value& right) {
    const auto missing = [](const Value& value) {
        return value.type == ValueType::undefined || value.type == ValueType::null;
    };
    if (missing(left) || missing(right)) return missing(left) && missing(right);
    if (left.type == ValueType::json || right.type == ValueType::json) return false;
    if (left.type == right.type) return left == right;
    return to_number(left) == to_number(right);
}

[[nodiscard]] inline bool compare(const Value& left, FilterOperator by, const Value& right) {
    const bool texts = left.type == ValueType::text && right.type == ValueType::text;
    const double first = texts ? left.text.compare(right.text) : to_number(left);
    const double second = texts ? 0 : to_number(right);
    switch (by) {
        case FilterOperator::equal: return is_equal(left, right);
        case FilterOperator::not_equal: return !is_equal(left, right);
        case FilterOperator::same: return left == right && left.type != ValueType::json;
        case FilterOperator::not_same: return !(left == right) || left.type == ValueType::json;
        case FilterOperator::less: return first < second;
        case FilterOperator::less_or_equal: return first <= second;
        case FilterOperator::greater: return first > second;
        case FilterOperator::greater_or_equal: return first >= second;
    }
    return false;
}

}  // namespace wsblast::json
