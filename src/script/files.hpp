// Files of a scenario: where they are, and what is in them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/node.hpp"
#include "base/result.hpp"

namespace wsblast::script {

// All of a regular file of at most `bytes_max`. Usage error: "'PATH' cannot be read: ...", without a place.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// A path that a script names is relative to the folder of that script.
[[nodiscard]] std::string beside(const std::string& script, const std::string& path);

// A script or a configuration as a tree, by the ending of its name: .yml, .yaml or .json. Its root is a
// map.
[[nodiscard]] Result<Node> read_script_file(const std::string& path);

// JSON of an option ("--overrides"), which is an object.
[[nodiscard]] Result<Node> read_option_json(std::string_view option, std::string_view text);

// NAME=VALUE lines, as npm's dotenv reads them: quotes, # comments, `export`, and \n in double quotes.
using Variables = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] Result<Variables> read_dotenv(const std::string& path);

// The variables of this process, and those of a .env file, which become its own where it has none of their
// name.
[[nodiscard]] Result<Variables> read_environment(const std::string& dotenv_path);

}  // namespace wsblast::script
