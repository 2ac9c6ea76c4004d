#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "report/backend_json.hpp"
#include "report/capacity_report.hpp"
#include "report/json_values.hpp"
#include "report/tls_report.hpp"

namespace wsblast::report {

namespace {

Json to_json(const stats::Limit& limit) {
    const stats::LimitInfo& known = stats::info(limit.kind);
    return {{"kind", known.name},   {"owner", stats::to_text(known.owner)}, {"label", known.label},
            {"count", limit.count}, {"evidence", limit.evidence},           {"remedy", known.remedy}};
}

Json to_json(const stats::Pace& pace) {
    return {{"set_by", stats::to_text(pace.pacemaker)},
            {"connections_per_s", pace.connections_per_s},
            {"evidence", pace.evidence}};
}

std::string_view generator_text(const stats::Probe& probe) {
    return stats::to_text(probe.generator);
}

Json to_json(const stats::Probe& probe) {
    return {{"asked", probe.asked},
            {"answered", probe.answered},
            {"latency_us", summary_us(probe.latency)},
            {"generator", generator_text(probe)}};
}

Json to_json(const stats::MemoryUse& memory) {
    return {{"own_rss_bytes", memory.own},
            {"kernel_bytes", memory.kernel},
            {"tcp_buffer_bytes", memory.tcp},
            {"target_rss_bytes", or_null(memory.target)}};
}

Json to_json(const stats::Plateau& plateau) {
    return {{"wanted", plateau.wanted},
            {"open", plateau.open},
            {"failed", plateau.failed},
            {"lost", plateau.lost},
            {"seconds", plateau.seconds},
            {"connections_per_s", plateau.connections_per_s},
            {"tcp_us", summary_us(plateau.tcp)},
            {"upgrade_us", summary_us(plateau.upgrade)},
            {"own_cpu_us", or_null(plateau.own_cpu_us)},
            {"target_cpu_us", or_null(plateau.target_cpu_us)},
            {"memory", to_json(plateau.memory)},
            {"probe", plateau.probe ? to_json(*plateau.probe) : Json(nullptr)},
            {"backend", backend_json(plateau.backend)}};
}

Json to_json(const stats::Hold& hold) {
    Json worst = nullptr;
    if (hold.worst_p99_ns) worst = to_us(*hold.worst_p99_ns);
    return {{"seconds", hold.seconds},         {"open_at_start", hold.open_at_start},
            {"open_at_end", hold.open_at_end}, {"lost", hold.lost},
            {"probes", hold.probes},           {"asked", hold.asked},
            {"answered", hold.answered},       {"worst_p99_us", worst},
            {"churn_per_s", hold.churn_per_s}, {"churned", hold.churned},
            {"reopened", hold.reopened},       {"reopen_failures", hold.reopen_failures}};
}

Json to_json(const stats::StormResult& storm) {
    return {{"share", storm.share},
            {"reconnect", storm.policy},
            {"dropped", storm.dropped},
            {"back", storm.back},
            {"half_back_s", or_null(storm.half_s)},
            {"p99_back_s", or_null(storm.most_s)},
            {"all_back_s", or_null(storm.all_s)},
            {"waited_s", storm.waited_s},
            {"handshakes_peak", storm.opening_peak},
            {"failures", storm.failures},
            {"connections_per_s", or_null(storm.connections_per_s)},
            {"connect_us", summary_us(storm.connect)}};
}

template <class Value>
Json object_or_null(const std::optional<Value>& value) {
    return value ? to_json(*value) : Json(nullptr);
}

template <class Value>
Json list_of(const std::vector<Value>& values) {
    Json list = Json::array();
    for (const Value& value : values) list.push_back(to_json(value));
    return list;
}

Json caches(const std::vector<stats::CacheGrowth>& grown) {
    Json list = Json::array();
    for (const stats::CacheGrowth& cache : grown) {
        list.push_back({{"name", cache.name}, {"objects", cache.objects}, {"bytes", cache.bytes}});
    }
    return list;
}

Json error_counts(const stats::CounterValues& counters) {
    Json list = Json::array();
    for (const auto& [kind, count] : stats::errors_by_count(counters)) {
        list.push_back({{"kind", stats::info(kind).name}, {"count", count}});
    }
    return list;
}

Json statuses(const stats::KeyCountValues& counts) {
    Json object = Json::object();
    for (const auto& [status, count] : counts) object[std::to_string(status)] = count;
    return object;
}

}  // namespace

std::string capacity_json(const stats::CapacityResult& result) {
    Json json;
    json["schema"] = kCapacitySchema;
    json["version"] = result.version;
    json["command"] = "capacity";
    json["started_at"] = result.started_at;
    json["duration_s"] = result.duration_s;
    json["exit_status"] = result.exit_status;
    json["seed"] = result.seed;
    json["target"] = {{"urls", result.target.urls},
                      {"builtin", result.target.builtin},
                      {"process", result.target_process}};
    json["cores"] = result.cores;
    json["ending"] = stats::to_text(result.ending);
    json["wanted"] = result.wanted;
    json["held"] = result.held;
    json["limit"] = object_or_null(result.limit);
    json["pace"] = object_or_null(result.pace);
    json["findings"] = list_of(result.findings);
    json["plateaus"] = list_of(result.plateaus);
    json["bytes_per_connection"] = {{"own", or_null(result.bytes_each.own)},
                                    {"kernel", or_null(result.bytes_each.kernel)},
                                    {"target", or_null(result.bytes_each.target)}};
    json["kernel_caches"] = caches(result.caches);
    json["hold"] = object_or_null(result.hold);
    json["storm"] = object_or_null(result.storm);
    json["connections"] = {{"attempted", result.counters.attempted},
                           {"successful", result.counters.successful},
                           {"failed", result.counters.failed}};
    json["errors"] = error_counts(result.counters);
    json["upgrade_status"] = statuses(result.upgrade_status);
    json["tls"] = tls_json(result.tls);
    json["warnings"] = result.warnings;
    constexpr int kIndent = 2;
    return json.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace wsblast::report
