#include "plan/scenario_estimate.hpp"

#include <catch2/catch.hpp>

#include "tests/plan/plan_fixture.hpp"

using namespace wsblast;
using namespace wsblast::plan;

namespace {

// A scenario that is put together action by action.
class Script {
  public:
    Script() { begin("first", 1); }

    Script& begin(std::string name, std::uint32_t weight) {
        if (!scenario_.flows.empty()) add(ActionKind::end, 0);
        const auto first = static_cast<std::uint32_t>(scenario_.actions.size());
        scenario_.flows.push_back({.name = std::move(name), .weight = weight, .first = first});
        return *this;
    }
    Script& weigh(std::uint32_t weight) {
        scenario_.flows.back().weight = weight;
        return *this;
    }
    Script& send() { return add(ActionKind::send, 0); }
    Script& await() { return add(ActionKind::await, 0); }
    Script& call() { return add(ActionKind::call, 0); }
    Script& connect(std::string function) {
        scenario_.connects.push_back({.function = std::move(function)});
        return add(ActionKind::connect, scenario_.connects.size() - 1);
    }
    Script& think(TimeNs duration_ns) {
        scenario_.thinks.push_back({.text = {}, .duration_ns = duration_ns});
        return add(ActionKind::think, scenario_.thinks.size() - 1);
    }
    Script& hold(TimeNs duration_ns) {
        scenario_.holds.push_back(duration_ns);
        return add(ActionKind::hold, scenario_.holds.size() - 1);
    }
    Script& loop(LoopPlan plan) {
        scenario_.loops.push_back(std::move(plan));
        return add(ActionKind::loop, scenario_.loops.size() - 1);
    }
    Script& times(std::uint64_t count) { return loop({.first = 0, .last = count}); }
    Script& repeat() { return add(ActionKind::repeat, 0); }
    Script& phase(ArrivalPhase phase) {
        scenario_.phases.push_back(std::move(phase));
        return *this;
    }
    [[nodiscard]] Scenario made() {
        add(ActionKind::end, 0);
        return scenario_;
    }

  private:
    Script& add(ActionKind kind, std::size_t index) {
        scenario_.actions.push_back({kind, static_cast<TableIndex>(index), 1});
        return *this;
    }
    Scenario scenario_;
};

// The flow of the YMERA script: 20 times a ping, 5 s, a message, 3 s.
Script ymera() {
    Script script;
    script.call()
        .send()
        .send()
        .times(20)
        .send()
        .await()
        .think(5 * kSecond)
        .call()
        .think(3 * kSecond)
        .repeat();
    script.send().send();
    return script;
}

FlowEstimate only(Script script) {
    const Scenario scenario = script.made();
    return estimate_flow(scenario, scenario.flows[0]);
}

}  // namespace

TEST_CASE("scenario estimate: think times and messages count as often as their loops", "[plan][estimate]") {
    const FlowEstimate flow = only(ymera());
    CHECK(flow.length_s == Approx(160));
    CHECK(flow.messages_sent == Approx(24));
    CHECK(flow.messages_awaited == Approx(20));
    CHECK(flow.calls == Approx(21));
    CHECK(flow.bound == Bound::exact);
}

TEST_CASE("scenario estimate: a connection's and a loop's function are called too", "[plan][estimate]") {
    Script script;
    script.connect("sign").times(3).loop({.kind = LoopKind::while_true}).send().repeat().repeat();
    CHECK(only(script).calls == Approx(1 + 3));
    script.phase(constant(kSecond, 2));
    CHECK(estimate(script.made()).calls_per_user == Approx(4));
    Script none;
    none.connect("").send().phase(constant(kSecond, 2));
    CHECK(estimate(none.made()).calls_per_user == 0);
}

TEST_CASE("scenario estimate: loops within loops multiply", "[plan][estimate]") {
    Script script;
    script.times(3).send().times(4).send().think(kSecond).repeat().repeat().send();
    const FlowEstimate flow = only(script);
    CHECK(flow.messages_sent == Approx(3 + 12 + 1));
    CHECK(flow.length_s == Approx(12));
}

TEST_CASE("scenario estimate: a range and a list are as long as they are", "[plan][estimate]") {
    Script script;
    script.loop({.first = 5, .last = 8}).send().repeat();
    LoopPlan list{.kind = LoopKind::elements};
    list.elements.resize(4);
    script.loop(list).send().repeat().times(0).send().repeat();
    CHECK(only(script).messages_sent == Approx(3 + 4));
}

TEST_CASE("scenario estimate: what only a run decides is at least once", "[plan][estimate]") {
    Script variable;
    variable.loop({.kind = LoopKind::while_true}).send().repeat();
    CHECK(only(variable).bound == Bound::at_least);
    CHECK(only(variable).messages_sent == Approx(1));
    Script endless;
    endless.loop({.first = 0, .last = kUnlimited}).send().repeat();
    CHECK(only(endless).bound == Bound::endless);
    Script held;
    held.hold(kNever);
    CHECK(only(held).bound == Bound::endless);
    Script never;
    never.times(0).loop({.first = 0, .last = kUnlimited}).send().repeat().repeat();
    CHECK(only(never).bound == Bound::exact);
}

