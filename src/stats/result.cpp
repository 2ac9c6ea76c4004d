#include "stats/result.hpp"

#include <algorithm>

namespace wsblast::stats {

std::string_view to_text(GeneratorStatus status) {
    switch (status) {
        case GeneratorStatus::ok: return "ok";
        case GeneratorStatus::suspect: return "suspect";
        case GeneratorStatus::saturated: return "saturated";
    }
    return "";
}

void set_totals(RunResult& result, const Snapshot& totals) {
    result.counters = totals.counters;
    result.latency = totals.latency.summarize();
    result.service_time = totals.service_time.summarize();
    result.connect.tcp = totals.connect_tcp.summarize();
    result.connect.proxy = totals.connect_proxy.summarize();
    result.connect.tls = totals.connect_tls.summarize();
    result.connect.upgrade = totals.connect_upgrade.summarize();
    result.connect.total = totals.connect_total.summarize();
    result.generator.send_lag = totals.send_lag.summarize();
    result.generator.loop_lag = totals.loop_lag.summarize();
    result.closes = totals.closes;
    result.upgrade_status = totals.upgrade_status;
    result.excerpts = totals.excerpts;
    result.redirect_failures = totals.redirect_failures;
    const CounterValues& counters = totals.counters;
    if (counters.tcp_sampled > 0) {
        result.tcp = {counters.tcp_sampled, counters.tcp_retransmits, counters.tcp_syn_retransmits,
                      totals.tcp_rtt.summarize()};
    }
    result.totals = totals;
}

std::optional<double> received_per_s(const RunResult& result) {
    const CounterValues& counters = result.counters;
    if (counters.received + counters.lost == 0 || result.duration_s <= 0) return std::nullopt;
    return static_cast<double>(counters.received) / result.duration_s;
}

VerdictInput verdict_input(const RunResult& result) {
    const CounterValues& counters = result.counters;
    return {
        .attempted = counters.attempted,
        .successful = counters.successful,
        .failed = counters.failed,
        .due = counters.due,
        .sent = counters.sent,
        .lost = counters.lost,
        .protocol_errors = protocol_errors(counters),
        .loop = result.workload.loop,
        .offered_per_s = result.offered_per_s.value_or(0),
        .received_per_s = received_per_s(result),
        .latency = result.latency,
    };
}

std::vector<ErrorCount> errors_by_count(const CounterValues& counters) {
    std::vector<ErrorCount> errors;
    for (std::size_t i = 0; i < kErrorKinds; ++i) {
        if (counters.errors[i] > 0) errors.push_back({static_cast<ErrorKind>(i), counters.errors[i]});
    }
    std::stable_sort(errors.begin(), errors.end(),
                     [](const ErrorCount& a, const ErrorCount& b) { return a.count > b.count; });
    return errors;
}

}  // namespace wsblast::stats
