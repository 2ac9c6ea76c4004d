#include "search/gave_first.hpp"

#include <catch2/catch.hpp>

namespace wsblast::search {

using stats::LoadAxis;
using stats::StepCause;

namespace {

stats::LoadSearch failed_with(StepCause cause, std::string why) {
    stats::LoadSearch search{.highest_pass = 900, .lowest_fail = 1'000};
    search.steps.push_back({.load = 1'000, .cause = cause, .why = std::move(why)});
    return search;
}

}  // namespace

TEST_CASE("gave_first: names the check, its figure and the load") {
    CHECK(what_gave_first(failed_with(StepCause::check, "p99<50ms: 61.2 ms (58.9 ms to 64 ms)"),
                          LoadAxis::rate) == "p99<50ms: 61.2 ms (58.9 ms to 64 ms), at 1,000 messages/s");
}

TEST_CASE("gave_first: each cause has its words") {
    CHECK(what_gave_first(failed_with(StepCause::growth, "x"), LoadAxis::rate) ==
          "a queue grew: x, at 1,000 messages/s");
    CHECK(what_gave_first(failed_with(StepCause::backlog, "x"), LoadAxis::connections) ==
          "the backend fell behind: x, at 1,000 connections");
    CHECK(what_gave_first(failed_with(StepCause::losses, "x"), LoadAxis::size) ==
          "messages were lost: x, at 1,000 bytes");
    CHECK(what_gave_first(failed_with(StepCause::connection_errors, "x"), LoadAxis::connect_rate) ==
          "connections broke: x, at 1,000 connections/s");
}

TEST_CASE("gave_first: of a generator it says what the backend takes at least") {
    const stats::LoadSearch search{.highest_pass = 64'000, .generator_limit = 70'000};
    CHECK(what_gave_first(search, LoadAxis::rate) ==
          "the generator was the bottleneck at 70,000 messages/s: the backend takes at least 64,000 "
          "messages/s");
    const stats::LoadSearch nothing{.generator_limit = 100};
    CHECK(what_gave_first(nothing, LoadAxis::rate) ==
          "the generator was the bottleneck at 100 messages/s: nothing is known of the backend");
}

TEST_CASE("gave_first: nothing gave where all passed") {
    CHECK(what_gave_first({.highest_pass = 350}, LoadAxis::rate) == "nothing gave up to 350 messages/s");
    CHECK(what_gave_first({}, LoadAxis::rate) == "no step was made in full");
}

TEST_CASE("gave_first: loads are written as people do") {
    CHECK(load_text(1.5, LoadAxis::rate) == "1.5 messages/s");
    CHECK(load_text(12'345.6, LoadAxis::rate) == "12,346 messages/s");
    CHECK(load_text(7, LoadAxis::connections) == "7 connections");
}

}  // namespace wsblast::search
