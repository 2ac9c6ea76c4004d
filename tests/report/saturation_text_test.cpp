#include "report/saturation_text.hpp"

#include <limits>

#include <catch2/catch.hpp>

namespace wsblast::report {

namespace {

stats::StepRow row(double load, double p99_ms, stats::StepVerdict verdict) {
    stats::StepRow row{
        .number = 1, .load = load, .offered_per_s = load, .achieved_per_s = load, .length_s = 10};
    stats::Summary summary;
    summary.count = 100;
    summary.p50 = kMillisecond;
    summary.p99 = static_cast<TimeNs>(p99_ms * 1e6);
    row.latency = summary;
    row.verdict = verdict;
    row.check = "p99<5ms";
    row.figure = stats::Estimate{p99_ms, p99_ms - 0.5, p99_ms + 0.5, 0.25};
    return row;
}

stats::SaturationResult example_search() {
    stats::SaturationResult result;
    result.rules.push_back(*stats::parse_slo("p99<5ms"));
    result.arrivals = "poisson";
    result.duration_s = 61;
    result.budget_s = 300;
    stats::LoadSearch& search = result.searches.emplace_back();
    search.ending = stats::SearchEnding::knee;
    search.knee = stats::Knee{{9'800, 9'700, 9'900, 50}, stats::KneeMethod::fitted};
    search.gave_first = "p99<5ms: 6 ms, at 10,000 messages/s";
    search.highest_pass = 9'500;
    search.lowest_fail = 10'000;
    search.steps = {row(10'000, 6, stats::StepVerdict::fail), row(9'500, 4, stats::StepVerdict::pass)};
    return result;
}

}  // namespace

TEST_CASE("saturation text: the knee comes first, with its interval and how it was made", "[report]") {
    const std::string text = saturation_text(example_search());
    CHECK_THAT(text, Catch::StartsWith("Saturation over rate: p99<5ms\n"
                                       "knee: 9,800 messages/s (9,700 to 9,900, fitted, poisson arrivals)\n"
                                       "what gave first: p99<5ms: 6 ms, at 10,000 messages/s\n"));
    CHECK_THAT(text, Catch::EndsWith("\nTook 61 s of 300 s\n"));
}

TEST_CASE("saturation text: the curve goes by the load", "[report]") {
    const std::string text = saturation_text(example_search());
    const auto lower = text.find("     9,500 ");
    const auto higher = text.find("    10,000 ");
    REQUIRE(lower != std::string::npos);
    REQUIRE(higher != std::string::npos);
    CHECK(lower < higher);
}

TEST_CASE("saturation text: each ending has its headline", "[report]") {
    stats::SaturationResult result = example_search();
    stats::LoadSearch& search = result.searches.front();
    search.ending = stats::SearchEnding::all_passed;
    search.highest_pass = 500;
    CHECK_THAT(saturation_text(result), Catch::Contains("knee: none up to 500 messages/s\n"));
    search.ending = stats::SearchEnding::none_passed;
    result.from = 100;
    CHECK_THAT(saturation_text(result), Catch::Contains("knee: below 100 messages/s"));
    search.ending = stats::SearchEnding::generator;
    search.gave_first = "the generator was the bottleneck at 70,000 messages/s: x";
    CHECK_THAT(saturation_text(result),
               Catch::Contains("knee: not found: the generator was the bottleneck"));
    search.ending = stats::SearchEnding::budget;
    search.knee.reset();
    CHECK_THAT(saturation_text(result),
               Catch::Contains("knee: not found before the budget was spent: at least 500 messages/s"));
}

TEST_CASE("saturation text: the law, the backend and the profile are told where they are known",
          "[report]") {
    stats::SaturationResult result = example_search();
    CHECK_THAT(saturation_text(result), !Catch::Contains("Scalability") && !Catch::Contains("Backend"));
    stats::LoadSearch& search = result.searches.front();
    search.scalability = stats::ScalabilityFit{.lambda = 5'000, .sigma = 0.5, .r_squared = 0.99};
    search.scalability->ceiling_per_s = 10'000;
    search.messages_per_cpu_s = 12'345;
    result.watched = "node (pid 4711)";
    result.profile =
        stats::KneeProfile{5'000, 10'000, {{"burn\x1b_cpu", 0.01, 0.52}}, "a.folded", "b.folded"};
    const std::string text = saturation_text(result);
    CHECK_THAT(text, Catch::Contains("sigma 0.5000") && Catch::Contains("levels off at 10,000/s"));
    CHECK_THAT(text, Catch::Contains("Backend: node (pid 4711)\n  12,345 messages for each second"));
    CHECK_THAT(text, Catch::Contains("  1.0% ->  52.0%  burn._cpu\n"));
}

TEST_CASE("saturation text: a grid ends with a table", "[report]") {
    stats::SaturationResult result = example_search();
    result.grid_axis = stats::LoadAxis::connections;
    result.searches.front().fixed = 32;
    CHECK_THAT(saturation_text(result), Catch::Contains("Grid (rate by connections):"));
}

TEST_CASE("saturation text: a step is a line", "[report]") {
    stats::StepRow step = row(9'500, 4, stats::StepVerdict::pass);
    CHECK(step_line(step, stats::LoadAxis::rate) ==
          "step 1 (growth): 9,500 messages/s: pass (p99<5ms: 4 ms (3.5 ms to 4.5 ms))");
    step.figure->high = std::numeric_limits<double>::infinity();
    CHECK_THAT(step_line(step, stats::LoadAxis::rate), Catch::EndsWith("(3.5 ms to ?))"));
    step.why = "a reason";
    CHECK_THAT(step_line(step, stats::LoadAxis::rate), Catch::EndsWith(": pass (a reason)"));
}

TEST_CASE("saturation text: progress says where the search is, and is cut to the line", "[report]") {
    stats::SearchProgress progress;
    progress.elapsed_ns = 42 * kSecond;
    progress.left_ns = 192 * kSecond;
    progress.step = 9;
    progress.load = 5'400;
    progress.highest_pass = 5'000;
    progress.lowest_fail = 5'600;
    CHECK(search_progress_text(progress, 200) ==
          "[42 s] step 9 (growth): 5,400 messages/s, knee between 5,000 and 5,600, 3 min 12 s left");
    CHECK(search_progress_text(progress, 20).size() == 20);
}

}  // namespace wsblast::report
