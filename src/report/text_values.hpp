// Times as the text report shows them.
#pragma once

#include <optional>
#include <string>

#include "base/units.hpp"
#include "stats/histogram.hpp"
#include "text/format.hpp"

namespace wsblast::report {

// "12.34ms".
[[nodiscard]] inline std::string ms(double time_ns) {
    return text::format("{:.2f}ms", time_ns / static_cast<double>(kMillisecond));
}

// Of one field of a summary; "n/a" without samples.
template <class Field>
[[nodiscard]] std::string ms(const std::optional<stats::Summary>& summary, Field stats::Summary::*field) {
    return summary ? ms(static_cast<double>((*summary).*field)) : "n/a";
}

}  // namespace wsblast::report
