#include "report/artillery_json.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace wsblast;
using namespace wsblast::report;

namespace {

stats::MetricWindow json_window() {
    stats::MetricWindow window;
    window.period_ms = 1'650'656'210'000;
    window.counters = {{"vusers.created", 20}};
    window.rates = {{"websocket.send_rate", 4.04}};
    window.summaries = {{"vusers.session_length",
                         {.count = 20,
                          .min = 1.14,
                          .max = 9.7,
                          .mean = 3.2,
                          .p50 = 2.9,
                          .p75 = 3.5,
                          .p90 = 5,
                          .p95 = 6.1,
                          .p99 = 9.2,
                          .p999 = 9.7}}};
    window.first_counter_ms = 1'650'656'208'339;
    window.last_counter_ms = 1'650'656'213'020;
    window.first_histogram_ms = 1'650'656'208'371;
    window.last_histogram_ms = 1'650'656'213'021;
    return window;
}

}  // namespace

TEST_CASE("artillery json: the aggregate has Artillery's keys", "[report][artillery_json]") {
    stats::ScriptResult result;
    result.total = json_window();
    const auto aggregate = nlohmann::json::parse(artillery_json(result))["aggregate"];
    CHECK(aggregate == nlohmann::json::parse(R"({
        "counters": {"vusers.created": 20}, "rates": {"websocket.send_rate": 4.0},
        "firstCounterAt": 1650656208339, "firstHistogramAt": 1650656208371, "lastCounterAt": 1650656213020,
        "lastHistogramAt": 1650656213021, "firstMetricAt": 1650656208339, "lastMetricAt": 1650656213021,
        "period": 1650656210000,
        "summaries": {"vusers.session_length": {"min": 1.1, "max": 9.7, "count": 20, "mean": 3.2, "p50": 2.9,
            "median": 2.9, "p75": 3.5, "p90": 5.0, "p95": 6.1, "p99": 9.2, "p999": 9.7}},
        "histograms": {"vusers.session_length": {"min": 1.1, "max": 9.7, "count": 20, "mean": 3.2, 
            "p50": 2.9,
            "median": 2.9, "p75": 3.5, "p90": 5.0, "p95": 6.1, "p99": 9.2, "p999": 9.7}}})"));
}

TEST_CASE("artillery json: every window is there, its period as text", "[report][artillery_json]") {
    stats::ScriptResult result;
    result.windows = {json_window(), {}};
    const auto intermediate = nlohmann::json::parse(artillery_json(result))["intermediate"];
    REQUIRE(intermediate.size() == 2);
    CHECK(intermediate[0]["period"] == "1650656210000");
    CHECK(intermediate[0]["counters"]["vusers.created"] == 20);
    // Nothing was measured: empty objects, and no times.
    CHECK(intermediate[1] ==
          nlohmann::json::parse(
              R"({"counters": {}, "rates": {}, "summaries": {}, "histograms": {}, "period": "0"})"));
}

TEST_CASE("artillery json: names that are no UTF-8 do not end the report", "[report][artillery_json]") {
    stats::ScriptResult result;
    result.total.counters = {{"errors.\xff", 1}};
    CHECK(nlohmann::json::parse(artillery_json(result))["aggregate"]["counters"].size() == 1);
}

TEST_CASE("artillery json: a directory's file is named by the time", "[report][artillery_json]") {
    CHECK(report_file_name(1'650'656'210'000, 0) == "artillery_report_20220422_193650.json");
    CHECK(report_file_name(1'650'656'210'000, 5 * 3600) == "artillery_report_20220423_003650.json");
}
