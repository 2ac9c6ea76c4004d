#include "watch/metric_query.hpp"

#include <algorithm>
#include <array>

#include "text/format.hpp"

namespace wsblast::watch {

namespace {

bool means(const MetricQuery& query, const Sample& sample) {
    const auto has = [&](const Label& label) {
        return std::find(sample.labels.begin(), sample.labels.end(), label) != sample.labels.end();
    };
    return sample.name == query.name && std::all_of(query.labels.begin(), query.labels.end(), has);
}

std::optional<FamilyType> type_of(std::string_view name, const Exposition& exposition) {
    for (const Family& family : exposition.families) {
        if (family.name == name) return family.type;
    }
    return std::nullopt;
}

// The parts of a histogram, and of a summary but for its quantiles, are counters that stand under the
// family's name with an ending.
bool is_part_of_distribution(std::string_view name, const Exposition& exposition) {
    constexpr std::array<std::string_view, 3> kEndings{"_bucket", "_count", "_sum"};
    for (const std::string_view ending : kEndings) {
        if (!name.ends_with(ending)) continue;
        const auto type = type_of(name.substr(0, name.size() - ending.size()), exposition);
        return type == FamilyType::histogram || type == FamilyType::summary;
    }
    return false;
}

MetricKind kind_of(std::string_view name, const Exposition& exposition) {
    const auto type = type_of(name, exposition);
    const bool is_counter = type == FamilyType::counter || is_part_of_distribution(name, exposition);
    const bool is_called_one = !type.has_value() && name.ends_with("_total");
    return is_counter || is_called_one ? MetricKind::counter : MetricKind::gauge;
}

}  // namespace

Result<MetricQuery> parse_metric_query(std::string_view text) {
    constexpr const char* kAllowed =
        "a metric is NAME or NAME{label=\"value\"}, as in http_requests_total{code=\"200\"}";
    MetricQuery query{
        .text = std::string(text), .name = std::string(text.substr(0, text.find('{'))), .labels = {}};
    if (!is_metric_name(query.name))
        return usage_error(text::format("'{}' is no metric name; {}", query.name, kAllowed));
    std::string_view rest = text.substr(query.name.size());
    if (rest.empty()) return query;
    rest.remove_prefix(1);
    auto labels = take_labels(rest);
    if (!labels) return usage_error(text::format("'{}': {}; {}", text, labels.error().what, kAllowed));
    if (!rest.empty())
        return usage_error(text::format("'{}': nothing may follow the }}; {}", text, kAllowed));
    query.labels = std::move(*labels);
    return query;
}

MetricValue value_of(const MetricQuery& query, const Exposition& exposition) {
    MetricValue sum{.name = query.text, .value = {}, .kind = kind_of(query.name, exposition)};
    for (const Sample& sample : exposition.samples) {
        if (means(query, sample)) sum.value = sum.value.value_or(0) + sample.value;
    }
    return sum;
}

std::vector<std::string> names_like(std::string_view name, const Exposition& exposition) {
    constexpr std::size_t kNamesMax = 3;
    constexpr std::size_t kStemMin = 3;
    // What people get wrong: the ending, or a prefix that the library puts before it.
    const std::size_t last_word = name.find_last_of('_');
    const std::size_t stem_size = last_word == std::string_view::npos ? name.size() / 2 : last_word;
    const std::string_view stem = name.substr(0, std::max(stem_size, kStemMin));
    std::vector<std::string> names;
    for (const Sample& sample : exposition.samples) {
        const bool near =
            sample.name.find(stem) != std::string::npos || name.find(sample.name) != std::string_view::npos;
        if (!near || std::find(names.begin(), names.end(), sample.name) != names.end()) continue;
        names.push_back(sample.name);
        if (names.size() == kNamesMax) break;
    }
    return names;
}

}  // namespace wsblast::watch
