// The URLs of a run, looked up once before it: where connections go and what they say there. The main
// thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plan/run_options.hpp"
#include "proto/url.hpp"
#include "session/client_targets.hpp"
#include "stats/histogram.hpp"
#include "transport/route.hpp"
#include "transport/source_plan.hpp"

namespace wsblast::load {

struct ResolvedTargets {
    std::vector<session::ClientTarget> clients;  // by TargetId
    // By TargetId; behind those of the URLs come places that redirects name.
    std::vector<std::vector<transport::Destination>> destinations;
    std::vector<transport::Route> routes;
    std::shared_ptr<const session::RedirectRules> redirects;  // null: they are not followed
    std::optional<stats::Summary> name_lookup;
    std::vector<std::string> warnings;
};

// One URL.
struct ResolvedTarget {
    session::ClientTarget client;
    std::vector<transport::Destination> destinations;
    transport::Route route;
    TimeNs lookup_ns = 0;
};
// Errors as of resolve_targets().
[[nodiscard]] Result<ResolvedTarget> resolve_target(const proto::Url& url, const plan::RunOptions& options);

// What connections say there. Any thread. Usage error: a bad header.
[[nodiscard]] Result<session::ClientTarget> make_client_target(const proto::Url& url,
                                                               const plan::RunOptions& options);

// Adds one URL, with what these options say of it; `lookups` has the times of all of them. Errors as of
// resolve_targets().
[[nodiscard]] Result<void> add_target(const std::string& text, const plan::RunOptions& options,
                                      ResolvedTargets& targets, stats::Histogram& lookups);

// Looks every name up. Where a name has several addresses each is tried once: one that refuses, or has no
// route, while another answers is left out with a warning. Errors: a bad URL or header (usage), an unknown
// host or no route to any of its addresses (environment).
[[nodiscard]] Result<ResolvedTargets> resolve_targets(const plan::RunOptions& options);

// Of several addresses of a name only those stay that answer a connection within a second; the others
// become warnings. When none answers all of them stay: the run will say why. Blocking.
void leave_out_silent(std::vector<transport::Destination>& destinations,
                      std::vector<std::string>& warnings);

}  // namespace wsblast::load
