// config.payload: CSV files whose rows users have as variables.
#pragma once

#include <string>
#include <vector>

#include "base/node.hpp"
#include "base/result.hpp"
#include "script/flow_context.hpp"

namespace wsblast::script {

struct PayloadSource {
    std::string script;              // what paths in it are relative to
    std::vector<std::string> paths;  // -p: they win over those of the script, in their order
};

// Reads the files, and makes a slot for each field. A text that is a number becomes one, unless `cast:
// false`. Warnings: options without a meaning here, files without rows. Errors: "FILE:LINE:
// config.payload[0].path:
// ...", and "'USERS.csv', line 3: ...", which never repeat a value: it may be a password.
[[nodiscard]] Result<void> read_payloads(const Node& config, const PayloadSource& source,
                                         FlowContext& into);

}  // namespace wsblast::script
