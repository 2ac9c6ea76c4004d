// A text of a scenario file with holes for variables and random values: a payload, a header, a URL's path,
// a line of a log. Compiled once: a user's variables are slots, found by number.
//
//     {{ name }}   {{ user.items[0].id }}   {{ $randomNumber(1,10) }}   {{ $randomString(8) }}
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wsblast::plan {

// A variable of a scenario, in the order of Scenario::slots.
using SlotId = std::uint16_t;

enum class PartKind : std::uint8_t {
    literal,        // the literal alone
    variable,       // ... followed by the value of `slot`, or of what `path` finds in it
    random_number,  // ... by a whole number of low .. high, both included
    random_string,  // ... by `low` characters of a-z, A-Z and 0-9
    unix_ms,        // ... by the time of day in milliseconds ($timestamp)
};

// How a value becomes text.
enum class PartForm : std::uint8_t {
    plain,         // as it is; objects as JSON; undefined: `Scenario`'s rule of the place (see UserText)
    json_value,    // a JSON value: text is quoted and escaped, a number stays a number; undefined: null
    json_member,   // the same for a member of an object, whose literal is its `"key":` alone. Undefined:
                   // nothing is written, the literal neither. Else a comma is written first, unless what
                   // is written so far ends with `{`. A literal that follows a json_member and begins with
                   // a comma loses it where what is written so far ends with `{`. So that the members that
                   // are there stand as JSON.stringify would write them.
    json_escaped,  // within the quotes of a JSON string
};

struct TextPart {
    std::string literal{};  // before the value
    PartKind kind = PartKind::literal;
    PartForm form = PartForm::plain;
    SlotId slot = 0;
    std::vector<std::string> path{};  // into an object or an array (lodash's); empty: the whole value
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};

// Immutable once compiled, for any thread.
struct UserText {
    std::vector<TextPart> parts{};
    // What an undefined variable becomes where the form is plain: Artillery sends nothing for a payload
    // that is one hole and nothing else, and "undefined" within a text.
    std::string undefined_text = "undefined";

    [[nodiscard]] bool constant() const {
        return parts.empty() || (parts.size() == 1 && parts[0].kind == PartKind::literal);
    }
    // Of a constant one.
    [[nodiscard]] const std::string& text() const {
        static const std::string kNothing;
        return parts.empty() ? kNothing : parts[0].literal;
    }
    // It is one hole and nothing else, so that its value keeps its type.
    [[nodiscard]] bool one_value() const {
        return parts.size() == 1 && parts[0].kind != PartKind::literal && parts[0].literal.empty();
    }
};

}  // namespace wsblast::plan
