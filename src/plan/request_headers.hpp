// What the upgrade requests of a run say besides host and path.
#pragma once

#include "plan/run_options.hpp"
#include "proto/upgrade.hpp"

namespace wsblast::plan {

// --subprotocol, --header, and the headers that other options stand for: Authorization of a login, Cookie.
// The columns are those of `options`, which lives as long. Usage error: a header that is given both ways.
[[nodiscard]] Result<proto::UpgradeOptions> upgrade_options(const RunOptions& options);

}  // namespace wsblast::plan
