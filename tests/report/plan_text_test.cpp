#include "report/plan_text.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::report;
using plan::Bound;
using plan::PhaseKind;

namespace {

plan::ScenarioEstimate staging() {
    plan::ScenarioEstimate all;
    all.phases = {
        {.name = "warm-up",
         .kind = PhaseKind::ramp,
         .duration_s = 60,
         .from_per_s = 10,
         .to_per_s = 100,
         .users = 3300},
        {.kind = PhaseKind::pause, .duration_s = 2.5},
        {.kind = PhaseKind::constant, .duration_s = 10, .from_per_s = 0.75, .to_per_s = 0.75, .users = 7},
        {.kind = PhaseKind::hold, .duration_s = 30, .users = 500}};
    all.flows = {
        {.name = "chat", .share = 0.75, .length_s = 160, .messages_sent = 24, .messages_awaited = 20},
        {.name = "idle", .share = 0.25, .length_s = 1.5, .bound = Bound::endless}};
    all.users = 2'607'800;
    all.held = 500;
    all.arrivals_s = 2640;
    all.session_s = 160;
    all.messages_per_user = 24;
    all.messages_sent = 62'575'200;
    all.peak = 276'543;
    all.peak_bound = 320'000;
    return all;
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("plan text: each phase with its rate and its users", "[report][plan_text]") {
    const std::string text = plan_text(staging(), {.file = "ymera.yml", .targets = {"wss://a", "wss://b"}});
    CHECK(text.starts_with("ymera.yml: 2,607,300 users, and 500 at a time to wss://a, wss://b\n"));
    CHECK(has_line(text, "warm-up                           60 s  10 to 100                    3,300"));
    CHECK(has_line(text, "pause                           2.50 s  -                                0"));
    CHECK(has_line(text, "phase 3                           10 s  0.75                             7"));
    CHECK(has_line(text, "phase 4                           30 s  held                 500 at a time"));
}

TEST_CASE("plan text: each scenario with its session", "[report][plan_text]") {
    const std::string text = plan_text(staging(), {});
    CHECK(has_line(text,
                   "chat                            75.0 %  160 s                           24        20"));
    CHECK(has_line(text,
                   "idle                            25.0 %  no end                           0         0"));
}

TEST_CASE("plan text: the sums, and how good they are", "[report][plan_text]") {
    plan::ScenarioEstimate all = staging();
    CHECK(has_line(plan_text(all, {}), "arrivals                    44 minutes, 0 seconds"));
    CHECK(has_line(plan_text(all, {}), "messages of a user          24"));
    CHECK(has_line(plan_text(all, {}),
                   "messages of all             at least 62,575,200 (who is held is "
                   "followed by others)"));
    all.held = 0;
    CHECK(has_line(plan_text(all, {}), "messages of all             62,575,200"));
    CHECK(has_line(plan_text(all, {}), "session, the shortest       160 s"));
    CHECK(has_line(
        plan_text(all, {}),
        "users at the same time      276,543 with sessions at their shortest; be ready for 320,000"));
    all.bound = Bound::at_least;
    CHECK(has_line(plan_text(all, {}), "messages of all             at least 62,575,200"));
    CHECK(has_line(plan_text(all, {}), "session, the shortest       at least 160 s"));
}

TEST_CASE("plan text: what JavaScript sends is not known", "[report][plan_text]") {
    plan::ScenarioEstimate all = staging();
    all.held = 0;
    all.calls_per_user = 21;
    all.flows[0].calls = 28;
    const std::string text = plan_text(all, {});
    CHECK(has_line(text, "messages of a user          at least 24 (what JavaScript sends is not known)"));
    CHECK(has_line(text,
                   "messages of all             at least 62,575,200 (what JavaScript sends is not known)"));
    CHECK(has_line(text,
                   "chat                            75.0 %  160 s                  at least 24        20"));
    CHECK(has_line(text, "session, the shortest       160 s"));
}

TEST_CASE("plan text: maxVusers leaves users out, held ones are so many at a time", "[report][plan_text]") {
    plan::ScenarioEstimate all;
    all.phases = {{.kind = PhaseKind::constant, .duration_s = 3, .from_per_s = 100, .users = 300}};
    all.users = 300;
    all.messages_sent = 600;
    all.phases[0].users_max = 300;
    CHECK(plan_text(all, {.file = "a.yml"}).starts_with("a.yml: 300 users to"));
    CHECK(plan_text(all, {}).find("at most") == std::string::npos);
    all.phases[0].users_max = 10;
    const std::string text = plan_text(all, {.file = "a.yml"});
    CHECK(text.starts_with("a.yml: at most 300 users (maxVusers) to"));
    CHECK(text.find("at most 300, maxVusers 10 at a time\n") != std::string::npos);
    CHECK(has_line(text, "messages of all             at most 600 (maxVusers leaves users out)"));
    all.calls_per_user = 1;
    CHECK(plan_text(all, {}).find("some 600 (what JavaScript sends is not known; maxVusers leaves users "
                                  "out)\n") != std::string::npos);
    all.phases[0].kind = PhaseKind::hold;
    all.held = 300;
    CHECK(plan_text(all, {.file = "a.yml"}).starts_with("a.yml: 300 users at a time to"));
}

TEST_CASE("plan text: the processor's functions and what has no meaning here", "[report][plan_text]") {
    const std::string text = plan_text(
        staging(),
        {.processor = "x.js", .functions = {"a", "b"}, .warnings = {"x.yml:3: config.http: no meaning"}});
    CHECK(has_line(text, "processor                   x.js: a, b"));
    CHECK(has_line(text, "warning: x.yml:3: config.http: no meaning"));
    CHECK(plan_text(staging(), {}).find("processor") == std::string::npos);
}

TEST_CASE("plan text: users need ports, and memory each", "[report][plan_text]") {
    const PlanNotes secure{.connection_bytes = 21 * kKiB, .connection_text = "21 KiB, of which 16 TLS"};
    CHECK(has_line(needs_text(staging(), secure),
                   "  memory                    6.4 GiB: a connection takes 21 KiB, of which 16 TLS"));
    CHECK(needs_text(staging(), {}).find("320,000 pairs of local address and port") != std::string::npos);
}

TEST_CASE("plan text: one user is one, and takes little", "[report][plan_text]") {
    plan::ScenarioEstimate all;
    all.users = 1;
    all.peak_bound = 1;
    CHECK(
        plan_text(all, {.file = "a.yml", .targets = {"ws://a"}}).starts_with("a.yml: 1 user to ws://a\n"));
    const std::string needs = needs_text(all, {.connection_bytes = 5 * kKiB, .connection_text = "5 KiB"});
    CHECK(needs.starts_with("1 user at the same time needs\n"));
    CHECK(has_line(needs, "  memory                    5 KiB: a connection takes 5 KiB"));
    CHECK(needs.find("1 pair of local address") != std::string::npos);
    all.held = 1;
    CHECK(plan_text(all, {.file = "a.yml"}).starts_with("a.yml: 1 user at a time to"));
}

TEST_CASE("plan text: users that are drawn are an average and its spread", "[report][plan_text]") {
    plan::ScenarioEstimate all = staging();
    CHECK(plan_text(all, {}).find("+-") == std::string::npos);
    all.phases[2].users = 7'200;
    all.phases[2].users_spread = 255;
    all.users_spread = 255;
    const std::string text = plan_text(all, {.file = "a.yml", .targets = {"ws://a"}});
    CHECK(text.starts_with("a.yml: 2,607,300 +- 255 users, and 500 at a time to ws://a\n"));
    CHECK(has_line(text, "phase 3                           10 s  0.75                  7,200 +- 255"));
    CHECK(text.find("--seed S says how many") != std::string::npos);
}
