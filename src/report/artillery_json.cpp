#include "report/artillery_json.hpp"

#include <chrono>

#include "report/artillery_values.hpp"
#include "report/json_values.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

Json summary_json(const stats::MetricSummary& summary) {
    const double median = rounded(summary.p50);
    return {{"min", rounded(summary.min)},
            {"max", rounded(summary.max)},
            {"count", summary.count},
            {"mean", rounded(summary.mean)},
            {"p50", median},
            {"median", median},
            {"p75", rounded(summary.p75)},
            {"p90", rounded(summary.p90)},
            {"p95", rounded(summary.p95)},
            {"p99", rounded(summary.p99)},
            {"p999", rounded(summary.p999)}};
}

Json window_json(const stats::MetricWindow& window) {
    Json json;
    json["counters"] = Json::object();
    json["rates"] = Json::object();
    json["summaries"] = Json::object();
    for (const auto& [name, count] : window.counters) json["counters"][name] = count;
    for (const auto& [name, rate] : window.rates) json["rates"][name] = rounded(rate);
    for (const auto& [name, summary] : window.summaries) json["summaries"][name] = summary_json(summary);
    const auto add_time = [&json](const char* name, std::int64_t unix_ms) {
        if (unix_ms != 0) json[name] = unix_ms;
    };
    add_time("firstCounterAt", window.first_counter_ms);
    add_time("firstHistogramAt", window.first_histogram_ms);
    add_time("lastCounterAt", window.last_counter_ms);
    add_time("lastHistogramAt", window.last_histogram_ms);
    add_time("firstMetricAt", first_metric_ms(window));
    add_time("lastMetricAt", last_metric_ms(window));
    json["histograms"] = json["summaries"];
    return json;
}

}  // namespace

std::string artillery_json(const stats::ScriptResult& result) {
    Json aggregate = window_json(result.total);
    aggregate["period"] = result.total.period_ms;
    Json intermediate = Json::array();
    for (const stats::MetricWindow& window : result.windows) {
        Json json = window_json(window);
        json["period"] = std::to_string(window.period_ms);
        intermediate.push_back(std::move(json));
    }
    const Json report{{"aggregate", std::move(aggregate)}, {"intermediate", std::move(intermediate)}};
    constexpr int kIndent = 2;
    return report.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string report_file_name(std::int64_t unix_ms, std::int32_t utc_offset_s) {
    using namespace std::chrono;
    const sys_seconds local{seconds(unix_ms / 1000 + utc_offset_s)};
    const auto day = floor<days>(local);
    const year_month_day date(day);
    const hh_mm_ss time(local - day);
    return text::format("artillery_report_{:04}{:02}{:02}_{:02}{:02}{:02}.json",
                        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                        static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                        time.seconds().count());
}

}  // namespace wsblast::report
