#include "script/phases.hpp"

#include <catch2/catch.hpp>

#include "tests/script/config_tree.hpp"

using namespace wsblast;
using plan::PhaseKind;

namespace {

struct ReadPhases {
    std::vector<plan::ArrivalPhase> phases;
    std::vector<std::string> warnings;
    std::string error;
};

ReadPhases phases_of(const std::string& config) {
    ReadPhases made;
    auto phases = script::read_phases(test::tree_of(config), made.warnings);
    if (phases) made.phases = *phases;
    if (!phases) made.error = phases.error().what;
    return made;
}

plan::ArrivalPhase one(const std::string& phase) {
    const ReadPhases made = phases_of("phases: [{" + phase + "}]");
    INFO(phase << ": " << made.error);
    REQUIRE(made.phases.size() == 1);
    CHECK(made.warnings.empty());
    return made.phases[0];
}

std::string phase_fault(const std::string& phase) {
    return phases_of("phases:\n  - {" + phase + "}").error;
}

}  // namespace

TEST_CASE("phases: none at all are one user", "[script][phases]") {
    const ReadPhases made = phases_of("target: x");
    REQUIRE(made.phases.size() == 1);
    CHECK(made.phases[0].kind == PhaseKind::count);
    CHECK(made.phases[0].count == 1);
    CHECK(made.phases[0].duration_ns == kSecond);
}

TEST_CASE("phases: the kind follows from the keys, in Artillery's order", "[script][phases]") {
    CHECK(one("pause: 5").kind == PhaseKind::pause);
    CHECK(one("pause: 2m, arrivalRate: 5").duration_ns == 2 * kMinute);
    CHECK(one("duration: 10, arrivalCount: 7, arrivalRate: 5").kind == PhaseKind::count);
    CHECK(one("duration: 10, arrivalCount: 7").count == 7);
    CHECK(one("duration: 10, arrivalRate: 0").kind == PhaseKind::pause);
    CHECK(one("duration: 10, arrivalRate: 5").kind == PhaseKind::constant);
    CHECK(one("duration: 10, arrivalRate: 0.25").from_per_s == 0.25);
    CHECK(one("duration: 10, rampTo: 5").kind == PhaseKind::ramp);
    const auto down = one("duration: 10, arrivalRate: 50, rampTo: 5");
    CHECK(down.from_per_s == 50);
    CHECK(down.to_per_s == 5);
    const auto held = one("duration: 10, wsblast: {users: 100}");
    CHECK(held.kind == PhaseKind::hold);
    CHECK(held.count == 100);
}

TEST_CASE("phases: numbers may be texts, durations have units", "[script][phases]") {
    const auto phase = one("duration: '5m', arrivalRate: '2.5', maxVusers: '10', name: warm");
    CHECK(phase.duration_ns == 5 * kMinute);
    CHECK(phase.from_per_s == 2.5);
    CHECK(phase.users_max == 10);
    CHECK(phase.name == "warm");
    CHECK(one("duration: '60', arrivalRate: 1").duration_ns == kMinute);
}

TEST_CASE("phases: the mode of config is that of constant phases without their own", "[script][phases]") {
    const ReadPhases made = phases_of(
        "mode: poisson\nphases: [{duration: 1, arrivalRate: 1}, {duration: 1, arrivalRate: 1, mode: "
        "uniform}, "
        "{duration: 1, rampTo: 2}]");
    REQUIRE(made.phases.size() == 3);
    CHECK(made.phases[0].arrivals == plan::Arrivals::poisson);
    CHECK(made.phases[1].arrivals == plan::Arrivals::uniform);
    CHECK(made.phases[2].arrivals == plan::Arrivals::uniform);
}

TEST_CASE("phases: a count of nobody is left out", "[script][phases]") {
    CHECK(phases_of("phases: [{arrivalCount: 0}, {duration: 1, arrivalRate: 1}]").phases.size() == 1);
}

TEST_CASE("phases: each fault names line and key, and what is allowed", "[script][phases]") {
    CHECK(
        phase_fault("duration: soon, arrivalRate: 1")
            .find("s.yml:2: config.phases[0].duration: Invalid duration for phase: must be more than 0") ==
        0);
    CHECK(phase_fault("duration: 0, arrivalRate: 1").find("Invalid duration for phase") !=
          std::string::npos);
    CHECK(phase_fault("duration: .nan, arrivalRate: 1").find("Invalid duration") != std::string::npos);
    CHECK(phase_fault("arrivalRate: 1").find("s.yml:2: config.phases[0]: duration is missing") == 0);
    CHECK(phase_fault("duration: 1, arrivalRate: -1")
              .find("config.phases[0].arrivalRate: must be a rate of 0") != std::string::npos);
    CHECK(phase_fault("duration: 1, arrivalRate: .inf").find("arrivalRate") != std::string::npos);
    CHECK(phase_fault("duration: 1, arrivalRate: [1]").find("must be a number, and is a list") !=
          std::string::npos);
    CHECK(phase_fault("duration: 1, arrivalCount: 1.5").find("arrivalCount: must be a whole number") !=
          std::string::npos);
    CHECK(phase_fault("duration: 1, arrivalRate: 1, maxVusers: -5").find("maxVusers") != std::string::npos);
    CHECK(phase_fault("duration: 1, arrivalRate: 1, mode: normal").find("must be uniform or poisson") !=
          std::string::npos);
    CHECK(phase_fault("duration: 5, arivalRate: 1").find("did you mean arrivalRate?") != std::string::npos);
    CHECK(phase_fault("pause: 0").find("config.phases[0].pause") != std::string::npos);
    CHECK(phase_fault("duration: 1, arrivalRate: 1, name: [x]").find("name: must be a text") !=
          std::string::npos);
    CHECK(phase_fault("duration: 1, wsblast: {users: 0}").find("must be 1 to 10,000,000 users") !=
          std::string::npos);
    CHECK(phase_fault("duration: 1, wsblast: {}").find("users, how many") != std::string::npos);
    CHECK(phase_fault("duration: 1, arrivalCount: 9007199254740992").find("is more than the") !=
          std::string::npos);
    CHECK(phases_of("phases: 5").error ==
          "s.yml:1: config.phases: must be a list of phases, and is a number (5)");
    CHECK(phases_of("phases: []").error.find("no phase") != std::string::npos);
    CHECK(phases_of("phases: [5]").error.find("config.phases[0]: must be a map") != std::string::npos);
    CHECK(phases_of("phases: [{duration: 365d, arrivalRate: 1}, {duration: 1, arrivalRate: 1}]")
              .error.find("more than a year") != std::string::npos);
    CHECK(phases_of("phases: [{duration: 300d, arrivalRate: 1000000}]").error.find("users in all") !=
          std::string::npos);
}

TEST_CASE("phases: a key that means nothing is told", "[script][phases]") {
    const ReadPhases made = phases_of("phases: [{duration: 1, arrivalRate: 1, ramTo: 5}]");
    CHECK(made.warnings ==
          std::vector<std::string>{
              "s.yml:1: config.phases[0].ramTo: has no meaning in a phase; did you mean rampTo?"});
}
