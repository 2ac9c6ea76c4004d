#include "report/json_report.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "report/hdr_encoding.hpp"
#include "report/json_values.hpp"
#include "report/message_report.hpp"
#include "report/misbehaving_report.hpp"
#include "report/tls_report.hpp"

namespace wsblast::report {

namespace {

// Of answers, and of what was lost at its deadline.
Json censored_summary_us(const std::optional<stats::Summary>& summary, std::uint64_t censored) {
    Json json = summary_us(summary);
    if (summary) json["censored"] = censored;
    return json;
}

Json workload(const stats::WorkloadInfo& info) {
    return {{"loop", stats::to_text(info.loop)},
            {"cores", info.cores},
            {"connections", info.connections},
            {"messages_per_connection", or_null(info.messages_per_connection)},
            {"interval_s", or_null(info.interval_s)},
            {"rate_per_s", or_null(info.rate_per_s)},
            {"rate_to_per_s", or_null(info.rate_to_per_s)},
            {"arrivals", text_or_null(info.arrivals)},
            {"pipeline", or_null(info.pipeline)},
            {"duration_s", or_null(info.duration_s)},
            {"warmup_s", or_null(info.warmup_s)},
            {"listeners", info.listeners},
            {"match", text_or_null(info.match)},
            {"timestamps", info.timestamps}};
}

Json connections(const stats::CounterValues& counters) {
    std::optional<double> rate;
    if (counters.attempted > 0) {
        rate = static_cast<double>(counters.successful) / static_cast<double>(counters.attempted);
    }
    return {{"attempted", counters.attempted}, {"successful", counters.successful},
            {"failed", counters.failed},       {"success_rate", or_null(rate)},
            {"open_peak", counters.open_peak}, {"closed_by_peer", counters.closed_by_peer},
            {"redirects", counters.redirects}};
}

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
            {"duplicates", counters.duplicates},
            {"out_of_order", counters.out_of_order},
            {"blocked", counters.blocked},
            {"censored", counters.censored},
            {"per_second", or_null(stats::received_per_s(result))},
            {"offered_per_s", or_null(result.offered_per_s)},
            {"bytes_sent", counters.bytes_sent},
            {"bytes_received", counters.bytes_received}};
}

Json connect_us(const stats::ConnectTimes& connect) {
    return {{"name_lookup", summary_us(connect.name_lookup)},
            {"tcp", summary_us(connect.tcp)},
            {"proxy", summary_us(connect.proxy)},
            {"tls", summary_us(connect.tls)},
            {"upgrade", summary_us(connect.upgrade)},
            {"total", summary_us(connect.total)}};
}

Json by_type(const std::vector<stats::TypeResult>& types) {
    Json object = Json::object();
    for (const stats::TypeResult& type : types) {
        const stats::CounterValues& counters = type.counters;
        object[type.type] = {{"sent", counters.sent},
                             {"received", counters.received},
                             {"lost", counters.lost},
                             {"late", counters.late},
                             {"duplicates", counters.duplicates},
                             {"out_of_order", counters.out_of_order},
                             {"blocked", counters.blocked},
                             {"latency_us", censored_summary_us(type.latency, counters.censored)}};
    }
    return object;
}

Json tcp(const std::optional<stats::TcpSample>& sample) {
    if (!sample) return nullptr;
    return {{"sampled", sample->sampled},
            {"retransmits", sample->retransmits},
            {"syn_retransmits", sample->syn_retransmits},
            {"rtt_us", summary_us(sample->rtt)}};
}

Json timestamps(const stats::RunResult& result) {
    if (!result.stamps) return {{"source", "user"}, {"receive_delay_us", nullptr}, {"shared", nullptr}};
    return {{"source", "kernel"},
            {"receive_delay_us", summary_us(result.stamps->receive_delay)},
            {"shared", result.stamps->shared}};
}

Json warm_up(const std::optional<stats::WarmUp>& info) {
    if (!info) return nullptr;
    return {{"duration_s", info->duration_s},
            {"sent", info->sent},
            {"received", info->received},
            {"lost", info->lost}};
}

