// The URLs of a run, looked up once before it: where connections go and what they say there. The main
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plan/run_options.hpp"
#include "session/client_upgrade.hpp"
#include "stats/histogram.hpp"
#include "transport/route.hpp"
#include "transport/source_plan.hpp"

namespace wsblast::load {

struct ResolvedTargets {
    std::vector<session::ClientTarget> clients;                     // by TargetId
    std::vector<std::vector<transport::Destination>> destinations;  // by TargetId
    std::vector<transport::Route> routes;                           // by TargetId
    std::optional<stats::Summary> name_lookup;
    std::vector<std::string> warnings;
};

// Looks every name up. Where a name has several addresses each is tried once: one that refuses, or has no
// route, while another answers is left out with a warning. Errors: a bad URL or header (usage), an unknown
// host or no route to any of its addresses (environment).
[[nodiscard]] Result<ResolvedTargets> resolve_targets(const plan::RunOptions& options);

// Of several addresses of a name only those stay that answer a connection within a second; the others
// become warnings. When none answers all of them stay: the run will say why. Blocking.
void leave_out_silent(std::vector<transport::Destination>& destinations,
                      std::vector<std::string>& warnings);

}  // namespace wsblast::load
