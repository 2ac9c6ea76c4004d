// What was thrown, for a person: "TypeError: x is undefined (x.js:12)".
#pragma once

#include <cstdint>
#include <string>

#include <js/TypeDecls.h>

#include "js/text.hpp"

namespace wsblast::js {

// The name of the file of our own JavaScript: not where a person looks for a fault.
inline constexpr const char* kPreludeFile = "wsblast-prelude.js";

struct Failure {
    std::string what;
    std::string file{};  // empty: it is not known where (throw 'text')
    std::uint32_t line = 0;
    std::string
        message{};  // an Error's own, without its type; of anything else, and if it is empty, `what`

    // "what (file:line)"
    [[nodiscard]] std::string text() const;
};

// Of a value that was thrown, or passed to done(), or that a promise was rejected with. Runs no script.
[[nodiscard]] Failure describe(JSContext* cx, JS::HandleValue thrown, TextBuffer& buffer);
// Of the pending exception, which is cleared; there is one.
[[nodiscard]] Failure take_exception(JSContext* cx, TextBuffer& buffer);

}  // namespace wsblast::js
