#include "app/script_memory.hpp"

#include <catch2/catch.hpp>

#include "base/units.hpp"
#include "tests/support/texts.hpp"

using namespace wsblast;
using namespace wsblast::app;
using test::contains;

namespace {

plan::ScenarioEstimate of_phase(plan::PhaseKind kind, std::uint64_t users) {
    plan::ScenarioEstimate estimate;
    estimate.phases.push_back({.kind = kind, .users = users});
    estimate.peak_bound = users;
    return estimate;
}

plan::RunOptions plain_to(std::string url) {
    plan::RunOptions run;
    run.urls = {std::move(url)};
    return run;
}

plan::RunOptions compressed_to(std::string url) {
    plan::RunOptions run = plain_to(std::move(url));
    run.message.deflate.emplace();
    return run;
}

Result<std::string> judged(const plan::ScenarioEstimate& estimate, const plan::RunOptions& run,
                           std::uint64_t available) {
    return judge_memory({estimate, run, "a.yml"}, available);
}

}  // namespace

TEST_CASE("script memory: held users that do not fit are refused, with what was asked for",
          "[app][script_memory]") {
    const plan::ScenarioEstimate held = of_phase(plan::PhaseKind::hold, 500'000);
    const auto refused = judged(held, compressed_to("ws://a"), 22'694 * kMiB);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().fault == Fault::environment);
    CHECK(refused.error().what ==
          "a.yml: 500,000 users at the same time need about 75,683 MiB (each 155 KiB, of which 150 to "
          "compress with what was sent before; the kernel's part included), and 22,694 MiB are available: "
          "enough for 149,926: lower `users` of wsblast, or give config.ws.perMessageDeflate "
          "clientNoContextTakeover: true or a smaller clientMaxWindowBits, or leave it out");
    CHECK(judged(held, plain_to("ws://a"), 22'694 * kMiB).value().empty());
    CHECK(judged(held, compressed_to("ws://a"), 75'684 * kMiB).value().empty());
    CHECK(judged(held, compressed_to("ws://a"), 0).value().empty());
}

TEST_CASE("script memory: users that arrive are warned of", "[app][script_memory]") {
    const plan::ScenarioEstimate arriving = of_phase(plan::PhaseKind::constant, 600'000);
    const auto warned = judged(arriving, compressed_to("ws://a"), 22'694 * kMiB);
    REQUIRE(warned.ok());
    CHECK(contains(*warned, "600,000 users at the same time need about 90,820 MiB"));
    CHECK(contains(*warned, "the server decides"));
    CHECK(contains(*warned, "maxVusers"));
    const auto secure = judged(arriving, plain_to("wss://a"), 5'000 * kMiB);
    REQUIRE(secure.ok());
    CHECK(contains(*secure, "need about 5,273 MiB (each 9 KiB, of which 4 TLS; the kernel"));
    CHECK_FALSE(contains(*secure, "perMessageDeflate"));
    CHECK(judged(arriving, plain_to("wss://a"), 5'274 * kMiB).value().empty());
}

TEST_CASE("script memory: held users that fit may have arrivals besides that do not",
          "[app][script_memory]") {
    plan::ScenarioEstimate both = of_phase(plan::PhaseKind::hold, 1'000);
    both.phases.push_back({.kind = plan::PhaseKind::constant, .users = 9'000});
    both.peak_bound = 10'000;
    const auto warned = judged(both, compressed_to("ws://a"), 1'000 * kMiB);
    REQUIRE(warned.ok());
    CHECK(contains(*warned, "10,000 users at the same time"));
}
