// Command lines as a person writes them, and what they come to.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "app/options.hpp"

namespace wsblast::app {

using Arguments = std::vector<const char*>;

inline Result<Invocation> parse(const Arguments& arguments, const Environment& environment = {}) {
    return parse_command_line(arguments, environment);
}

// The options of the command, which must be one that has these.
template <class Options>
Options parsed(const Arguments& arguments, const Environment& environment = {}) {
    const Result<Invocation> invocation = parse(arguments, environment);
    INFO((invocation.ok() ? "" : invocation.error().what));
    REQUIRE(invocation.ok());
    REQUIRE(std::holds_alternative<Options>(*invocation));
    return std::get<Options>(*invocation);
}

// What the error says; empty when there was none.
inline std::string fault_of(const Arguments& arguments) {
    const Result<Invocation> invocation = parse(arguments);
    return invocation.ok() ? "" : invocation.error().what;
}

template <class Value>
bool refuses_naming(const Result<Value>& result, std::string_view word) {
    return !result.ok() && result.error().fault == Fault::usage &&
           result.error().what.find(word) != std::string::npos;
}

}  // namespace wsblast::app
