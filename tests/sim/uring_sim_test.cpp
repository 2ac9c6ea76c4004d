// The transport over io_uring on a scripted ring: thousands of short lives with every fault that the real
// one has shown, each from a number that repeats it.
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "base/endpoint.hpp"
#include "tests/sim/fake_ring.hpp"
#include "tests/sim/talker.hpp"
#include "tests/sim/world.hpp"
#include "transport/source_plan.hpp"
#include "transport/uring_transport.hpp"

using namespace wsblast;
using namespace wsblast::sim;
using wsblast::transport::PollWait;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kSeeds = 1'000;
#else
constexpr std::uint64_t kSeeds = 10'000;
#endif
constexpr std::uint32_t kCalmTicksMax = 20'000;  // by far more than anything needs
const std::vector<int> kListeners{0, 1};         // the scripted ring never looks at them

transport::SourceSlice make_sources() {
    transport::SourcePlanInput input;
    input.targets = {{{make_ipv4(0x7f000001, 9), {}}}};
    input.ports = {20'000, 20'999};
    input.connections = 100;
    return transport::SourcePlan::make(input)->slice(0);
}

// One run: a time of faults, a calm one in which everything must be made good, and the end.
class Simulation {
  public:
    explicit Simulation(std::uint64_t seed)
        : world_(seed),
          role_(world_.one_in(2) ? Role::server : Role::client),
          connections_(1 + world_.number_below(12)),
          table_size_(world_.one_in(2) ? connections_ : 1 + world_.number_below(connections_)),
          transport_(std::move(Talker::Transport::open(options()).value())),
          talker_(world_, *transport_, role_, table_size_) {}

    // What rule was broken; empty: none.
    [[nodiscard]] std::string run() {
        for (std::uint32_t ticks = 20 + world_.number_below(100); ticks > 0; --ticks) {
            talker_.act();
            const TimeNs later_ns = world_.one_in(2) ? world_.now_ns + kSecond : kNever;
            tick(world_.one_in(2) ? world_.now_ns : later_ns);
        }
        world_.before_sleep = [this] { talker_.judge_calm(); };
        talker_.act();
        world_.calm_down();
        settle();
        world_.backlog = 0;
        talker_.abort_unopened();
        talker_.close_all();
        world_.before_sleep = [this] { talker_.judge_end(); };
        settle();
        for (FakeRing* ring : world_.rings()) {
            world_.require(ring->all_buffers_back(), "every buffer is given back");
            world_.require(ring->all_slots_free(), "every slot is free in the end");
        }
        return world_.failure();
    }

  private:
    [[nodiscard]] transport::UringTransportOptions options() const {
        static const transport::SourceSlice kSources = make_sources();
        transport::UringTransportOptions options;
        options.features.table_size_max = table_size_;
        options.features.inspection = world_.inspection();
        options.connections = connections_;
        options.stamps = world_.stamps();
        if (role_ == Role::server) {
            options.listen_descriptors = kListeners;
        } else {
            options.sources = kSources;
        }
        return options;
    }

    void tick(TimeNs until_ns) {
        world_.step();
        world_.now_ns += world_.number_below(4) * kMillisecond;
        transport_->poll(talker_, PollWait{world_.now_ns, until_ns, world_.number_below(200)});
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

    World world_;
    Role role_;
    std::uint32_t connections_;
    std::uint32_t table_size_;
    std::unique_ptr<Talker::Transport> transport_;
    Talker talker_;
};

void check_seed(std::uint64_t seed) {
    const std::string broken = Simulation(seed).run();
    INFO("broken: " << broken);
    INFO("again: WSBLAST_SIM_SEED=" << seed << " tests/sim/sim_tests (in the build folder)");
    REQUIRE(broken.empty());
}

}  // namespace

TEST_CASE("uring transport: no fault of a ring loses a byte, a connection or a buffer",
          "[sim][transport]") {
    if (const char* seed = std::getenv("WSBLAST_SIM_SEED")) {
        check_seed(std::strtoull(seed, nullptr, 10));
        return;
    }
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) check_seed(seed);
}
