#include "stats/script_result.hpp"

#include <catch2/catch.hpp>

using namespace wsblast::stats;

TEST_CASE("script result: every metric is one number by its name", "[stats][script_result]") {
    MetricWindow window;
    window.counters = {{"vusers.created", 20}};
    window.rates = {{"websocket.send_rate", 4.5}};
    window.summaries = {{"vusers.session_length",
                         {.count = 9,
                          .min = 1,
                          .max = 8,
                          .mean = 3,
                          .p50 = 2,
                          .p75 = 4,
                          .p90 = 5,
                          .p95 = 6,
                          .p99 = 7,
                          .p999 = 7.5}}};
    const std::map<std::string, double> expected{{"vusers.created", 20},
                                                 {"websocket.send_rate", 4.5},
                                                 {"vusers.session_length.count", 9},
                                                 {"vusers.session_length.min", 1},
                                                 {"vusers.session_length.max", 8},
                                                 {"vusers.session_length.mean", 3},
                                                 {"vusers.session_length.p50", 2},
                                                 {"vusers.session_length.median", 2},
                                                 {"vusers.session_length.p75", 4},
                                                 {"vusers.session_length.p90", 5},
                                                 {"vusers.session_length.p95", 6},
                                                 {"vusers.session_length.p99", 7},
                                                 {"vusers.session_length.p999", 7.5}};
    CHECK(flat_metrics(window) == expected);
}

TEST_CASE("script result: nothing measured is no number", "[stats][script_result]") {
    CHECK(flat_metrics({}).empty());
}
