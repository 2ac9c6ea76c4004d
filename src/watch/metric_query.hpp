// A metric that a person asked for, and what an exposition says of it. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "watch/exposition.hpp"

namespace wsblast::watch {

// NAME, or NAME{label="value",...}: the series of that name that have all of these labels.
struct MetricQuery {
    std::string text;  // as it was asked for
    std::string name;
    std::vector<Label> labels;
};

// Usage error: says what is wrong with the name or the labels, and shows one that is right.
[[nodiscard]] Result<MetricQuery> parse_metric_query(std::string_view text);

enum class MetricKind : std::uint8_t { gauge, counter };

// The sum over all series that the query means; no value when there is none.
struct MetricValue {
    std::string name;
    std::optional<double> value;
    MetricKind kind = MetricKind::gauge;
};
[[nodiscard]] MetricValue value_of(const MetricQuery& query, const Exposition& exposition);

// Names of the exposition that begin as this one does or contain it, at most three: for one that is not
// there.
[[nodiscard]] std::vector<std::string> names_like(std::string_view name, const Exposition& exposition);

}  // namespace wsblast::watch
