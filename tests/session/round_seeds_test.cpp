// Rounds, storms and churn over a network that splits, delays, loses, resets, closes and refuses, from
// seeds: whatever happens, each round comes to its end and its sums hold.
#include <memory>

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "tests/support/fault_seeds.hpp"
#include "tests/support/round_run.hpp"

using namespace wsblast;
using namespace wsblast::test;

namespace {

constexpr std::uint64_t kRoundSeeds = 200;

// Many rounds are to be made before all connections are gone.
constexpr FaultBounds kMild{.ending = 10, .silence = 10, .delay_ns = 100 * kMillisecond};

plan::RunOptions options_of(Prng& random) {
    plan::RunOptions options = random.chance(1, 2) ? echo_options() : numbered_options();
    options.connections = 1 + static_cast<std::uint32_t>(random.next_below(30));
    options.connect_timeout_ns = kSecond;
    options.answer_timeout_ns = (1 + random.next_below(300)) * kMillisecond;
    if (random.chance(1, 3)) options.pipeline = 1 + static_cast<std::uint32_t>(random.next_below(8));
    return options;
}

plan::ReconnectPolicy policy_of(Prng& random) {
    constexpr plan::Reconnect kKinds[] = {plan::Reconnect::exponential, plan::Reconnect::jittered};
    return {kKinds[random.next_below(2)], 10 * kMillisecond, kSecond};
}

// One round, with what comes between.
void play(RoundRun& run, Prng& random) {
    const std::uint64_t seats = run.call_roll(1 + static_cast<std::uint32_t>(random.next_below(2)));
    if (random.chance(1, 4)) run.run_for(random.next_below(20) * kMillisecond);
    const plan::Round round{
        .rate_per_s = 200 + static_cast<double>(random.next_below(2'000)),
        .arrivals = random.chance(1, 2) ? plan::Arrivals::poisson : plan::Arrivals::uniform,
        .warmup_ns = random.next_below(2) * 50 * kMillisecond,
        .duration_ns = 100 * kMillisecond};
    run.begin(round);
    run.run_for(random.next_below(120) * kMillisecond);
    if (random.chance(1, 3)) run.drop(0.3, policy_of(random));
    const bool cut = random.chance(1, 4);
    if (cut) run.control().cut.store(run.control().round);
    const stats::CounterValues counted = run.finish();
    const auto messages = static_cast<std::uint64_t>(round.rate_per_s / 10 + 1e-6);
    if (cut || seats == 0) {
        CHECK(counted.due <= messages);
    } else {
        CHECK(counted.due == messages);
    }
    const stats::CounterValues warm = run.counted_warm();
    CHECK(warm.sent == warm.received + warm.lost);
}

}  // namespace

TEST_CASE("round seeds: whatever the network does, each round ends and its sums hold",
          "[session][round_seeds]") {
    for (std::uint64_t seed = 1; seed <= kRoundSeeds; ++seed) {
        INFO("seed " << seed);
        Prng random(mix(seed));
        RoundRun run(options_of(random), faults_of(seed, kMild));
        run.allow(run.run.program().connections / 2 + 1);
        run.run_for(2 * kSecond);
        if (random.chance(1, 3)) run.control().churn_per_s.store(0.5);
        for (int i = 0; i < 4; ++i) {
            play(run, random);
            run.check_sums();
            if (random.chance(1, 3)) run.drop(0.5, policy_of(random));
            run.allow(run.run.program().connections);
            run.run_for(random.next_below(1'000) * kMillisecond);
        }
        run.close();
    }
}
