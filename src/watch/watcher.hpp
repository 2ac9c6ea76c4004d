// Watches the backend beside the load: its processes in /proc, its control group, and what it says of
// itself to Prometheus. One thread; scraping has one of its own, so that no reading waits for the backend.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/endpoint.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "host/cgroup.hpp"
#include "plan/watch_options.hpp"
#include "stats/backend_use.hpp"
#include "watch/reading.hpp"
#include "watch/scraper.hpp"

namespace wsblast::watch {

class Watcher {
  public:
    // The processes of `options`; without pid, port and cgroup those that find_local() finds. The endpoint
    // of Prometheus is asked once. Usage errors, each with what is allowed and the remedy: no such process
    // or none that may be read, nobody listens on the port, no such control group, a metric's name that is
    // none, an endpoint that does not answer in the format.
    [[nodiscard]] static Result<Watcher> open(const plan::WatchOptions& options,
                                              std::span<const Endpoint> targets);

    // Whoever listens on the port of a target whose address is this machine's. Nobody, or nobody who may be
    // read, is no error: readings then are `unwatched` and say why.
    [[nodiscard]] static Watcher find_local(std::span<const Endpoint> targets);

    // What was used up to now. 0.6 ms for 50 threads; once a second it also looks for new children.
    [[nodiscard]] BackendReading read();

    // `earlier` and `later` are readings of one watcher.
    [[nodiscard]] static stats::BackendUse between(const BackendReading& earlier,
                                                   const BackendReading& later);

    // Those that are watched and alive, as of the last reading: for a profiler.
    [[nodiscard]] std::vector<pid_t> pids() const;
    // "node (pid 4711) and 3 others"; why nobody is watched, when nobody is.
    [[nodiscard]] std::string what() const;
    // What a person should know, and is no error: a metric that the endpoint does not have yet.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    Watcher() = default;

    [[nodiscard]] Result<void> select(const plan::WatchOptions& options, std::span<const Endpoint> targets);
    void add(pid_t pid);
    void look_for_processes(TimeNs now);

    // A process, told from a later one with the same number.
    struct Watched {
        pid_t pid = 0;
        std::uint64_t start_ticks = 0;
        std::string name;
    };
    std::vector<Watched> watched_;
    bool found_any_ = false;
    std::string why_not_;  // nobody is watched
    TimeNs looked_at_ns_ = 0;
    std::optional<host::Cgroup> cgroup_;  // its processes are the backend
    std::unique_ptr<Scraper> scraper_;
    std::vector<std::string> warnings_;
};

}  // namespace wsblast::watch
