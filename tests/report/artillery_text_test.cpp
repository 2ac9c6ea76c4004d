#include "report/artillery_text.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::report;

namespace {

stats::MetricWindow window() {
    stats::MetricWindow window;
    window.period_ms = 1'650'656'210'000;  // 19:36:50 UTC
    window.counters = {{"vusers.created", 20}, {"errors.Connection timeout", 2}};
    window.rates = {{"websocket.send_rate", 4}};
    window.summaries = {
        {"vusers.session_length",
         {.count = 20, .min = 1.14, .max = 9.66, .mean = 3.25, .p50 = 2.9, .p95 = 6.06, .p99 = 9}}};
    window.first_counter_ms = 1'650'656'210'339;
    window.last_counter_ms = 1'650'656'215'020;
    window.first_histogram_ms = 1'650'656'210'371;
    window.last_histogram_ms = 1'650'656'213'020;
    return window;
}

std::string dots(int count) {
    return std::string(static_cast<std::size_t>(count), '.');
}

}  // namespace

TEST_CASE("artillery text: a period has its end, its width, and its metrics by name",
          "[report][artillery_text]") {
    const std::string rule = "--------------------------------------\n";
    CHECK(period_text(window(), {}) ==
          rule + "Metrics for period to: 19:37:00(+0000) (width: 4.681s)\n" + rule + "\n" +
              "errors.Connection timeout: " + dots(53) + " 2\n" + "vusers.created: " + dots(64) + " 20\n" +
              "vusers.session_length:\n" + "  min: " + dots(73) + " 1.1\n" + "  max: " + dots(73) +
              " 9.7\n" + "  mean: " + dots(72) + " 3.3\n" + "  median: " + dots(70) + " 2.9\n" +
              "  p95: " + dots(73) + " 6.1\n" + "  p99: " + dots(73) + " 9\n" +
              "websocket.send_rate: " + dots(59) + " 4/sec\n\n\n");
}

TEST_CASE("artillery text: times of day are local", "[report][artillery_text]") {
    const auto title = [](std::int32_t offset_s) {
        const std::string text = period_text(window(), {.utc_offset_s = offset_s});
        return text.substr(39, 38);
    };
    CHECK(title(2 * 3600) == "Metrics for period to: 21:37:00(+0200)");
    CHECK(title(-(3 * 3600 + 1800)) == "Metrics for period to: 16:07:00(-0330)");
    CHECK(title(5 * 3600) == "Metrics for period to: 00:37:00(+0500)");
}

TEST_CASE("artillery text: a period without measurements says so", "[report][artillery_text]") {
    const std::string text = period_text({}, {});
    CHECK(text.find("\n\nNo measurements recorded during this period\n\n\n") != std::string::npos);
}

TEST_CASE("artillery text: a long name is cut", "[report][artillery_text]") {
    stats::MetricWindow long_name;
    long_name.counters = {{std::string(90, 'x'), 1}};
    CHECK(period_text(long_name, {}).find("\n" + std::string(76, 'x') + "...  1\n") != std::string::npos);
}

TEST_CASE("artillery text: the summary of the whole run", "[report][artillery_text]") {
    const std::string text = summary_text(window(), {.duration_s = 65.9, .at_ms = 1'650'656'220'000}, {});
    const std::string rule = "--------------------------------\n";
    CHECK(text.starts_with("All VUs finished. Total time: 1 minute, 5 seconds\n\n" + rule +
                           "Summary report @ 19:37:00(+0000)\n" + rule +
                           "\nerrors.Connection timeout: ..."));
    CHECK(text.ends_with(" 4/sec\n"));
}

TEST_CASE("artillery text: an interrupted run says how many had not finished", "[report][artillery_text]") {
    stats::MetricWindow total;
    total.counters = {{"vusers.created", 11}, {"vusers.completed", 3}, {"vusers.interrupted", 8}};
    const std::string text = summary_text(total, {.ending = RunEnding::interrupted}, {});
    CHECK(text.starts_with(
        "Interrupted: 8 VUs had not finished (vusers.interrupted). Total time: 0 seconds\n"));
}

TEST_CASE("artillery text: durations in words", "[report][artillery_text]") {
    CHECK(long_duration(0.4) == "0 seconds");
    CHECK(long_duration(1) == "1 second");
    CHECK(long_duration(60) == "1 minute, 0 seconds");
    CHECK(long_duration(3600) == "1 hour, 0 minutes, 0 seconds");
    CHECK(long_duration(2 * 86'400 + 3 * 3600 + 2) == "2 days, 3 hours, 0 minutes, 2 seconds");
}

TEST_CASE("artillery text: checks say what held, and what did not", "[report][artillery_text]") {
    using Outcome = stats::EnsureCheck::Outcome;
    const std::vector<stats::EnsureCheck> checks{{"a < 1", Outcome::failed, "a is missing"},
                                                 {"b < 2", Outcome::ok},
                                                 {"c < 3", Outcome::failed_optional}};
    CHECK(checks_text(checks, Colour::off) ==
          "\nChecks:\nok: b < 2\nfail: a < 1 (a is missing)\nfail: c < 3 (optional)\n");
    CHECK(checks_text({}, Colour::off).empty());
    CHECK(checks_text({checks[1]}, Colour::on) == "\nChecks:\n\x1b[32mok\x1b[39m: b < 2\n");
}