TEST_CASE("scenario estimate: users at the same time are arrivals of a session's length",
          "[plan][estimate]") {
    Script script;
    script.think(20 * kSecond).phase(constant(kMinute, 10));
    const ScenarioEstimate all = estimate(script.made());
    CHECK(all.users == 600);
    CHECK(all.session_s == Approx(20));
    CHECK(all.peak == 200);
    CHECK(all.peak_bound == 200);
    Script shorter;
    shorter.think(20 * kSecond).phase(constant(5 * kSecond, 10));
    CHECK(estimate(shorter.made()).peak == 50);
}

TEST_CASE("scenario estimate: scenarios count by their weights", "[plan][estimate]") {
    Script script;
    script.weigh(3).think(10 * kSecond).send().begin("second", 1).think(50 * kSecond).send().send();
    script.phase(constant(2 * kMinute, 8));
    const ScenarioEstimate all = estimate(script.made());
    REQUIRE(all.flows.size() == 2);
    CHECK(all.flows[0].share == Approx(0.75));
    CHECK(all.session_s == Approx(20));
    CHECK(all.peak == Approx(160).margin(1));
    CHECK(all.peak_bound == 400);
    CHECK(all.messages_per_user == Approx(1.25));
    CHECK(all.messages_sent == Approx(1200));
}

TEST_CASE("scenario estimate: maxVusers bounds them, held users add to them", "[plan][estimate]") {
    Script bounded;
    ArrivalPhase phase = constant(kMinute, 10);
    phase.users_max = 30;
    bounded.think(20 * kSecond).phase(phase);
    CHECK(estimate(bounded.made()).peak == 30);
    CHECK(estimate(bounded.made()).peak_bound == 30);
    CHECK(estimate(bounded.made()).phases[0].users_max == 30);
    CHECK(estimate(bounded.made()).held == 0);
    Script held;
    held.think(kSecond).phase({.kind = PhaseKind::hold, .duration_ns = kMinute, .count = 500});
    const ScenarioEstimate all = estimate(held.made());
    CHECK(all.users == 500);
    CHECK(all.held == 500);
    CHECK(all.peak == 500);
    CHECK(all.bound == Bound::exact);  // a session; how many there are nobody knows
}

TEST_CASE("scenario estimate: the staging run is to be ready for 320,000 users", "[plan][estimate]") {
    Script script = ymera();
    script.phase(ramp(60 * kSecond, 10, 100)).phase(ramp(300 * kSecond, 100, 1000));
    script.phase(constant(1800 * kSecond, 1000)).phase(ramp(300 * kSecond, 1000, 2000));
    script.phase(ramp(180 * kSecond, 2000, 100));
    const ScenarioEstimate all = estimate(script.made());
    CHECK(all.users == 2'607'300);
    CHECK(all.arrivals_s == Approx(2640));
    CHECK(all.peak > 270'000);
    CHECK(all.peak < 300'000);
    CHECK(all.peak_bound == 320'000);
    CHECK(all.messages_sent == Approx(2'607'300.0 * 24));
    CHECK(all.phases[3].users == 450'000);
}

TEST_CASE("scenario estimate: users at random are those of the seed, or an average", "[plan][estimate]") {
    Script script;
    ArrivalPhase phase = constant(kHour, 100);
    phase.arrivals = Arrivals::poisson;
    script.phase(phase).phase(constant(kSecond, 40)).phase(phase);
    const Scenario scenario = script.made();
    const ScenarioEstimate exact = estimate(scenario);
    CHECK(exact.users == ArrivalPlan(scenario.phases, scenario.seed).users());
    CHECK(exact.users != 720'040);
    CHECK(exact.users_spread == 0);
    const ScenarioEstimate average = estimate(scenario, Draws::average);
    CHECK(average.phases[0].users == 360'000);
    CHECK(average.phases[0].users_spread == 1'800);
    CHECK(average.phases[1].users_spread == 0);
    CHECK(average.users == 720'040);
    CHECK(average.users_spread == 2'546);  // 3 * sqrt(720,000)
}

TEST_CASE("scenario estimate: an average has the same peak whatever the seed", "[plan][estimate]") {
    Script script;
    ArrivalPhase phase = constant(20 * kSecond, 5);
    phase.arrivals = Arrivals::poisson;
    script.phase(phase).think(4 * kSecond);
    Scenario scenario = script.made();
    for (scenario.seed = 1; scenario.seed <= 5; ++scenario.seed) {
        const ScenarioEstimate average = estimate(scenario, Draws::average);
        CHECK(average.peak == 20);
        CHECK(average.peak_bound == 33);  // 20 + 3 * sqrt(20)
    }
}
