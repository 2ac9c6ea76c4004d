#include "plan/arrival_phases.hpp"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "tests/plan/plan_fixture.hpp"

using namespace wsblast;
using namespace wsblast::plan;

namespace {

ArrivalPhase poisson(TimeNs duration_ns, double per_s) {
    ArrivalPhase phase = constant(duration_ns, per_s);
    phase.arrivals = Arrivals::poisson;
    return phase;
}

ArrivalPhase count(TimeNs duration_ns, std::uint64_t users) {
    return {.kind = PhaseKind::count, .duration_ns = duration_ns, .count = users};
}

ArrivalPhase pause(TimeNs duration_ns) {
    return {.kind = PhaseKind::pause, .duration_ns = duration_ns};
}

ArrivalPlan plan_of(std::vector<ArrivalPhase> phases, std::uint64_t seed = 1) {
    REQUIRE(check_arrivals(phases).ok());
    return {phases, seed};
}

// How many users of the plan are due after from_ns, up to to_ns.
std::uint64_t due_between(const ArrivalPlan& plan, TimeNs from_ns, TimeNs to_ns) {
    std::uint64_t users = 0;
    for (std::uint64_t user = 0; user < plan.users(); ++user) {
        const TimeNs due_ns = plan.due_ns(user);
        users += due_ns > from_ns && due_ns <= to_ns ? 1 : 0;
    }
    return users;
}

}  // namespace

TEST_CASE("arrivals: a constant phase begins one user an interval, the first one after it",
          "[plan][arrivals]") {
    const ArrivalPlan plan = plan_of({constant(10 * kSecond, 4)});
    REQUIRE(plan.users() == 40);
    CHECK(plan.due_ns(0) == 250 * kMillisecond);
    CHECK(plan.due_ns(1) == 500 * kMillisecond);
    CHECK(plan.due_ns(39) == 10 * kSecond);
    CHECK(plan.end_ns() == 10 * kSecond);
}

