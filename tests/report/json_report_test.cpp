#include "report/json_report.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "report/hdr_encoding.hpp"

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

stats::RunResult refused_and_late() {
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
    const Json json = parsed(refused_and_late());
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
                                  "users",
                                  "connections",
                                  "setup",
                                  "messages",
                                  "warm_up",
                                  "by_type",
                                  "latency_us",
                                  "service_time_us",
                                  "timestamps",
                                  "fan_out",
                                  "compression",
                                  "ping",
                                  "connect_us",
                                  "tcp",
                                  "tls",
                                  "errors",
                                  "closes",
                                  "misbehaving",
                                  "upgrade_status",
                                  "upgrade_excerpts",
                                  "proxy_answers",
                                  "subprotocols",
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
    REQUIRE(keys_of(json["connections"]) == Keys{"attempted", "successful", "failed", "success_rate",
                                                 "open_peak", "closed_by_peer", "redirects"});
    REQUIRE(keys_of(json["setup"]) == Keys{"sent", "answered"});
    REQUIRE(keys_of(json["messages"]) == Keys{"due", "sent", "unsent", "received", "lost", "in_flight",
                                              "late", "unexpected", "duplicates", "out_of_order", "blocked",
                                              "censored", "per_second", "offered_per_s", "bytes_sent",
                                              "bytes_received"});
    Keys with_censored = kSummaryKeys;
    with_censored.push_back("censored");
    REQUIRE(keys_of(json["latency_us"]) == with_censored);
    REQUIRE(keys_of(json["connect_us"]) == Keys{"name_lookup", "tcp", "proxy", "tls", "upgrade", "total"});
}

