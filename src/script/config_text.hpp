// The holes of `config`, filled in once before the run: {{ $environment }}, {{ $env.NAME }},
// {{ $processEnvironment.NAME }}, what -v gave, {{ $randomNumber(1, 10) }} and {{ $randomString(8) }}.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/node.hpp"
#include "base/result.hpp"
#include "script/files.hpp"

namespace wsblast::script {

// What holes of a configuration may name.
struct ConfigValues {
    Variables environment;   // $env.NAME, $processEnvironment.NAME
    Node variables;          // a map: $environment, $dirname, ..., and those of -v
    std::uint64_t seed = 0;  // of the functions
};

// Fills in every text below `config`. One that is one hole and nothing else becomes the value with its
// type. What the environment does not have is null, or "undefined" within a text, with a warning. Other
// names that are not known are left as they stand: they are a user's own variables, or told by whoever
// reads the key. Usage error: "FILE:LINE: config.target: ...": a function's arguments, or texts beyond
// limits::kScriptExpandedMax.
[[nodiscard]] Result<void> fill_config(Node& config, const ConfigValues& values,
                                       std::vector<std::string>& warnings);

// The name of a variable of the environment that a hole asks for: "HOME" of "$env.HOME"; empty: none.
[[nodiscard]] std::string_view environment_name(std::string_view hole);

// All holes "$env.NAME" and "$processEnvironment.NAME" in texts below `node`.
void find_environment_holes(const Node& node, std::set<std::string>& into);

}  // namespace wsblast::script