Json fan_out(const std::optional<stats::FanOut>& info) {
    if (!info) return nullptr;
    std::optional<double> reach;
    if (info->expected > 0)
        reach = static_cast<double>(info->delivered) / static_cast<double>(info->expected);
    return {{"listeners", info->listeners},
            {"published", info->published},
            {"expected", info->expected},
            {"delivered", info->delivered},
            {"reach", or_null(reach)},
            {"duplicates", info->duplicates},
            {"out_of_order", info->out_of_order},
            {"untimed", info->untimed},
            {"incomplete", info->incomplete},
            {"latency_us", summary_us(info->latency)},
            {"spread_us", summary_us(info->spread)}};
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

Json proxy_answers(const std::vector<stats::ProxyAnswer>& answers) {
    Json list = Json::array();
    for (const stats::ProxyAnswer& answer : answers)
        list.push_back({{"code", answer.code}, {"what", answer.what}, {"count", answer.count}});
    return list;
}

// A name may stand there only once, as in the request.
Json subprotocols(const std::optional<std::vector<stats::SubprotocolCount>>& counts) {
    if (!counts) return nullptr;
    Json object = Json::object();
    for (const stats::SubprotocolCount& one : *counts) object[one.name] = one.count;
    return object;
}

Json users(const std::optional<stats::UserTotals>& totals) {
    if (!totals) return nullptr;
    return {{"created", totals->created},
            {"completed", totals->completed},
            {"failed", totals->failed},
            {"interrupted", totals->interrupted},
            {"skipped", totals->skipped},
            {"peak", totals->peak}};
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
            {"own_lag_us", summary_us(health.own_lag)},
            {"loop_lag_us", summary_us(health.loop_lag)},
            {"involuntary_switches", health.involuntary_switches},
            {"steal", or_null(health.steal)},
            {"buffers_exhausted", health.buffers_exhausted},
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

Json slos(const std::vector<stats::SloResult>& results) {
    Json list = Json::array();
    for (const stats::SloResult& result : results) {
        const stats::SloRule& rule = result.rule;
        list.push_back({{"rule", rule.text},
                        {"status", stats::to_text(result.status)},
                        {"value", or_null(result.value)},
                        {"limit", rule.limit},
                        {"unit", text_or_null(rule.unit)},
                        {"window_s", rule.window_s == 0 ? Json(nullptr) : Json(rule.window_s)},
                        {"worst_at_s", or_null(result.worst_at_s)}});
    }
    return list;
}

Json histograms(const stats::Snapshot& totals) {
    const auto text = [](const stats::HistogramSnapshot& values) {
        return values.empty() ? Json(nullptr) : Json(hdr_text(values));
    };
    return {{"latency", text(totals.latency)},
            {"service_time", text(totals.service_time)},
            {"send_lag", text(totals.send_lag)},
            {"loop_lag", text(totals.loop_lag)},
            {"push_latency", text(totals.push_latency)},
            {"push_spread", text(totals.push_spread)},
            {"connect_total", text(totals.connect_total)}};
}

Json row_json(const stats::TimelineRow& row) {
    return {{"t_s", row.t_s},
            {"open", row.open},
            {"sent", row.sent},
            {"received", row.received},
            {"errors", row.errors},
            {"lost", row.lost},
            {"blocked", row.blocked},
            {"late", row.late},
            {"p50_us", or_null(row.p50_us)},
            {"p99_us", or_null(row.p99_us)},
            {"max_us", or_null(row.max_us)},
            {"service_p99_us", or_null(row.service_p99_us)},
            {"cpu_user_s", row.cpu_user_s},
            {"cpu_system_s", row.cpu_system_s},
            {"rss_bytes", row.rss_bytes}};
}

Json timeline(const std::vector<stats::TimelineRow>& rows) {
    Json list = Json::array();
    for (const stats::TimelineRow& row : rows) list.push_back(row_json(row));
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
    json["users"] = users(result.users);
    json["connections"] = connections(result.counters);
    json["setup"] = {{"sent", result.counters.setup_sent}, {"answered", result.counters.setup_answered}};
    json["messages"] = messages(result);
    json["warm_up"] = warm_up(result.warm_up);
    json["by_type"] = by_type(result.by_type);
    json["latency_us"] = censored_summary_us(result.latency, result.counters.censored);
    json["service_time_us"] = censored_summary_us(result.service_time, result.counters.censored);
    json["timestamps"] = timestamps(result);
    json["fan_out"] = fan_out(result.fan_out);
    json["compression"] = compression_json(result);
    json["ping"] = ping_json(result);
    json["connect_us"] = connect_us(result.connect);
    json["tcp"] = tcp(result.tcp);
    json["tls"] = tls_json(result.tls);
    json["errors"] = errors(result.counters);
    json["closes"] = closes(result.closes);
    json["misbehaving"] = misbehaving_json(result.misbehaving);
    json["upgrade_status"] = upgrade_status(result.upgrade_status);
    json["upgrade_excerpts"] = upgrade_excerpts(result.excerpts);
    json["proxy_answers"] = proxy_answers(result.proxy_answers);
    json["subprotocols"] = subprotocols(result.subprotocols);
    json["ramp"] = ramp(result.ramp);
    json["generator"] = generator(result.generator);
    json["verdict"] = verdict(result.verdict);
    json["slo"] = slos(result.slos);
    json["aborted"] = or_null(result.aborted);
    json["histograms"] = histograms(result.totals);
    json["timeline_step_s"] = result.timeline_step_s;
    json["timeline"] = timeline(result.timeline);
    json["warnings"] = result.warnings;
    constexpr int kIndent = 2;
    return json.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string row_line(const stats::TimelineRow& row) {
    return row_json(row).dump() + "\n";
}

}  // namespace wsblast::report
