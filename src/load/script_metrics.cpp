#include "load/script_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace wsblast::load {

namespace {

double to_ms(double time_ns) {
    return std::round(time_ns / 1e5) / 10;
}

double percentile_ms(const stats::HistogramSnapshot& values, double share) {
    return to_ms(static_cast<double>(values.percentile(share).value_or(0)));
}

void put(stats::MetricWindow& window, const std::string& name, const stats::HistogramSnapshot& values) {
    if (!values.empty()) window.summaries[name] = to_summary(values);
}

// Counters that nobody has counted are left out, as in Artillery.
void put(stats::MetricWindow& window, const std::string& name, std::uint64_t count) {
    if (count > 0) window.counters[name] = count;
}

}  // namespace

stats::MetricSummary to_summary(const stats::HistogramSnapshot& values) {
    if (values.empty()) return {};
    return {.count = values.count(),
            .min = to_ms(static_cast<double>(values.min_ns())),
            .max = to_ms(static_cast<double>(values.max_ns())),
            // A value that was recorded just now may be in the sum and not in the count yet.
            .mean = to_ms(std::clamp(values.mean_ns(), static_cast<double>(values.min_ns()),
                                     static_cast<double>(values.max_ns()))),
            .p50 = percentile_ms(values, 0.5),
            .p75 = percentile_ms(values, 0.75),
            .p90 = percentile_ms(values, 0.9),
            .p95 = percentile_ms(values, 0.95),
            .p99 = percentile_ms(values, 0.99),
            .p999 = percentile_ms(values, 0.999)};
}

stats::MetricWindow to_window(const plan::Scenario& scenario, const stats::UserSnapshot& counted,
                              const WindowTimes& times) {
    stats::MetricWindow window;
    window.period_ms = times.period_ms;
    window.first_counter_ms = times.first_counter_ms;
    window.last_counter_ms = times.last_counter_ms;
    window.first_histogram_ms = times.first_histogram_ms;
    window.last_histogram_ms = times.last_histogram_ms;
    put(window, "vusers.created", counted.started);
    put(window, "vusers.completed", counted.completed);
    put(window, "vusers.interrupted", counted.interrupted);
    put(window, "vusers.skipped", counted.skipped);
    if (counted.completed + counted.failed > 0) window.counters["vusers.failed"] = counted.failed;
    for (std::size_t i = 0; i < counted.started_by_flow.size(); ++i)
        put(window, "vusers.created_by_name." + scenario.flows[i].name, counted.started_by_flow[i]);
    put(window, "websocket.messages_sent", counted.messages_sent);
    put(window, "websocket.messages_sent_by_javascript", counted.messages_scripted);
    put(window, "websocket.messages_received", counted.messages_received);
    for (const auto& [name, count] : counted.named.counters) put(window, name, count);

    const double seconds = std::max(times.duration_s, 1e-9);
    const auto rate = [&](const std::string& name, std::uint64_t count) {
        if (count > 0) window.rates[name] = static_cast<double>(count) / seconds;
    };
    rate("websocket.send_rate", counted.messages_sent);
    rate("websocket.receive_rate", counted.messages_received);
    for (const auto& [name, count] : counted.named.rates) rate(name, count);

    put(window, "vusers.session_length", counted.session_length);
    put(window, "vusers.start_lag", counted.start_lag);
    put(window, "websocket.connect_time", counted.connect_time);
    put(window, "websocket.response_time", counted.response_time);
    for (std::size_t i = 1; i < counted.response_by_label.size(); ++i)
        put(window, "websocket.response_time." + scenario.labels[i], counted.response_by_label[i]);
    for (const auto& [name, values] : counted.named.histograms) put(window, name, values);
    return window;
}

}  // namespace wsblast::load
