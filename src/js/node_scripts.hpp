// Modules and globals of Node.js in JavaScript of our own, each compiled where a script first asks for it:
// who needs none of them pays for none.
#pragma once

#include <string_view>

namespace wsblast::js {

// The sources: each is an expression whose value is a function (native, need) -> the module, where
// need(name) gives another one. Names with a # are for the others only.
extern const char* const kNodeErrorsScript;
extern const char* const kBufferScript;
extern const char* const kBufferNumbersScript;
extern const char* const kBufferSearchScript;
extern const char* const kTextScript;
extern const char* const kCryptoScript;
extern const char* const kUrlScript;
extern const char* const kUrlParserScript;
extern const char* const kUrlSearchScript;
extern const char* const kUtilScript;
extern const char* const kEventsScript;
extern const char* const kPathScript;
extern const char* const kQuerystringScript;

// The source by the name of a module; null: there is none.
[[nodiscard]] const char* node_script(std::string_view name);

}  // namespace wsblast::js