TEST_CASE("arrivals: fractional rates are exact", "[plan][arrivals]") {
    const auto [seconds, per_s, users] = GENERATE(table<int, double, int>({{10, 0.1, 1},
                                                                           {60, 0.05, 3},
                                                                           {9, 0.1, 0},
                                                                           {10, 2.5, 25},
                                                                           {3, 0.7, 2},
                                                                           {100, 0.29, 29},
                                                                           {7, 3, 21},
                                                                           {30, 1.0 / 3, 10},
                                                                           {60, 1500, 90'000},
                                                                           {1, 0.99, 0},
                                                                           {1000, 0.001, 1}}));
    const ArrivalPlan plan = plan_of({constant(static_cast<TimeNs>(seconds) * kSecond, per_s)});
    CHECK(plan.users() == static_cast<std::uint64_t>(users));
    if (users > 0) CHECK(plan.due_ns(0) == static_cast<TimeNs>(std::llround(1e9 / per_s)));
}

TEST_CASE("arrivals: a rate of 0 is a pause, uniform or at random", "[plan][arrivals]") {
    const ArrivalPlan plan =
        plan_of({constant(5 * kSecond, 0), poisson(5 * kSecond, 0), count(kSecond, 1)});
    CHECK(plan.users() == 1);
    CHECK(plan.phase_of(0) == 2);
    CHECK(plan.due_ns(0) == 11 * kSecond);
}

TEST_CASE("arrivals: a count is spread over its duration", "[plan][arrivals]") {
    const ArrivalPlan plan = plan_of({count(10 * kSecond, 4)});
    REQUIRE(plan.users() == 4);
    for (std::uint64_t user = 0; user < 4; ++user)
        CHECK(plan.due_ns(user) == (user + 1) * 2500 * kMillisecond);
}

TEST_CASE("arrivals: a count of 0 takes no time, a pause takes its own", "[plan][arrivals]") {
    const ArrivalPlan plan = plan_of({count(10 * kSecond, 0), pause(3 * kSecond), count(kSecond, 2)});
    CHECK(plan.span_of(0).end_ns == 0);
    CHECK(plan.users_of(1) == 0);
    CHECK(plan.due_ns(0) == 3500 * kMillisecond);
    CHECK(plan.end_ns() == 4 * kSecond);
}

TEST_CASE("arrivals: a ramp's users are the sum over its seconds, rounded once", "[plan][arrivals]") {
    const auto [seconds, from, to, users] =
        GENERATE(table<int, double, double, int>({{10, 5, 20, 125},
                                                  {60, 10, 100, 3300},
                                                  {300, 100, 1000, 165'000},
                                                  {300, 1000, 2000, 450'000},
                                                  {180, 2000, 100, 189'000},
                                                  {2, 0, 1, 1},
                                                  {3, 0, 1, 2},
                                                  {4, 1, 0, 2},
                                                  {5, 0, 1, 3},
                                                  {1, 5, 20, 13},
                                                  {1, 4, 6, 5},
                                                  {7, 0.5, 0.5, 4},
                                                  {10, 0, 0, 0},
                                                  {10, 0.1, 0.3, 2}}));
    const ArrivalPlan plan = plan_of({ramp(static_cast<TimeNs>(seconds) * kSecond, from, to)});
    CHECK(plan.users() == static_cast<std::uint64_t>(users));
    if (users > 0) CHECK(plan.due_ns(plan.users() - 1) <= plan.end_ns());
}

TEST_CASE("arrivals: a ramp's second t has n(t) users, evenly within it", "[plan][arrivals]") {
    const auto [from, to] = GENERATE(table<double, double>({{2, 20}, {20, 2}, {0, 18}, {18, 0}}));
    const ArrivalPlan plan = plan_of({ramp(10 * kSecond, from, to)});
    std::uint64_t user = 0;
    for (TimeNs second = 0; second < 10; ++second) {
        const auto rate =
            static_cast<std::uint64_t>(std::llround(from + (to - from) / 9 * static_cast<double>(second)));
        CHECK(due_between(plan, second * kSecond, (second + 1) * kSecond) == rate);
        for (std::uint64_t k = 1; k <= rate; ++k, ++user) {
            const double due_ns = static_cast<double>(second * kSecond) +
                                  1e9 * static_cast<double>(k) / static_cast<double>(rate);
            REQUIRE(static_cast<double>(plan.due_ns(user)) == Approx(due_ns).margin(100));
        }
    }
    CHECK(user == plan.users());
}

TEST_CASE("arrivals: fractions of a ramp's seconds are carried into the next one", "[plan][arrivals]") {
    // 0.5 a second: one user every two seconds, not none in each of them.
    const ArrivalPlan plan = plan_of({ramp(6 * kSecond, 0.5, 0.5)});
    REQUIRE(plan.users() == 3);
    CHECK(plan.due_ns(0) == 2 * kSecond);
    CHECK(plan.due_ns(1) == 4 * kSecond);
    CHECK(plan.due_ns(2) == 6 * kSecond);
}

TEST_CASE("arrivals: the last second of a ramp may be a part of one", "[plan][arrivals]") {
    const ArrivalPlan plan = plan_of({ramp(2500 * kMillisecond, 10, 30)});  // 10 + 20 + 30 / 2
    CHECK(plan.users() == 45);
    CHECK(plan.due_ns(44) == 2500 * kMillisecond);
    CHECK(plan_of({ramp(500 * kMillisecond, 10, 30)}).users() == 10);
}

TEST_CASE("arrivals: phases follow one another, users are numbered through", "[plan][arrivals]") {
    const ArrivalPlan plan =
        plan_of({count(2 * kSecond, 2), pause(kSecond), constant(kSecond, 3), ramp(2 * kSecond, 1, 2)});
    REQUIRE(plan.phases() == 4);
    REQUIRE(plan.users() == 2 + 0 + 3 + 3);
    const std::vector<std::size_t> phases{0, 0, 2, 2, 2, 3, 3, 3};
    for (std::uint64_t user = 0; user < plan.users(); ++user) {
        const std::size_t phase = plan.phase_of(user);
        CHECK(phase == phases[user]);
        CHECK(plan.due_ns(user) > plan.span_of(phase).begin_ns);
        CHECK(plan.due_ns(user) <= plan.span_of(phase).end_ns);
    }
    CHECK(plan.span_of(3).first_user == 5);
    CHECK(plan.end_ns() == 6 * kSecond);
}

TEST_CASE("arrivals: a phase that holds users has no numbers for them", "[plan][arrivals]") {
    const ArrivalPhase hold{.kind = PhaseKind::hold, .duration_ns = 30 * kSecond, .count = 500};
    const ArrivalPlan plan = plan_of({count(kSecond, 1), hold, count(kSecond, 1)});
    CHECK(plan.users() == 2);
    REQUIRE(plan.held().size() == 1);
    CHECK(plan.held()[0].phase == 1);
    CHECK(plan.held()[0].users == 500);
    CHECK(plan.held()[0].begin_ns == kSecond);
    CHECK(plan.held()[0].end_ns == 31 * kSecond);
    CHECK(plan.due_ns(1) == 32 * kSecond);
}

TEST_CASE("arrivals: random ones are those of the seed", "[plan][arrivals]") {
    const std::vector<ArrivalPhase> phases{poisson(60 * kSecond, 20), poisson(60 * kSecond, 20)};
    const ArrivalPlan plan = plan_of(phases, 7);
    const ArrivalPlan same = plan_of(phases, 7);
    const ArrivalPlan other = plan_of(phases, 8);
    REQUIRE(plan.users() == same.users());
    for (std::uint64_t user = 0; user < plan.users(); ++user) {
        REQUIRE(plan.due_ns(user) == same.due_ns(user));
    }
    CHECK(plan.due_ns(0) != other.due_ns(0));
    // Equal phases draw each their own.
    CHECK(plan.due_ns(plan.users_of(0)) - 60 * kSecond != plan.due_ns(0));
}

TEST_CASE("arrivals: random ones are as many, and as far apart, as a Poisson process has them",
          "[plan][arrivals]") {
    const ArrivalPlan plan = plan_of({poisson(1000 * kSecond, 100)}, 3);
    // 100,000 expected, the standard deviation is 316: five of them.
    CHECK(static_cast<double>(plan.users()) == Approx(100'000).margin(1600));
    std::uint64_t longer = 0;
    for (std::uint64_t user = 1; user < plan.users(); ++user) {
        longer += plan.due_ns(user) - plan.due_ns(user - 1) > 10 * kMillisecond ? 1 : 0;
    }
    const double share = static_cast<double>(longer) / static_cast<double>(plan.users() - 1);
    CHECK(share == Approx(std::exp(-1.0)).margin(0.01));
    CHECK(plan.due_ns(plan.users() - 1) < plan.end_ns());
}

TEST_CASE("arrivals: due times never fall and stay within their phases", "[plan][arrivals]") {
    const auto phases = GENERATE(
        std::vector<ArrivalPhase>{ramp(37 * kSecond, 0.3, 777.7), ramp(41 * kSecond, 777.7, 0)},
        std::vector<ArrivalPhase>{constant(11 * kSecond, 33.3), poisson(13 * kSecond, 91.7),
                                  count(kSecond, 7)},
        std::vector<ArrivalPhase>{ramp(1300 * kMillisecond, 1, 999), pause(1), ramp(3 * kSecond, 0, 0.9)},
        std::vector<ArrivalPhase>{count(1, 1000), constant(333 * kMillisecond, 99'991)});
    const ArrivalPlan plan = plan_of(phases);
    TimeNs last_ns = 0;
    for (std::uint64_t user = 0; user < plan.users(); ++user) {
        const TimeNs due_ns = plan.due_ns(user);
        const PhaseSpan& span = plan.span_of(plan.phase_of(user));
        REQUIRE(due_ns >= last_ns);
        REQUIRE(due_ns >= span.begin_ns);
        REQUIRE(due_ns <= span.end_ns);
        last_ns = due_ns;
    }
}

TEST_CASE("arrivals: the staging run of 44 minutes", "[plan][arrivals]") {
    const ArrivalPlan plan = plan_of({ramp(60 * kSecond, 10, 100), ramp(300 * kSecond, 100, 1000),
                                      constant(1800 * kSecond, 1000), ramp(300 * kSecond, 1000, 2000),
                                      ramp(180 * kSecond, 2000, 100)});
    CHECK(plan.users() == 3'300 + 165'000 + 1'800'000 + 450'000 + 189'000);
    CHECK(plan.end_ns() == 44 * kMinute);
    CHECK(plan.due_ns(3'299) == kMinute);
    CHECK(plan.due_ns(plan.users() - 1) == 44 * kMinute);
}

TEST_CASE("arrivals: phases that cannot be are refused by their number", "[plan][arrivals]") {
    const auto refused = [](ArrivalPhase phase) {
        const auto checked = check_arrivals(std::vector{pause(1), phase});
        REQUIRE(!checked.ok());
        return checked.error().what;
    };
    CHECK(refused(constant(0, 1)) == "phase 2: it has no duration");
    CHECK(refused(constant(kSecond, -1)) == "phase 2: its rate is no number from 0 up");
    CHECK(refused(ramp(kSecond, 1, std::numeric_limits<double>::quiet_NaN())) ==
          "phase 2: its rate is no number from 0 up");
    CHECK(refused(constant(kHour, 1e9)) ==
          "phase 2: with it the phases begin more than 1,000,000,000 users");
    CHECK(check_arrivals(std::vector{count(0, 0)}).ok());
}
