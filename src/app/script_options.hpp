// What a person asked of `script` and `validate`, as plain data.
#pragma once

#include <string>

#include "plan/run_options.hpp"
#include "script/script.hpp"

namespace wsblast::app {

struct ScriptCommandOptions {
    // Its cores, sources, seed, JSON file, checks, progress and colours count, and its connect timeout
    // where it was given; everything else is the file's.
    plan::RunOptions run{};
    script::ScriptOptions file{};
    std::string output_path{};  // of Artillery's report.json, or a directory for it; empty: none
};

struct ValidateCommandOptions {
    ScriptCommandOptions script{};
};

}  // namespace wsblast::app
