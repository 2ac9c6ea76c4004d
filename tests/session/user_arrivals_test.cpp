#include "session/user_arrivals.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;

namespace {

// What one of so many workers begins of the phases.
struct PhasesAtWork {
    explicit PhasesAtWork(std::vector<plan::ArrivalPhase> phases, std::uint32_t workers = 1) {
        scenario.phases = std::move(phases);
        scenario.flows.push_back({.name = "a"});
        arrivals_plan = plan::ArrivalPlan(scenario.phases, 1);
        for (std::uint32_t i = 0; i < workers; ++i) {
            shards.push_back(std::make_unique<stats::UserShard>(1, 1));
            arrivals.push_back(std::make_unique<UserArrivals>(
                UserArrivals::Input{scenario, arrivals_plan, shards, i, workers}));
            arrivals.back()->start(kStartNs);
        }
    }
    static constexpr TimeNs kStartNs = 100 * kSecond;

    plan::Scenario scenario;
    plan::ArrivalPlan arrivals_plan;
    std::vector<std::unique_ptr<stats::UserShard>> shards;
    std::vector<std::unique_ptr<UserArrivals>> arrivals;
};

plan::ArrivalPhase held_phase(std::uint64_t users, TimeNs duration_ns) {
    return {.kind = plan::PhaseKind::hold, .duration_ns = duration_ns, .count = users};
}

}  // namespace

TEST_CASE("user_arrivals: workers take turns, and each begins when it is due", "[session][user_arrivals]") {
    PhasesAtWork world({{.kind = plan::PhaseKind::count, .duration_ns = 10 * kSecond, .count = 10}}, 2);
    UserArrivals& second = *world.arrivals[1];
    CHECK(second.left() == 5);
    for (std::uint64_t number = 1; number < 10; number += 2) {
        CHECK(second.next_due_ns() == PhasesAtWork::kStartNs + static_cast<TimeNs>(number + 1) *
                                                                   kSecond);  // the first one after a gap
        CHECK(second.take() == number);
        CHECK_FALSE(second.is_held(number));
    }
    CHECK(second.done());
    CHECK(second.next_due_ns() == kNever);
}

TEST_CASE("user_arrivals: shares of held users are theirs alone", "[session][user_arrivals]") {
    PhasesAtWork world({held_phase(5, 10 * kSecond)}, 2);
    std::vector<std::uint64_t> numbers;
    for (const auto& arrivals : world.arrivals) {
        while (arrivals->next_due_ns() == PhasesAtWork::kStartNs) numbers.push_back(arrivals->take());
    }
    CHECK(numbers == std::vector<std::uint64_t>{0, 2, 4, 1, 3});
}

TEST_CASE("user_arrivals: who is done is followed at once, who failed after a pause that grows",
          "[session][user_arrivals]") {
    PhasesAtWork world({held_phase(2, 600 * kSecond)});
    UserArrivals& arrivals = *world.arrivals.front();
    TimeNs now_ns = PhasesAtWork::kStartNs;
    (void)arrivals.take();
    (void)arrivals.take();
    CHECK(arrivals.next_due_ns() == kNever);
    arrivals.held_ended(UserEnd::completed, now_ns);
    CHECK(arrivals.next_due_ns() == now_ns);
    (void)arrivals.take();

    TimeNs pause_ns = limits::kHeldPauseFirstNs;
    for (int round = 0; round < 10; ++round) {
        arrivals.held_ended(UserEnd::failed, now_ns);
        arrivals.held_ended(UserEnd::failed, now_ns);
        CHECK(arrivals.next_due_ns() == now_ns + pause_ns);
        now_ns += pause_ns;
        (void)arrivals.take();
        CHECK(arrivals.next_due_ns() == now_ns);
        (void)arrivals.take();
        CHECK(arrivals.next_due_ns() == kNever);
        pause_ns = std::min(2 * pause_ns, limits::kHeldPauseMaxNs);
    }
    // One that does not fail ends the row.
    arrivals.held_ended(UserEnd::completed, now_ns);
    arrivals.held_ended(UserEnd::failed, now_ns);
    CHECK(arrivals.next_due_ns() == now_ns);
    (void)arrivals.take();
    CHECK(arrivals.next_due_ns() == now_ns + limits::kHeldPauseFirstNs);
}

TEST_CASE("user_arrivals: a phase that held users ends, its pauses too", "[session][user_arrivals]") {
    PhasesAtWork world({held_phase(1, 10 * kSecond)});
    UserArrivals& arrivals = *world.arrivals.front();
    (void)arrivals.take();
    arrivals.held_ended(UserEnd::failed, PhasesAtWork::kStartNs + 9 * kSecond);
    CHECK_FALSE(arrivals.hold_is_over(PhasesAtWork::kStartNs + 9 * kSecond));
    CHECK(arrivals.hold_is_over(PhasesAtWork::kStartNs + 10 * kSecond));
    CHECK(arrivals.next_due_ns() == kNever);
    CHECK(arrivals.done());
}

TEST_CASE("user_arrivals: who fails at the end of a phase is not followed before the next one begins",
          "[session][user_arrivals]") {
    PhasesAtWork world({held_phase(1, 10 * kSecond),
                        {.kind = plan::PhaseKind::pause, .duration_ns = 5 * kSecond},
                        held_phase(1, 10 * kSecond)});
    UserArrivals& arrivals = *world.arrivals.front();
    (void)arrivals.take();
    const TimeNs end_ns = PhasesAtWork::kStartNs + 10 * kSecond;
    REQUIRE(arrivals.hold_is_over(end_ns));
    arrivals.held_ended(UserEnd::failed, end_ns);
    CHECK(arrivals.next_due_ns() == end_ns + 5 * kSecond);
}

TEST_CASE("user_arrivals: nobody begins above maxVusers, of all workers together",
          "[session][user_arrivals]") {
    PhasesAtWork world(
        {{.kind = plan::PhaseKind::count, .duration_ns = 1 * kSecond, .count = 10, .users_max = 3}}, 2);
    world.shards[0]->active.add();
    world.shards[0]->active.add();
    CHECK_FALSE(world.arrivals[1]->full());
    world.shards[1]->active.add();
    CHECK(world.arrivals[1]->full());
}

TEST_CASE("user_arrivals: weights are the scenarios' shares", "[session][user_arrivals]") {
    PhasesAtWork world({held_phase(1, kSecond)});
    world.scenario.flows = {{.name = "a", .weight = 1}, {.name = "b", .weight = 3}};
    const UserArrivals arrivals({world.scenario, world.arrivals_plan, world.shards, 0, 1});
    constexpr std::uint64_t kUsers = 40'000;
    std::uint64_t of_b = 0;
    for (std::uint64_t number = 0; number < kUsers; ++number) of_b += arrivals.flow_of(number);
    // Five standard deviations of a share of three quarters.
    CHECK(of_b > 30'000 - 435);
    CHECK(of_b < 30'000 + 435);
}
