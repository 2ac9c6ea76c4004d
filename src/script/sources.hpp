// All that makes a scenario file, put together in Artillery's order: the script, further files, -c, the
// environment's part, -t, --overrides, -v; then the holes of `config` are filled in.
#pragma once

#include <string>
#include <vector>

#include "base/node.hpp"
#include "base/result.hpp"
#include "script/files.hpp"
#include "script/script.hpp"

namespace wsblast::script {

struct Sources {
    Node root;              // a map; its member config is one, too, and has no environments any more
    Variables environment;  // of this process and the .env file
    std::vector<std::string> warnings{};
};

// Usage errors name what is wrong, and where: an environment that is not in the file with those that are.
[[nodiscard]] Result<Sources> read_sources(const ScriptOptions& options, std::uint64_t seed);

}  // namespace wsblast::script
