#include "search/climb.hpp"

#include <catch2/catch.hpp>

#include "tests/support/fake_world.hpp"

namespace wsblast::search {

using stats::ErrorKind;
using test::FakeWorld;
using test::WorldRules;

namespace {

Climb climb_to(FakeWorld& world, std::uint64_t wanted) {
    return climb(world, world, {wanted, wanted + wanted / 100 + 64, 10 * kSecond, 0});
}

}  // namespace

TEST_CASE("climb: as many as were wanted", "[search][climb]") {
    FakeWorld world({});
    const Climb climbed = climb_to(world, 2'000);
    CHECK(climbed.end == ClimbEnd::reached);
    CHECK(climbed.opened() == 2'000);
    CHECK(climbed.after.counters.open == 2'000);
    CHECK(climbed.connections_per_s == Approx(10'000).epsilon(0.02));
}

TEST_CASE("climb: the rate is measured between the first and the last that opened", "[search][climb]") {
    WorldRules rules;
    rules.connects_per_s = 500;
    FakeWorld world(rules);
    CHECK(climb_to(world, 2'000).connections_per_s == Approx(500).epsilon(0.01));
}

TEST_CASE("climb: a limit that refuses ends it, with what is really open", "[search][climb]") {
    WorldRules rules;
    rules.limit = 3'000;
    FakeWorld world(rules);
    const Climb climbed = climb_to(world, 4'000);
    CHECK(climbed.end == ClimbEnd::gave);
    CHECK(climbed.after.counters.open == 3'000);
    CHECK(climbed.failed() > 20);
    CHECK(climbed.failed() < 200);
    CHECK(climbed.after.opening == 0);
}

TEST_CASE("climb: what is in flight is awaited, and no more are begun", "[search][climb]") {
    WorldRules rules;
    rules.limit = 1'500;
    rules.beyond = ErrorKind::connect_timeout;
    rules.fails_after_ns = 10 * kSecond;
    FakeWorld world(rules);
    const TimeNs start_ns = world.now_ns();
    const Climb climbed = climb_to(world, 4'000);
    CHECK(climbed.end == ClimbEnd::gave);
    CHECK(climbed.after.counters.open == 1'500);
    CHECK(climbed.after.opening == 0);
    // Two timeouts: the first ones show that it gave, the last ones are awaited.
    CHECK(world.now_ns() - start_ns < 22 * kSecond);
}

TEST_CASE("climb: a few that fail are replaced", "[search][climb]") {
    WorldRules rules;
    rules.fails_every = 250;
    FakeWorld world(rules);
    const Climb climbed = climb_to(world, 5'000);
    CHECK(climbed.end == ClimbEnd::reached);
    CHECK(climbed.after.counters.open == 5'000);
    CHECK(climbed.failed() == 20);
}

TEST_CASE("climb: of few connections all that fail count", "[search][climb]") {
    WorldRules rules;
    rules.limit = 3;
    FakeWorld world(rules);
    const Climb climbed = climb(world, world, {10, 10, kSecond, 0});
    CHECK(climbed.end == ClimbEnd::gave);
    CHECK(climbed.after.counters.open == 3);
}

TEST_CASE("climb: old ones that die end it", "[search][climb]") {
    WorldRules rules;
    rules.loses_at = 3'000;
    rules.loses = 100;
    FakeWorld world(rules);
    const Climb climbed = climb_to(world, 4'000);
    CHECK(climbed.end == ClimbEnd::gave);
    CHECK(lost(climbed.after) == 100);
    CHECK(climbed.failed() == 0);
}

TEST_CASE("climb: a few old ones that die are replaced", "[search][climb]") {
    WorldRules rules;
    rules.loses_at = 3'000;
    rules.loses = 10;
    FakeWorld world(rules);
    const Climb climbed = climb_to(world, 4'000);
    CHECK(climbed.end == ClimbEnd::reached);
    CHECK(climbed.after.counters.open == 4'000);
    CHECK(climbed.opened() == 4'010);
}

TEST_CASE("climb: it ends before the memory does", "[search][climb]") {
    WorldRules rules;
    rules.connects_per_s = 1'000;
    rules.bytes_each = 1 << 20;
    rules.memory_bytes = std::uint64_t{2} << 30;
    FakeWorld world(rules);
    const Climb climbed = climb_to(world, 10'000);
    CHECK(climbed.end == ClimbEnd::memory_short);
    CHECK(world.memory_available_bytes() > 0);
    CHECK(climbed.after.counters.open < 2'100);
}

TEST_CASE("climb: an interrupt ends it at once", "[search][climb]") {
    WorldRules rules;
    rules.limit = 100;
    rules.beyond = ErrorKind::connect_timeout;
    rules.fails_after_ns = 10 * kSecond;
    rules.interrupted_at_ns = 2 * kSecond;
    FakeWorld world(rules);
    const Climb climbed = climb_to(world, 4'000);
    CHECK(climbed.end == ClimbEnd::interrupted);
    CHECK(world.now_ns() < 2 * kSecond + 100 * kMillisecond);
}

TEST_CASE("climb: more than a chance is more than 20 and more than 1 %", "[search][climb]") {
    CHECK_FALSE(too_many(20, 100));
    CHECK(too_many(21, 100));
    CHECK_FALSE(too_many(21, 2'100));
    CHECK(too_many(22, 2'100));
    CHECK_FALSE(too_many(0, 0));
}

}  // namespace wsblast::search
