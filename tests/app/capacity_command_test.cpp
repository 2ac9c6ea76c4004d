#include "app/capacity_command.hpp"

#include <catch2/catch.hpp>

#include "tests/app/command_line.hpp"

namespace wsblast::app {

using stats::CapacityEnding;
using stats::CapacityResult;
using stats::LimitKind;

namespace {

CapacityResult ended(CapacityEnding ending, std::uint64_t held) {
    CapacityResult result;
    result.ending = ending;
    result.held = held;
    result.counters.successful = held;
    return result;
}

CapacityResult limited_by(LimitKind kind) {
    CapacityResult result = ended(CapacityEnding::limit, 3'000);
    result.limit = stats::Limit{kind, 3'000, {}};
    return result;
}

plan::CapacityOptions up_to(std::uint32_t most) {
    plan::CapacityOptions options;
    options.connections_max = most;
    return options;
}

plan::CapacityOptions capacity_options(Arguments words) {
    words.insert(words.begin(), "capacity");
    return parsed<plan::CapacityOptions>(words);
}

}  // namespace

TEST_CASE("capacity command: fewer than were asked for is a failure, a limit that was looked for is none",
          "[app][capacity]") {
    CHECK(status_of(ended(CapacityEnding::held, 5'000), up_to(5'000)) == ExitStatus::ok);
    CHECK(status_of(limited_by(LimitKind::upgrade_status), up_to(5'000)) == ExitStatus::failed);
    CHECK(status_of(limited_by(LimitKind::upgrade_status), {}) == ExitStatus::ok);
}

TEST_CASE("capacity command: what did not last is a failure, asked for or not", "[app][capacity]") {
    CHECK(status_of(ended(CapacityEnding::unsteady, 5'000), {}) == ExitStatus::failed);
}

TEST_CASE("capacity command: nothing opened, and interrupted", "[app][capacity]") {
    CHECK(status_of(ended(CapacityEnding::limit, 0), {}) == ExitStatus::impossible);
    CHECK(status_of(ended(CapacityEnding::interrupted, 0), {}) == ExitStatus::interrupted);
}

TEST_CASE("capacity command: a limit of this process says nothing of the target", "[app][capacity]") {
    CHECK(status_of(limited_by(LimitKind::file_limit), {}) == ExitStatus::saturated);
    plan::CapacityOptions allowed;
    allowed.run.saturation = plan::SaturationPolicy::allow;
    CHECK(status_of(limited_by(LimitKind::file_limit), allowed) == ExitStatus::ok);
}

TEST_CASE("capacity command: answers that a saturated generator missed prove nothing", "[app][capacity]") {
    CapacityResult result = limited_by(LimitKind::no_answer);
    result.plateaus.emplace_back().probe = stats::Probe{1'000, 500, {}, stats::GeneratorStatus::ok};
    CHECK(status_of(result, up_to(5'000)) == ExitStatus::failed);
    result.plateaus.back().probe->generator = stats::GeneratorStatus::saturated;
    CHECK(status_of(result, up_to(5'000)) == ExitStatus::saturated);
}

TEST_CASE("capacity command: its options reach their places", "[app][capacity]") {
    const plan::CapacityOptions options = capacity_options(
        {"--max", "50k", "--step", "5k", "--sample", "200", "--hold", "10s", "--churn", "5%/s", "--storm",
         "20%", "--reconnect", "jittered:500ms,10s", "--url", "ws://a/ws"});
    CHECK(options.connections_max == 50'000U);
    CHECK(options.step == 5'000);
    CHECK(options.sample == 200);
    CHECK(options.hold_ns == 10 * kSecond);
    CHECK(options.churn_per_s == Approx(0.05));
    CHECK(options.storm_share == Approx(0.2));
    CHECK(options.reconnect.kind == plan::Reconnect::jittered);
    CHECK(options.reconnect.first_ns == 500 * kMillisecond);
    CHECK(options.reconnect.max_ns == 10 * kSecond);
    CHECK(options.run.urls == std::vector<std::string>{"ws://a/ws"});
}

TEST_CASE("capacity command: a policy has waits of its own", "[app][capacity]") {
    CHECK(capacity_options({"--storm", "1%", "--reconnect", "immediate"}).reconnect.max_ns == 0);
    const auto plain = capacity_options({"--storm", "1%", "--reconnect", "exponential"}).reconnect;
    CHECK(plain.first_ns == kSecond);
    CHECK(plain.max_ns == 30 * kSecond);
    const auto slow = capacity_options({"--storm", "1%", "--reconnect", "exponential:1m"}).reconnect;
    CHECK(slow.max_ns == kMinute);
}

}  // namespace wsblast::app
