// What of the backend is to be watched, as a person writes it on the command line. Every error is a usage
// error that names the value and shows one that is allowed. Whether there is such a process, port, group or
// endpoint is only known when it is opened (watch/watcher.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.hpp"

namespace wsblast::app {

// --watch-pid: the number of a process, 1 to 4194304 (the largest kernel.pid_max).
[[nodiscard]] Result<pid_t> parse_watch_pid(std::string_view text);

// --watch-port: 1 to 65535.
[[nodiscard]] Result<std::uint16_t> parse_watch_port(std::string_view text);

// --watch-cgroup: a path, absolute or below the root of its hierarchy, without "..".
[[nodiscard]] Result<std::string> parse_watch_cgroup(std::string_view text);

// --watch-prometheus: a URL that begins with http:// or https:// and names a host.
[[nodiscard]] Result<std::string> parse_watch_prometheus(std::string_view text);

// --watch-metric: NAME or NAME{label="value"}; returned as it is (watch/metric_query.hpp reads it).
[[nodiscard]] Result<std::string> parse_watch_metric(std::string_view text);

}  // namespace wsblast::app
