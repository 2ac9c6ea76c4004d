// The transport over io_uring on a scripted ring: thousands of short lives with every fault that the real
// one has shown, each from a number that repeats it.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/sim/simulation.hpp"
#include "tests/sim/talker.hpp"
#include "tests/sim/world.hpp"

using namespace wsblast;
using namespace wsblast::sim;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kUringSeeds = 1'000;
#else
constexpr std::uint64_t kUringSeeds = 10'000;
#endif
const std::vector<int> kListeners{0, 1};  // the scripted ring never looks at them

std::string run_uring(std::uint64_t seed) {
    World world(seed);
    const Role role = world.one_in(2) ? Role::server : Role::client;
    const std::uint32_t connections = 1 + world.number_below(12);
    const std::uint32_t table_size = world.one_in(2) ? connections : 1 + world.number_below(connections);
    transport::UringTransportOptions options = client_options(world, connections, table_size);
    if (role == Role::server) {
        options.sources = {};
        options.listen_descriptors = kListeners;
    }
    const auto transport = std::move(RingTransport::open(options).value());
    Talker talker(world, *transport, role, table_size);
    return Simulation(world, *transport, talker).run(20 + world.number_below(100));
}

}  // namespace

TEST_CASE("uring transport: no fault of a ring loses a byte, a connection or a buffer",
          "[sim][transport]") {
    check_seeds(kUringSeeds, run_uring);
}
