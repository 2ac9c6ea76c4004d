// The exit statuses of the program and which of several counts. Scripts rely on them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/result.hpp"

namespace wsblast::app {

enum class ExitStatus : std::uint8_t {
    ok = 0,             // the run was made and no check failed
    failed = 1,         // the run was made and its verdict failed
    usage = 2,          // bad usage or bad input; no connection was opened
    impossible = 3,     // the run could not be made, or a result file could not be written
    saturated = 4,      // the generator itself was the bottleneck: the numbers are not to be trusted
    interrupted = 130,  // ended by SIGINT or SIGTERM; what was measured is reported in full
};

// Where several apply, the first of these counts.
inline constexpr std::array<ExitStatus, 6> kByPrecedence{ExitStatus::usage,      ExitStatus::interrupted,
                                                         ExitStatus::impossible, ExitStatus::saturated,
                                                         ExitStatus::failed,     ExitStatus::ok};

// Of two statuses that both apply, the one to exit with.
[[nodiscard]] constexpr ExitStatus first_of(ExitStatus a, ExitStatus b) {
    return *std::find_if(kByPrecedence.begin(), kByPrecedence.end(),
                         [=](ExitStatus status) { return status == a || status == b; });
}

// What a failure before the run exits with.
[[nodiscard]] constexpr ExitStatus status_of(Fault fault) {
    switch (fault) {
        case Fault::usage: return ExitStatus::usage;
        case Fault::environment: return ExitStatus::impossible;
    }
    return ExitStatus::impossible;
}

[[nodiscard]] constexpr int to_int(ExitStatus status) {
    return static_cast<int>(status);
}

}  // namespace wsblast::app
