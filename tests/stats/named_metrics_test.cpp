#include "stats/named_metrics.hpp"

#include <memory>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::stats;

namespace {

NamedValues values_of(const NamedMetrics& metrics) {
    NamedValues values;
    metrics.add_to(values);
    return values;
}

}  // namespace

TEST_CASE("named_metrics: names are counted by their kind", "[stats][named_metrics]") {
    const auto metrics = std::make_unique<NamedMetrics>();
    metrics->count(MetricKind::counter, "errors.a", 2);
    metrics->count(MetricKind::counter, "errors.a");
    metrics->count(MetricKind::rate, "rate");
    metrics->record("time", 5 * kMillisecond);
    const NamedValues values = values_of(*metrics);
    CHECK(values.counters.at("errors.a") == 3);
    CHECK(values.rates.at("rate") == 1);
    CHECK(values.histograms.at("time").count() == 1);
    CHECK(values.histograms.at("time").max_ns() == 5 * kMillisecond);
}

TEST_CASE("named_metrics: what came since an earlier look, without names of which nothing did",
          "[stats][named_metrics]") {
    const auto metrics = std::make_unique<NamedMetrics>();
    metrics->count(MetricKind::counter, "a");
    metrics->record("time", kMillisecond);
    const NamedValues earlier = values_of(*metrics);
    metrics->count(MetricKind::counter, "b", 7);
    NamedValues later = values_of(*metrics);
    later.subtract(earlier);
    CHECK(later.counters == std::map<std::string, std::uint64_t>{{"b", 7}});
    CHECK(later.histograms.empty());
}

TEST_CASE("named_metrics: more names than there is room for are counted together",
          "[stats][named_metrics]") {
    const auto metrics = std::make_unique<NamedMetrics>();
    for (std::size_t i = 0; i < limits::kNamedMetricsMax + 10; ++i)
        metrics->count(MetricKind::counter, "name " + std::to_string(i));
    NamedValues values = values_of(*metrics);
    CHECK(values.counters.size() == limits::kNamedMetricsMax + 1);
    CHECK(values.counters["wsblast.metrics_not_named"] == 10);
}

TEST_CASE("named_metrics: a long name is cut and found again", "[stats][named_metrics]") {
    const auto metrics = std::make_unique<NamedMetrics>();
    const std::string name(1000, 'x');
    metrics->count(MetricKind::counter, name);
    metrics->count(MetricKind::counter, name);
    CHECK(values_of(*metrics).counters.at(name.substr(0, limits::kMetricNameMax)) == 2);
}
