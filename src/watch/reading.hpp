// What was known of the backend at one time, and what it used between two of them. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "host/cgroup.hpp"
#include "host/process.hpp"
#include "stats/backend_use.hpp"
#include "watch/scraper.hpp"

namespace wsblast::watch {

// Everything since the processes' start: two of them make a BackendUse. A plain value.
struct BackendReading {
    TimeNs at_ns = 0;
    TimeNs since_boot_ns = 0;  // the clock of the processes' starts
    stats::BackendPresence presence = stats::BackendPresence::unwatched;
    std::string why{};  // of `unwatched`
    std::vector<host::ProcessUse> processes{};
    std::optional<host::CgroupUse> cgroup{};
    std::optional<Scrape> scrape{};  // the last one; its own time stands in it
};

// What was used from the one to the other; both are of one watcher. A process that was found in between
// counts from its start, unless it is older than the search for it explains: then from the later reading
// on.
[[nodiscard]] stats::BackendUse use_between(const BackendReading& earlier, const BackendReading& later);

}  // namespace wsblast::watch
