// The texts of a scenario file with holes, compiled: what plan/user_text.hpp describes, from what a person
// wrote.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/node.hpp"
#include "base/result.hpp"
#include "plan/user_text.hpp"
#include "script/slots.hpp"

namespace wsblast::script {

// "{{ name }}", "{{{ name }}}", "{{ user.items[0].id }}", "{{ $randomNumber(1,10) }}",
// "{{ $randomString(8) }}", "{{ $timestamp }}". Names become slots. Usage error, without file and line: a
// hole without an end, what is no name, a function that there is not, or arguments that it does not take.
[[nodiscard]] Result<plan::UserText> parse_user_text(std::string_view text, SlotTable& slots);

// The same, of a text that stands there: the error has file and line, and names that are new were seen
// there first.
[[nodiscard]] Result<plan::UserText> read_user_text(std::string_view text, const Spot& spot,
                                                    SlotTable& slots);

// Any value as the JSON that JSON.stringify makes of it once all its texts, keys too, are filled in: a text
// that is one variable and nothing else keeps the variable's type, and its member is left out where it is
// undefined. Usage error with file and line; `key` is the way to the node.
[[nodiscard]] Result<plan::UserText> parse_user_json(const Node& node, std::string_view key,
                                                     SlotTable& slots);

// A variable and the way into it: "user.items[0].id" (lodash's paths). A name that is a slot's as a whole
// is that slot.
struct VariablePath {
    plan::SlotId slot = 0;
    std::vector<std::string> path{};
};
[[nodiscard]] Result<VariablePath> parse_variable_path(std::string_view text, SlotTable& slots);

// Holes whose value is the same for all users from the beginning on, and of a scalar, become literals: for
// what has to be known before the run.
[[nodiscard]] plan::UserText with_constants(const plan::UserText& text, SlotTable& slots);

}  // namespace wsblast::script
