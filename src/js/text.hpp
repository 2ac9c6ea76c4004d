// Strings and values, into JavaScript and out of it. All text outside is UTF-8.
#pragma once

#include <string>
#include <string_view>

#include <js/TypeDecls.h>
#include <js/Value.h>

#include "base/value.hpp"

namespace wsblast::js {

// Text of JavaScript as UTF-8, in memory that is used again: what it returns lives until its next call.
class TextBuffer {
  public:
    // Lone surrogates become U+FFFD. What is above limits::kScriptTextUnits is cut off. Empty where
    // SpiderMonkey has no memory.
    [[nodiscard]] std::string_view take(JSContext* cx, JS::HandleString text);
    // As JSON.stringify does; "null" for what has no JSON. False: it threw (cycles, toJSON, too long).
    [[nodiscard]] bool take_json(JSContext* cx, JS::HandleValue value, std::string_view& json);
    // A variable: functions, symbols and undefined are undefined; so is an object whose JSON throws.
    [[nodiscard]] Value take_value(JSContext* cx, JS::HandleValue value);

  private:
    std::string memory_;
};

// Null: no memory. What is no UTF-8 is taken for Latin-1.
[[nodiscard]] JSString* to_string(JSContext* cx, std::string_view text);
// False, with an exception pending: no memory, or `json` text that is none.
[[nodiscard]] bool to_value(JSContext* cx, const Value& value, JS::MutableHandleValue out);

}  // namespace wsblast::js
