#include "search/capacity.hpp"

#include <catch2/catch.hpp>

#include "tests/support/fake_world.hpp"

namespace wsblast::search {

using stats::CapacityEnding;
using stats::CapacityResult;
using stats::ErrorKind;
using stats::LimitKind;
using test::FakeWorld;
using test::WorldRules;

namespace {

CapacityPlan plan_to(std::uint64_t wanted) {
    CapacityPlan plan;
    plan.wanted = wanted;
    plan.allowed_max = wanted + wanted / 100 + 64;
    plan.plateaus = plateaus_to(wanted, 0);
    plan.sample = 1'000;
    plan.connect_timeout_ns = 10 * kSecond;
    plan.answer_timeout_ns = 5 * kSecond;
    return plan;
}

CapacityResult search_in(FakeWorld& world, const CapacityPlan& plan) {
    const CapacityResult result = find_capacity(plan, world, world);
    CHECK(result.counters.attempted == result.counters.successful + result.counters.failed);
    return result;
}

}  // namespace

TEST_CASE("capacity: plateaus double, or go in steps", "[search][capacity]") {
    using Plateaus = std::vector<std::uint64_t>;
    CHECK(plateaus_to(10'000, 0) == Plateaus{1'000, 2'000, 4'000, 8'000, 10'000});
    CHECK(plateaus_to(1'000'000, 0).size() == 11);
    CHECK(plateaus_to(3'000, 1'000) == Plateaus{1'000, 2'000, 3'000});
    CHECK(plateaus_to(100, 0) == Plateaus{25, 50, 100});
    CHECK(plateaus_to(1, 0) == Plateaus{1});
    CHECK(plateaus_to(5, 10) == Plateaus{5});
}

TEST_CASE("capacity: what is held is held, and was asked at each plateau", "[search][capacity]") {
    FakeWorld world({});
    const CapacityResult result = search_in(world, plan_to(10'000));
    CHECK(result.ending == CapacityEnding::held);
    CHECK(result.held == 10'000);
    CHECK_FALSE(result.limit.has_value());
    REQUIRE(result.plateaus.size() == 5);
    CHECK(world.rounds() == 5);
    CHECK(world.every() == 10);
    for (const stats::Plateau& plateau : result.plateaus) {
        CHECK(plateau.open == plateau.wanted);
        REQUIRE(plateau.probe.has_value());
        CHECK(plateau.probe->asked == 1'000);
        CHECK(plateau.probe->unanswered() == 0);
        CHECK(plateau.own_cpu_us.has_value());
    }
    // Too few to tell what one of them takes.
    CHECK_FALSE(result.bytes_each.own.has_value());
    CHECK_FALSE(result.bytes_each.kernel.has_value());
}

TEST_CASE("capacity: many connections tell what one of them takes", "[search][capacity]") {
    FakeWorld world({});
    const CapacityResult result = search_in(world, plan_to(40'000));
    CHECK(result.held == 40'000);
    CHECK(result.bytes_each.own == Approx(1'000));
    CHECK(result.bytes_each.kernel == Approx(3'000));
    CHECK_FALSE(result.bytes_each.target.has_value());
}

TEST_CASE("capacity: the limit that gives is named with what was held", "[search][capacity]") {
    WorldRules rules;
    rules.limit = 3'000;
    rules.beyond = ErrorKind::upgrade_status;
    FakeWorld world(rules);
    const CapacityResult result = search_in(world, plan_to(10'000));
    CHECK(result.ending == CapacityEnding::limit);
    CHECK(result.held == 3'000);
    REQUIRE(result.limit.has_value());
    CHECK(result.limit->kind == LimitKind::upgrade_status);
    CHECK(result.limit->count == 3'000);
    CHECK(result.plateaus.size() == 3);
    CHECK(result.plateaus.back().wanted == 4'000);
}

TEST_CASE("capacity: a full table is found in what the host says", "[search][capacity]") {
    WorldRules rules;
    rules.limit = 5'000;
    rules.beyond = ErrorKind::connect_timeout;
    rules.fails_after_ns = 10 * kSecond;
    // Beyond the limit the world does not change: it says so from the start, and the drops come with the
    // walk.
    struct DroppingWorld final : public Surroundings {
        explicit DroppingWorld(FakeWorld& base) : world(base) {}
        TimeNs now_ns() override { return world.now_ns(); }
        void wait(TimeNs time_ns) override { world.wait(time_ns); }
        bool stop_requested() override { return world.stop_requested(); }
        Reading read() override {
            Reading reading = world.read();
            reading.host.conntrack = {world.status().counters.open, 5'000};
            reading.host.network.tracking_drops = 3 * world.status().counters.failed;
            return reading;
        }
        stats::BackendUse target_use() override { return world.target_use(); }
        std::uint64_t memory_available_bytes() override { return world.memory_available_bytes(); }
        void show(const stats::CapacityProgress& progress) override { world.show(progress); }
        FakeWorld& world;
    };
    FakeWorld world(rules);
    DroppingWorld beside(world);
    const CapacityResult result = find_capacity(plan_to(20'000), world, beside);
    CHECK(result.held == 5'000);
    REQUIRE(result.limit.has_value());
    CHECK(result.limit->kind == LimitKind::conntrack);
}

TEST_CASE("capacity: a ceiling that was known before ends it without a failure", "[search][capacity]") {
    FakeWorld world({});
    CapacityPlan plan = plan_to(2'000);
    plan.wanted = 1'000'000;
    plan.ceiling = stats::Limit{LimitKind::source_ports, 0, {"1 source address x 2,000 ports"}};
    const CapacityResult result = search_in(world, plan);
    CHECK(result.ending == CapacityEnding::limit);
    CHECK(result.held == 2'000);
    REQUIRE(result.limit.has_value());
    CHECK(result.limit->kind == LimitKind::source_ports);
    CHECK(result.limit->count == 2'000);
    CHECK(result.counters.failed == 0);
}

TEST_CASE("capacity: old ones that do not answer any more end it", "[search][capacity]") {
    WorldRules rules;
    rules.answers = [](std::uint64_t open, std::uint64_t asked) {
        return open < 4'000 ? asked : asked / 2;
    };
    FakeWorld world(rules);
    const CapacityResult result = search_in(world, plan_to(10'000));
    CHECK(result.ending == CapacityEnding::limit);
    REQUIRE(result.limit.has_value());
    CHECK(result.limit->kind == LimitKind::no_answer);
    CHECK(result.limit->count == 4'000);
    CHECK(result.held == 2'000);
    CHECK(result.plateaus.size() == 3);
}

TEST_CASE("capacity: a few losses are told and end nothing", "[search][capacity]") {
    WorldRules rules;
    rules.loses_at = 3'000;
    rules.loses = 5;
    FakeWorld world(rules);
    const CapacityResult result = search_in(world, plan_to(10'000));
    CHECK(result.ending == CapacityEnding::held);
    CHECK(result.held == 10'000);
    REQUIRE(result.findings.size() == 1);
    CHECK(result.findings[0].kind == LimitKind::closed_later);
}

TEST_CASE("capacity: nothing can be opened", "[search][capacity]") {
    WorldRules rules;
    rules.limit = 0;
    FakeWorld world(rules);
    const CapacityResult result = search_in(world, plan_to(10'000));
    CHECK(result.ending == CapacityEnding::limit);
    CHECK(result.held == 0);
    CHECK(world.rounds() == 0);
    REQUIRE(result.limit.has_value());
    CHECK(result.limit->kind == LimitKind::refused);
}

TEST_CASE("capacity: an interrupt leaves what was measured", "[search][capacity]") {
    WorldRules rules;
    rules.interrupted_at_ns = 2 * kSecond;
    FakeWorld world(rules);
    const CapacityResult result = search_in(world, plan_to(100'000));
    CHECK(result.ending == CapacityEnding::interrupted);
    CHECK_FALSE(result.plateaus.empty());
    CHECK(result.held > 0);
}

TEST_CASE("capacity: without a sample nobody is asked", "[search][capacity]") {
    FakeWorld world({});
    CapacityPlan plan = plan_to(2'000);
    plan.sample = 0;
    const CapacityResult result = search_in(world, plan);
    CHECK(world.rounds() == 0);
    CHECK_FALSE(result.plateaus.back().probe.has_value());
    CHECK(result.held == 2'000);
}

}  // namespace wsblast::search
