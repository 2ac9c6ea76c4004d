// A value of a variable, as scenario files, JSON and JavaScript have them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wsblast {

enum class ValueType : std::uint8_t {
    undefined,  // there is no such variable
    null,
    boolean,
    number,
    text,  // UTF-8
    json,  // an object or an array, as JSON text
};

// Owns nothing: whoever hands one over says how long its text lives.
struct Value {
    ValueType type = ValueType::undefined;
    double number = 0;  // boolean: 0 or 1
    std::string_view text{};

    [[nodiscard]] static constexpr Value of_null() { return {.type = ValueType::null}; }
    [[nodiscard]] static constexpr Value of_number(double value) {
        return {.type = ValueType::number, .number = value};
    }
    [[nodiscard]] static constexpr Value of_boolean(double value) {
        return {.type = ValueType::boolean, .number = value};
    }
    [[nodiscard]] static constexpr Value of_text(std::string_view value) {
        return {.type = ValueType::text, .text = value};
    }
    [[nodiscard]] static constexpr Value of_json(std::string_view value) {
        return {.type = ValueType::json, .text = value};
    }

    // The same type and the same contents: JavaScript's === for all but objects, which are compared as
    // text.
    [[nodiscard]] friend bool operator==(const Value&, const Value&) = default;
};

// One that owns its text.
class OwnedValue {
  public:
    OwnedValue() = default;
    explicit OwnedValue(const Value& value) : value_(value), text_(value.text) {}

    // Valid as long as this object stays where it is and what it is.
    [[nodiscard]] Value view() const { return {value_.type, value_.number, text_}; }

  private:
    Value value_;
    std::string text_;
};

}  // namespace wsblast