TEST_CASE("json report: the parts of lists have their keys", "[report][json]") {
    const Json json = parsed(refused_and_late());
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

TEST_CASE("json report: virtual users are there where there were some", "[report][json]") {
    stats::RunResult result = refused_and_late();
    CHECK(parsed(result)["users"].is_null());
    result.users = stats::UserTotals{11, 7, 1, 3, 2, 5};
    const Json users = parsed(result)["users"];
    CHECK(keys_of(users) == Keys{"created", "completed", "failed", "interrupted", "skipped", "peak"});
    CHECK(users["interrupted"] == 3);
    CHECK(users["peak"] == 5);
}

TEST_CASE("json report: values are the measured ones, unrounded", "[report][json]") {
    const Json json = parsed(refused_and_late());
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
         {"latency_us", "service_time_us", "ramp", "warm_up", "fan_out", "tcp", "tls", "aborted"}) {
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

TEST_CASE("json report: messages by their type", "[report][json]") {
    stats::RunResult result = refused_and_late();
    stats::TypeResult type{"order", result.counters, result.latency};
    type.counters.late = 2;
    type.counters.duplicates = 3;
    type.counters.out_of_order = 4;
    type.counters.blocked = 5;
    type.counters.censored = 1;
    result.by_type = {type};
    const Json json = parsed(result);
    REQUIRE(keys_of(json["by_type"]) == Keys{"order"});
    Json order = json["by_type"]["order"];
    REQUIRE(order["latency_us"]["count"] == 7);
    REQUIRE(order["latency_us"]["censored"] == 1);
    order.erase("latency_us");
    REQUIRE(order == Json{{"sent", 10},
                          {"received", 7},
                          {"lost", 1},
                          {"late", 2},
                          {"duplicates", 3},
                          {"out_of_order", 4},
                          {"blocked", 5}});
    REQUIRE(parsed(stats::RunResult{})["by_type"] == Json::object());
}

TEST_CASE("json report: what was pushed to listeners", "[report][json]") {
    stats::RunResult result;
    result.fan_out = stats::FanOut{.listeners = 5, .published = 4, .expected = 20, .delivered = 15};
    result.fan_out->duplicates = 1;
    result.fan_out->out_of_order = 2;
    result.fan_out->incomplete = 3;
    result.fan_out->latency = stats::Summary{.count = 15, .max = 9'500};
    const Json fan_out = parsed(result)["fan_out"];
    REQUIRE(keys_of(fan_out) == Keys{"listeners", "published", "expected", "delivered", "reach",
                                     "duplicates", "out_of_order", "untimed", "incomplete", "latency_us",
                                     "spread_us"});
    REQUIRE(fan_out["reach"] == 0.75);
    REQUIRE(fan_out["incomplete"] == 3);
    REQUIRE(fan_out["latency_us"]["max"] == 9.5);
    REQUIRE(fan_out["spread_us"].is_null());
    result.fan_out->expected = 0;
    REQUIRE(parsed(result)["fan_out"]["reach"].is_null());
}

TEST_CASE("json report: TCP's own view, the warm-up, and whose clock it is", "[report][json]") {
    stats::RunResult result;
    REQUIRE(parsed(result)["timestamps"] ==
            Json{{"source", "user"}, {"receive_delay_us", nullptr}, {"shared", nullptr}});
    result.tcp = stats::TcpSample{256, 9, 4, stats::Summary{.count = 256, .p50 = 40'000}};
    result.warm_up = stats::WarmUp{1.5, 300, 290, 10};
    result.stamps = stats::StampInfo{stats::Summary{.count = 7, .max = 12'000}, 3};
    const Json json = parsed(result);
    REQUIRE(json["tcp"]["sampled"] == 256);
    REQUIRE(json["tcp"]["retransmits"] == 9);
    REQUIRE(json["tcp"]["syn_retransmits"] == 4);
    REQUIRE(json["tcp"]["rtt_us"]["p50"] == 40);
    REQUIRE(json["warm_up"] == Json{{"duration_s", 1.5}, {"sent", 300}, {"received", 290}, {"lost", 10}});
    REQUIRE(json["timestamps"]["source"] == "kernel");
    REQUIRE(json["timestamps"]["receive_delay_us"]["max"] == 12);
    REQUIRE(json["timestamps"]["shared"] == 3);
}

TEST_CASE("json report: every check with its limit and what was measured", "[report][json]") {
    stats::RunResult result;
    REQUIRE(parsed(result)["slo"] == Json::array());
    result.slos = {{.rule = *stats::parse_slo("p99@10s<50ms"), .value = 61.5, .worst_at_s = 30},
                   {.rule = *stats::parse_slo("lost<=2"), .status = stats::SloStatus::ok, .value = 2},
                   {.rule = *stats::parse_slo("error_rate<1%")}};
    result.aborted = "p99@10s<50ms at 30 s: 61.5 ms";
    const Json json = parsed(result);
    REQUIRE(json["slo"][0] == Json{{"rule", "p99@10s<50ms"},
                                   {"status", "fail"},
                                   {"value", 61.5},
                                   {"limit", 50.0},
                                   {"unit", "ms"},
                                   {"window_s", 10},
                                   {"worst_at_s", 30.0}});
    REQUIRE(json["slo"][1] == Json{{"rule", "lost<=2"},
                                   {"status", "ok"},
                                   {"value", 2.0},
                                   {"limit", 2.0},
                                   {"unit", nullptr},
                                   {"window_s", nullptr},
                                   {"worst_at_s", nullptr}});
    REQUIRE(json["slo"][2]["value"].is_null());
    REQUIRE(json["slo"][2]["status"] == "fail");
    REQUIRE(json["aborted"] == *result.aborted);
}

TEST_CASE("json report: histograms are the texts of their encoding, null where they are empty",
          "[report][json]") {
    const auto histogram = std::make_unique<stats::Histogram>();
    stats::RunResult result;
    const std::vector<std::pair<const char*, stats::HistogramSnapshot*>> places{
        {"latency", &result.totals.latency},
        {"service_time", &result.totals.service_time},
        {"send_lag", &result.totals.send_lag},
        {"loop_lag", &result.totals.loop_lag},
        {"push_latency", &result.totals.push_latency},
        {"push_spread", &result.totals.push_spread},
        {"connect_total", &result.totals.connect_total}};
    const Json empty = parsed(result)["histograms"];
    REQUIRE(empty.size() == places.size());
    for (const auto& [key, values] : places) {
        REQUIRE(empty[key].is_null());
        histogram->record(12'345);  // each has one more than the one before
        *values = histogram->snapshot();
    }
    const Json full = parsed(result)["histograms"];
    for (const auto& [key, values] : places) REQUIRE(full[key] == hdr_text(*values));
}

TEST_CASE("json report: a row of the time series is one line, the same as in the result",
          "[report][json]") {
    stats::RunResult result = refused_and_late();
    stats::TimelineRow& row = result.timeline.front();
    row.lost = 1;
    row.blocked = 2;
    row.late = 3;
    row.service_p99_us = 4.5;
    row.rss_bytes = 5'000'000;
    const std::string line = row_line(row);
    REQUIRE(line.find('\n') == line.size() - 1);
    REQUIRE(Json::parse(line) == parsed(result)["timeline"][0]);
    REQUIRE(Json::parse(line)["blocked"] == 2);
    REQUIRE(Json::parse(line)["service_p99_us"] == 4.5);
    REQUIRE(Json::parse(line)["p99_us"].is_null());
}

TEST_CASE("json report: the workload says what was asked for", "[report][json]") {
    stats::RunResult result;
    const Json silent = parsed(result)["workload"];
    for (const char* key : {"rate_to_per_s", "arrivals", "warmup_s", "match"})
        REQUIRE(silent[key].is_null());
    REQUIRE(silent["timestamps"] == "user");
    result.workload.rate_per_s = 10;
    result.workload.rate_to_per_s = 2'000;
    result.workload.arrivals = "poisson";
    result.workload.warmup_s = 0.5;
    result.workload.listeners = 8;
    result.workload.match = "value";
    const Json told = parsed(result)["workload"];
    REQUIRE(told["rate_per_s"] == 10);
    REQUIRE(told["rate_to_per_s"] == 2'000);
    REQUIRE(told["arrivals"] == "poisson");
    REQUIRE(told["warmup_s"] == 0.5);
    REQUIRE(told["listeners"] == 8);
    REQUIRE(told["match"] == "value");
}

TEST_CASE("json report: bytes of a server that are no UTF-8 are replaced", "[report][json]") {
    stats::RunResult result;
    result.excerpts = {{502, "bad\xff\"quote"}};
    const Json json = parsed(result);
    REQUIRE(json["upgrade_excerpts"][0]["status"] == 502);
    REQUIRE(json["upgrade_excerpts"][0]["text"] == "bad\xef\xbf\xbd\"quote");
}

}  // namespace wsblast::report
