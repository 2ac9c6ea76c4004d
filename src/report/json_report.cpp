#include "report/json_report.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/units.hpp"

namespace wsblast::report {

namespace {

using Json = nlohmann::ordered_json;

template <class Value>
Json or_null(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

double to_us(double time_ns) {
    return time_ns / static_cast<double>(kMicrosecond);
}
double to_us(TimeNs time_ns) {
    return to_us(static_cast<double>(time_ns));
}

Json summary_us(const std::optional<stats::Summary>& summary) {
    if (!summary) return nullptr;
    return {{"count", summary->count},          {"min", to_us(summary->min)},
            {"mean", to_us(summary->mean)},     {"stddev", to_us(summary->stddev)},
            {"p50", to_us(summary->p50)},       {"p75", to_us(summary->p75)},
            {"p90", to_us(summary->p90)},       {"p95", to_us(summary->p95)},
            {"p99", to_us(summary->p99)},       {"p99_9", to_us(summary->p99_9)},
            {"p99_99", to_us(summary->p99_99)}, {"max", to_us(summary->max)}};
}

Json workload(const stats::WorkloadInfo& info) {
    return {{"loop", stats::to_text(info.loop)},
            {"cores", info.cores},
            {"connections", info.connections},
            {"messages_per_connection", or_null(info.messages_per_connection)},
            {"interval_s", or_null(info.interval_s)},
            {"rate_per_s", or_null(info.rate_per_s)},
            {"pipeline", or_null(info.pipeline)},
            {"duration_s", or_null(info.duration_s)}};
}

Json connections(const stats::CounterValues& counters) {
    std::optional<double> rate;
    if (counters.attempted > 0) {
        rate = static_cast<double>(counters.successful) / static_cast<double>(counters.attempted);
    }
    return {{"attempted", counters.attempted}, {"successful", counters.successful},
            {"failed", counters.failed},       {"success_rate", or_null(rate)},
            {"open_peak", counters.open_peak}, {"closed_by_peer", counters.closed_by_peer}};
}

// Duplicates, order and blocked sends are not observed: null, not 0.
Json messages(const stats::RunResult& result) {
    const stats::CounterValues& counters = result.counters;
    return {{"due", counters.due},
            {"sent", counters.sent},
            {"unsent", counters.unsent},
            {"received", counters.received},
            {"lost", counters.lost},
            {"in_flight", stats::in_flight(counters)},
            {"late", counters.late},
            {"unexpected", counters.unexpected},
            {"duplicates", nullptr},
            {"out_of_order", nullptr},
            {"blocked", nullptr},
            {"per_second", or_null(stats::received_per_s(result))},
            {"offered_per_s", or_null(result.offered_per_s)},
            {"bytes_sent", counters.bytes_sent},
            {"bytes_received", counters.bytes_received}};
}

Json connect_us(const stats::ConnectTimes& connect) {
    return {{"name_lookup", summary_us(connect.name_lookup)},
            {"tcp", summary_us(connect.tcp)},
            {"tls", summary_us(connect.tls)},
            {"upgrade", summary_us(connect.upgrade)},
            {"total", summary_us(connect.total)}};
}

Json errors(const stats::CounterValues& counters) {
    Json list = Json::array();
    for (const auto& [kind, count] : stats::errors_by_count(counters)) {
        const stats::ErrorInfo& info = stats::info(kind);
        list.push_back({{"kind", info.name},
                        {"label", info.label},
                        {"scope", stats::to_text(info.scope)},
                        {"count", count}});
    }
    return list;
}

std::string_view to_text(stats::CloseBy by) {
    switch (by) {
        case stats::CloseBy::us: return "us";
        case stats::CloseBy::peer: return "peer";
    }
    return "";
}

std::string_view to_text(stats::ClosePhase phase) {
    switch (phase) {
        case stats::ClosePhase::setup: return "setup";
        case stats::ClosePhase::open: return "open";
        case stats::ClosePhase::hold: return "hold";
    }
    return "";
}

Json closes(const stats::KeyCountValues& counts) {
    Json list = Json::array();
    for (const auto& [packed, count] : counts) {
        const stats::CloseKey key = stats::CloseKey::unpack(packed);
        list.push_back(
            {{"code", key.code}, {"by", to_text(key.by)}, {"phase", to_text(key.phase)}, {"count", count}});
    }
    return list;
}

Json upgrade_status(const stats::KeyCountValues& counts) {
    Json object = Json::object();
    for (const auto& [status, count] : counts) object[std::to_string(status)] = count;
    return object;
}

Json upgrade_excerpts(const std::vector<stats::Excerpt>& excerpts) {
    Json list = Json::array();
    for (const stats::Excerpt& excerpt : excerpts) {
        list.push_back({{"status", excerpt.status}, {"text", excerpt.text}});
    }
    return list;
}

Json ramp(const std::optional<stats::Ramp>& info) {
    if (!info) return nullptr;
    return {{"connections_per_s", info->connections_per_s},
            {"window", info->window},
            {"cpu_us_first", or_null(info->cpu_us_first)},
            {"cpu_us_last", or_null(info->cpu_us_last)}};
}

Json generator(const stats::GeneratorHealth& health) {
    Json cores = Json::array();
    for (const stats::CoreUse& core : health.cores) {
        cores.push_back({{"cpu", core.cpu}, {"busy", core.busy}, {"waiting", or_null(core.waiting)}});
    }
    return {{"status", stats::to_text(health.status)},
            {"reasons", health.reasons},
            {"cores", std::move(cores)},
            {"send_lag_us", summary_us(health.send_lag)},
            {"wait_us_max", to_us(health.wait_max_ns)},
            {"cq_overflow", health.cq_overflow},
            {"rss_bytes", health.rss_bytes},
            {"cpu_user_s", health.cpu_user_s},
            {"cpu_system_s", health.cpu_system_s}};
}

Json status_or_null(const std::optional<stats::VerdictStatus>& status) {
    return status ? Json(stats::to_text(*status)) : Json(nullptr);
}

Json verdict(const stats::Verdict& judged) {
    Json checks = Json::array();
    for (const stats::Check& check : judged.checks) {
        checks.push_back({{"metric", check.metric},
                          {"value", or_null(check.value)},
                          {"unit", check.unit},
                          {"target", check.target},
                          {"status", status_or_null(check.status)},
                          {"counted", check.status.has_value()},
                          {"why_not", check.status ? Json(nullptr) : Json(check.why_not)}});
    }
    return {{"status", status_or_null(judged.status)}, {"checks", std::move(checks)}};
}

Json timeline(const std::vector<stats::TimelineRow>& rows) {
    Json list = Json::array();
    for (const stats::TimelineRow& row : rows) {
        list.push_back({{"t_s", row.t_s},
                        {"open", row.open},
                        {"sent", row.sent},
                        {"received", row.received},
                        {"errors", row.errors},
                        {"p50_us", or_null(row.p50_us)},
                        {"p99_us", or_null(row.p99_us)},
                        {"max_us", or_null(row.max_us)},
                        {"cpu_user_s", row.cpu_user_s},
                        {"cpu_system_s", row.cpu_system_s}});
    }
    return list;
}

}  // namespace

std::string json_report(const stats::RunResult& result) {
    Json json;
    json["schema"] = kResultSchema;
    json["version"] = result.version;
    json["command"] = result.command;
    json["started_at"] = result.started_at;
    json["duration_s"] = result.duration_s;
    json["exit_status"] = result.exit_status;
    json["interrupted"] = result.interrupted;
    json["seed"] = result.seed;
    json["target"] = {{"urls", result.target.urls}, {"builtin", result.target.builtin}};
    json["workload"] = workload(result.workload);
    json["connections"] = connections(result.counters);
    json["setup"] = {{"sent", result.counters.setup_sent}, {"answered", result.counters.setup_answered}};
    json["messages"] = messages(result);
    json["by_type"] = Json::object();
    json["latency_us"] = summary_us(result.latency);
    json["service_time_us"] = summary_us(result.service_time);
    json["connect_us"] = connect_us(result.connect);
    json["errors"] = errors(result.counters);
    json["closes"] = closes(result.closes);
    json["upgrade_status"] = upgrade_status(result.upgrade_status);
    json["upgrade_excerpts"] = upgrade_excerpts(result.excerpts);
    json["ramp"] = ramp(result.ramp);
    json["generator"] = generator(result.generator);
    json["verdict"] = verdict(result.verdict);
    json["slo"] = Json::array();
    json["histograms"] = Json::object();
    json["timeline_step_s"] = result.timeline_step_s;
    json["timeline"] = timeline(result.timeline);
    json["warnings"] = result.warnings;
    constexpr int kIndent = 2;
    return json.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace wsblast::report
