// What the backend used, as a person reads it. Names that come from it are shown with "." for what is not
// printable ASCII.
#pragma once

#include <string>

#include "stats/backend_use.hpp"

namespace wsblast::report {

// "cpu 0.93 (user 0.41, system 0.52), rss 812.0 MiB, 3 threads, 10,012 files of 20,000, 18,000 switches/s";
// what is unknown is left out. "ended" or why nothing is known, where it is so. One line, no line feed.
[[nodiscard]] std::string backend_line(const stats::BackendUse& use);

// A heading, that line, the threads that used CPU, the control group and the metrics. Begins with an empty
// line, as the other sections do.
[[nodiscard]] std::string backend_section(const stats::BackendUse& use);

// "812.0 MiB", "5.2 KiB", "12 B"; a decrease is negative.
[[nodiscard]] std::string bytes_text(double bytes);

}  // namespace wsblast::report
