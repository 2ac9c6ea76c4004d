#include "report/json_report.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace wsblast::report {

namespace {

using Json = nlohmann::ordered_json;
using Keys = std::vector<std::string>;

Keys keys_of(const Json& object) {
    Keys keys;
    for (const auto& item : object.items()) keys.push_back(item.key());
    return keys;
}

const Keys kSummaryKeys{"count", "min", "mean", "stddev", "p50",    "p75",
                        "p90",   "p95", "p99",  "p99_9",  "p99_99", "max"};

Json parsed(const stats::RunResult& result) {
    return Json::parse(json_report(result));
}

stats::RunResult measured() {
    stats::RunResult result;
    result.duration_s = 2;
    result.offered_per_s = 5;
    result.counters.attempted = 4;
    result.counters.successful = 3;
    result.counters.failed = 1;
    result.counters.due = 12;
    result.counters.sent = 10;
    result.counters.unsent = 2;
    result.counters.received = 7;
    result.counters.lost = 1;
    result.counters.error(stats::ErrorKind::refused) = 1;
    result.counters.error(stats::ErrorKind::answer_timeout) = 1;
    stats::Summary latency{.count = 7, .min = 1'001, .mean = 2'500.5, .stddev = 10, .p50 = 2'047};
    latency.max = 3'000;
    result.latency = latency;
    result.closes[stats::CloseKey{1001, stats::CloseBy::peer, stats::ClosePhase::hold}.pack()] = 3;
    result.upgrade_status = {{101, 3}, {503, 1}};
    result.generator.cores = {{0, 0.5, 0.25}, {1, 0.25, std::nullopt}};
    result.timeline = {{.t_s = 1, .open = 3, .p50_us = 2.5}};
    result.verdict = judge(verdict_input(result));
    return result;
}

}  // namespace

TEST_CASE("json report: every key of the schema is there, in its order", "[report][json]") {
    const Json json = parsed(measured());
    REQUIRE(keys_of(json) == Keys{"schema",
                                  "version",
                                  "command",
                                  "started_at",
                                  "duration_s",
                                  "exit_status",
                                  "interrupted",
                                  "seed",
                                  "target",
                                  "workload",
                                  "connections",
                                  "setup",
                                  "messages",
                                  "warm_up",
                                  "by_type",
                                  "latency_us",
                                  "service_time_us",
                                  "timestamps",
                                  "fan_out",
                                  "connect_us",
                                  "tcp",
                                  "errors",
                                  "closes",
                                  "upgrade_status",
                                  "upgrade_excerpts",
                                  "ramp",
                                  "generator",
                                  "verdict",
                                  "slo",
                                  "aborted",
                                  "histograms",
                                  "timeline_step_s",
                                  "timeline",
                                  "warnings"});
    REQUIRE(json["schema"] == "wsblast.result/1");
    REQUIRE(keys_of(json["target"]) == Keys{"urls", "builtin"});
    REQUIRE(keys_of(json["workload"]) == Keys{"loop", "cores", "connections", "messages_per_connection",
                                              "interval_s", "rate_per_s", "rate_to_per_s", "arrivals",
                                              "pipeline", "duration_s", "warmup_s", "listeners", "match",
                                              "timestamps"});
    REQUIRE(keys_of(json["connections"]) ==
            Keys{"attempted", "successful", "failed", "success_rate", "open_peak", "closed_by_peer"});
    REQUIRE(keys_of(json["setup"]) == Keys{"sent", "answered"});
    REQUIRE(keys_of(json["messages"]) == Keys{"due", "sent", "unsent", "received", "lost", "in_flight",
                                              "late", "unexpected", "duplicates", "out_of_order", "blocked",
                                              "censored", "per_second", "offered_per_s", "bytes_sent",
                                              "bytes_received"});
    Keys with_censored = kSummaryKeys;
    with_censored.push_back("censored");
    REQUIRE(keys_of(json["latency_us"]) == with_censored);
    REQUIRE(keys_of(json["connect_us"]) == Keys{"name_lookup", "tcp", "tls", "upgrade", "total"});
    REQUIRE(keys_of(json["errors"][0]) == Keys{"kind", "label", "scope", "count"});
    REQUIRE(keys_of(json["closes"][0]) == Keys{"code", "by", "phase", "count"});
    REQUIRE(keys_of(json["generator"]) == Keys{"status", "reasons", "cores", "send_lag_us", "own_lag_us",
                                               "loop_lag_us", "involuntary_switches", "steal",
                                               "buffers_exhausted", "wait_us_max", "cq_overflow",
                                               "rss_bytes", "cpu_user_s", "cpu_system_s"});
    REQUIRE(keys_of(json["generator"]["cores"][0]) == Keys{"cpu", "busy", "waiting"});
    REQUIRE(keys_of(json["verdict"]["checks"][0]) ==
            Keys{"metric", "value", "unit", "target", "status", "counted", "why_not"});
    REQUIRE(keys_of(json["timeline"][0]) ==
            Keys{"t_s", "open", "sent", "received", "errors", "lost", "blocked", "late", "p50_us", "p99_us",
                 "max_us", "service_p99_us", "cpu_user_s", "cpu_system_s", "rss_bytes"});
}

TEST_CASE("json report: values are the measured ones, unrounded", "[report][json]") {
    const Json json = parsed(measured());
    REQUIRE(json["connections"]["success_rate"] == 0.75);
    REQUIRE(json["messages"]["in_flight"] == 2);
    REQUIRE(json["messages"]["per_second"] == 3.5);
    REQUIRE(json["latency_us"]["min"] == 1.001);
    REQUIRE(json["latency_us"]["mean"] == 2.5005);
    REQUIRE(json["latency_us"]["p50"] == 2.047);
    REQUIRE(
        json["errors"][0] ==
        Json{{"kind", "refused"}, {"label", "Connection refused"}, {"scope", "connection"}, {"count", 1}});
    REQUIRE(json["errors"][1]["scope"] == "message");
    REQUIRE(json["closes"][0] == Json{{"code", 1001}, {"by", "peer"}, {"phase", "hold"}, {"count", 3}});
    REQUIRE(json["upgrade_status"] == Json{{"101", 3}, {"503", 1}});
    REQUIRE(json["verdict"]["status"] == "critical");
    REQUIRE(json["verdict"]["checks"][1]["counted"] == false);
    REQUIRE(json["verdict"]["checks"][1]["status"].is_null());
    REQUIRE(json["timeline"][0]["p99_us"].is_null());
}

TEST_CASE("json report: what has no samples is null, never 0", "[report][json]") {
    const Json json = parsed(stats::RunResult{});
    for (const char* key :
         {"latency_us", "service_time_us", "ramp", "warm_up", "fan_out", "tcp", "aborted"}) {
        CAPTURE(key);
        REQUIRE(json.at(key).is_null());
    }
    for (const auto& item : json["connect_us"].items()) REQUIRE(item.value().is_null());
    for (const char* key :
         {"messages_per_connection", "interval_s", "rate_per_s", "pipeline", "duration_s"}) {
        CAPTURE(key);
        REQUIRE(json["workload"].at(key).is_null());
    }
    for (const char* key : {"per_second", "offered_per_s"}) {
        CAPTURE(key);
        REQUIRE(json["messages"].at(key).is_null());
    }
    REQUIRE(json["connections"]["success_rate"].is_null());
    REQUIRE(json["generator"]["send_lag_us"].is_null());
    REQUIRE(json["verdict"]["status"].is_null());
    REQUIRE(json["verdict"]["checks"] == Json::array());
    REQUIRE(json["timeline"] == Json::array());
    REQUIRE(json["errors"] == Json::array());
    REQUIRE(json["upgrade_status"] == Json::object());
}

TEST_CASE("json report: bytes of a server that are no UTF-8 are replaced", "[report][json]") {
    stats::RunResult result;
    result.excerpts = {{502, "bad\xff\"quote"}};
    const Json json = parsed(result);
    REQUIRE(json["upgrade_excerpts"][0]["status"] == 502);
    REQUIRE(json["upgrade_excerpts"][0]["text"] == "bad\xef\xbf\xbd\"quote");
}

}  // namespace wsblast::report
