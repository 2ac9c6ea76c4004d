// Where the redirects of a run's targets lead: asked before the run, so that no worker has to look a name
// up. The main thread; blocking.
#pragma once

#include <functional>

#include "load/targets.hpp"
#include "plan/run_options.hpp"

namespace wsblast::load {

// Asks each target as a connection would, limits::kRedirectLooks times (a balancer redirects to several
// hosts), and follows each redirect to its end. Adds the hosts on the way to the destinations and routes,
// and the rules for the workers, which follow redirects to these hosts and to those of the URLs, whatever
// the path. A target that does not answer is left to the run, which will say why; a host that cannot be
// looked up becomes a warning. All looks together have the connect timeout of one connection; what was not
// seen by then is a warning too. Ends as soon as `stop_requested`.
void find_redirects(const plan::RunOptions& options, ResolvedTargets& targets,
                    const std::function<bool()>& stop_requested);

}  // namespace wsblast::load
