// TLS over the transport over io_uring, on a scripted ring: the ring's faults under records, and those of a
// peer in the stream of them.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/sim/simulation.hpp"
#include "tests/sim/tls_talker.hpp"

using namespace wsblast;
using namespace wsblast::sim;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kTlsSeeds = 60;
#else
constexpr std::uint64_t kTlsSeeds = 500;
#endif

// How often each trouble was met, over all seeds.
using TroubleEnds = std::vector<int>;

std::unique_ptr<crypto::TlsContext> client_context(World& world) {
    crypto::TlsClientOptions options = test::localhost_client();
    if (world.one_in(2)) options.terms.version_max = crypto::TlsVersion::tls_1_2;
    if (world.one_in(2)) options.resumption = crypto::Resumption::tickets;
    return crypto::TlsContext::client(options, 1).value();
}

std::string run_tls(std::uint64_t seed, TroubleEnds& ends) {
    static const std::unique_ptr<crypto::TlsContext> kServer =
        crypto::TlsContext::server(test::localhost_server()).value();
    const std::vector<transport::Route> routes{transport::Route{.tls_name = "localhost"}};
    World world(seed);
    world.make_speaker = [&world](Wire& wire) -> std::unique_ptr<Speaker> {
        return std::make_unique<TlsSpeaker>(world, *kServer, wire);
    };
    const std::uint32_t connections = 1 + world.number_below(4);
    const std::uint32_t table_size = world.one_in(2) ? connections : 1 + world.number_below(connections);
    auto ring_transport =
        std::move(RingTransport::open(client_options(world, connections, table_size)).value());
    TlsTalker::Tunnel tunnel(std::move(ring_transport), client_context(world), routes);
    TlsTalker talker(world, tunnel, table_size);
    std::string broken = Simulation(world, tunnel, talker).run(20 + world.number_below(80));
    std::transform(ends.begin(), ends.end(), talker.ends().begin(), ends.begin(), std::plus<>());
    return broken;
}

}  // namespace

TEST_CASE("tls on a scripted ring: what is broken is named, and no other byte is lost", "[sim][tls]") {
    TroubleEnds ends(static_cast<std::size_t>(Trouble::no_tls) + 1);
    check_seeds(kTlsSeeds, [&ends](std::uint64_t seed) { return run_tls(seed, ends); });
    if (std::getenv("WSBLAST_SIM_SEED") != nullptr) return;
    for (std::size_t trouble = 0; trouble < ends.size(); ++trouble) {
        INFO("trouble " << trouble);
        CHECK(ends[trouble] > 0);
    }
}
