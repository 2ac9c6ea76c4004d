// The words behind `script` and `validate`: files, and options that may have one letter, as Artillery's
// have.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.hpp"
#include "app/option_parser.hpp"
#include "base/result.hpp"
#include "plan/scenario.hpp"

namespace wsblast::app {

struct ScriptWords {
    std::vector<std::string> files;    // at least one
    std::vector<std::string> options;  // with long names
};

// Behind "--" every word is a file. Usage error: no file, a letter that is no option.
[[nodiscard]] Result<ScriptWords> split_script_words(std::span<const std::string> words,
                                                     std::span<const OptionName> allowed, Command command);

// "ws://host/{{0}}" with something in each hole's place: only then it is a URL.
[[nodiscard]] std::string fill_holes(std::string url, std::string_view filling);
// A target's URL for people: "*" for what differs from user to user, and no secrets.
[[nodiscard]] std::string shown_target(std::string url);
// Those of a script, each once: they may differ in their headers.
[[nodiscard]] std::vector<std::string> shown_targets(std::span<const plan::ScenarioTarget> targets);

}  // namespace wsblast::app
