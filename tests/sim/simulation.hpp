// The course of one simulated run, whatever is on top of the ring: a time of faults, a calm one in which
// everything must be made good, and the end.
#pragma once

#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>

#include "base/endpoint.hpp"
#include "tests/sim/fake_ring.hpp"
#include "tests/sim/world.hpp"
#include "transport/source_plan.hpp"
#include "transport/uring_transport.hpp"

namespace wsblast::sim {

using RingTransport = transport::UringTransport<FakeRing>;

inline constexpr std::uint32_t kCalmTicksMax = 20'000;  // by far more than anything needs

inline transport::SourceSlice make_sources() {
    transport::SourcePlanInput input;
    input.targets = {{{make_ipv4(0x7f000001, 9), {}}}};
    input.ports = {20'000, 20'999};
    input.connections = 100;
    return transport::SourcePlan::make(input)->slice(0);
}

// A client of so many connections, `table_size` of them on a ring.
inline transport::UringTransportOptions client_options(const World& world, std::uint32_t connections,
                                                       std::uint32_t table_size) {
    static const transport::SourceSlice kSources = make_sources();
    transport::UringTransportOptions options;
    options.features.table_size_max = table_size;
    options.features.inspection = world.inspection();
    options.connections = connections;
    options.stamps = world.stamps();
    options.sources = kSources;
    return options;
}

// Drives a transport and its handler, which has besides: act(), something at random between the ticks;
// judge_calm(), after which nothing may be left undone; standing(cid) of each connection; abort(cid) of
// those that would wait for ever, and close_last(cid) of all; it may have judge_end().
template <class Transport, class Talker>
class Simulation {
  public:
    Simulation(World& world, Transport& transport, Talker& talker)
        : world_(world), transport_(transport), talker_(talker) {}

    // What rule was broken; empty: none.
    [[nodiscard]] std::string run(std::uint32_t ticks) {
        for (; ticks > 0; --ticks) {
            talker_.act();
            const TimeNs later_ns = world_.one_in(2) ? world_.now_ns + kSecond : kNever;
            tick(world_.one_in(2) ? world_.now_ns : later_ns);
        }
        world_.before_sleep = [this] { talker_.judge_calm(); };
        talker_.act();
        world_.calm_down();
        settle();
        world_.backlog = 0;
        end_all();
        world_.before_sleep = [this] { judge_end(); };
        settle();
        for (FakeRing* ring : world_.rings()) {
            world_.require(ring->all_buffers_back(), "every buffer is given back");
            world_.require(ring->all_slots_free(), "every slot is free in the end");
        }
        return world_.failure();
    }

  private:
    void end_all() {
        for (transport::ConnectionId cid = 0; cid < transport_.capacity(); ++cid) {
            if (talker_.standing(cid) == Standing::unopened) talker_.abort(cid);
        }
        for (transport::ConnectionId cid = 0; cid < transport_.capacity(); ++cid) talker_.close_last(cid);
    }
    void judge_end() {
        for (transport::ConnectionId cid = 0; cid < transport_.capacity(); ++cid)
            world_.require(talker_.standing(cid) == Standing::none, "every connection ends");
        if constexpr (requires { talker_.judge_end(); }) talker_.judge_end();
    }

    void tick(TimeNs until_ns) {
        world_.step();
        world_.now_ns += world_.number_below(4) * kMillisecond;
        transport_.poll(talker_, transport::PollWait{world_.now_ns, until_ns, world_.number_below(200)});
    }

    // Ticks until a wait without a limit would never end.
    void settle() {
        (void)world_.take_asleep();
        for (std::uint32_t ticks = 0; ticks < kCalmTicksMax; ++ticks) {
            world_.now_ns += limits::kAcceptPauseNs;
            tick(kNever);
            if (world_.take_asleep()) return;
        }
        world_.require(false, "all work ends");
    }

    World& world_;
    Transport& transport_;
    Talker& talker_;
};

// Every seed from 1 on, or the one that WSBLAST_SIM_SEED names. `run`: of a seed, what rule was broken.
template <class Run>
void check_seeds(std::uint64_t seeds, Run run) {
    const auto check = [&run](std::uint64_t seed) {
        const std::string broken = run(seed);
        INFO("broken: " << broken);
        INFO("again: WSBLAST_SIM_SEED=" << seed << " tests/sim/sim_tests (in the build folder)");
        REQUIRE(broken.empty());
    };
    if (const char* seed = std::getenv("WSBLAST_SIM_SEED")) return check(std::strtoull(seed, nullptr, 10));
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) check(seed);
}

}  // namespace wsblast::sim
