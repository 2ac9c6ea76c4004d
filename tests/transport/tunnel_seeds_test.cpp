// Whole lives of connections behind TLS, over a network with faults.
#include <map>

#include <catch2/catch.hpp>

#include "tests/transport/tunnel_pair.hpp"

using namespace wsblast;
using namespace wsblast::transport;

namespace {

constexpr std::uint32_t kLives = 8;

// A server that says back what it hears, as far as there is room; who is owed something keeps it.
struct Echo : Recorder {
    explicit Echo(MemoryTunnel& of) : tunnel(of) {}
    void on_open(ConnectionId cid, TimeNs) { owed[cid].clear(); }
    void on_bytes(ConnectionId cid, ByteView bytes, const Arrival&) {
        owed[cid].append(as_text(bytes));
        on_room(cid);
    }
    void on_room(ConnectionId cid) {
        if (!owed[cid].empty() && send(tunnel, cid, owed[cid])) owed[cid].clear();
    }
    MemoryTunnel& tunnel;
    std::map<ConnectionId, std::string> owed;
};

struct Life {
    explicit Life(const MemoryFaults& faults)
        : setup(made(faults)), pair(setup), echo(pair.server), random(faults.seed) {}

    static TunnelSetup made(const MemoryFaults& faults) {
        TunnelSetup setup;
        setup.network.faults = faults;
        setup.client.terms.version_max =
            faults.seed % 2 == 0 ? crypto::TlsVersion::tls_1_2 : crypto::TlsVersion::tls_1_3;
        setup.client.resumption = crypto::Resumption::tickets;
        return setup;
    }

    void run(int steps) {
        for (std::uint32_t i = 0; i < kLives; ++i) REQUIRE(pair.client.open(0) != kNoConnection);
        for (int step = 0; step < steps; ++step) {
            tick();
            for (const ConnectionId cid : open) push(cid);
            pair.network.advance_to(pair.network.now_ns() + random.next_below(5 * kMillisecond));
        }
        for (int step = 0; step < 200; ++step) {
            tick();
            pair.network.advance_to(pair.network.now_ns() + 20 * kMillisecond);
        }
    }
    void tick() {
        pair.server.poll(echo, {});
        pair.client.poll(pair.client_events, {});
        for (const std::string& event : pair.client_events.take()) {
            const auto cid = static_cast<ConnectionId>(std::stoul(event.substr(event.find(' ') + 1)));
            if (event.starts_with("open")) open.push_back(cid);
            if (event.starts_with("close")) {
                ++closes[cid];
                std::erase(open, cid);
            }
        }
    }
    void push(ConnectionId cid) {
        std::size_t& done = sent[cid];
        const std::size_t end = done + 1 + random.next_below(3'000);
        if (send(pair.client, cid, text_of(cid, done, end))) done = end;
    }

    TunnelSetup setup;
    TunnelPair pair;
    Echo echo;
    Prng random;
    std::vector<ConnectionId> open;
    std::map<ConnectionId, int> closes;
    std::map<ConnectionId, std::size_t> sent;
};

}  // namespace

TEST_CASE("tunnel seeds: cut, late and without room, all that is sent comes back",
          "[transport][tunnel][faults]") {
    const std::uint64_t seed = random_seed();
    for (std::uint64_t i = 0; i < 6; ++i) {
        INFO("seed " << seed + i);
        Life life({.seed = seed + i,
                   .split = 700,
                   .delay = 500,
                   .no_room = 200,
                   .delay_ns_max = 20 * kMillisecond});
        life.run(120);
        REQUIRE(life.open.size() == kLives);
        for (ConnectionId cid = 0; cid < kLives; ++cid) {
            REQUIRE(life.sent[cid] > 0);
            REQUIRE(life.pair.client_events.received(cid) == text_of(cid, 0, life.sent[cid]));
        }
    }
}

TEST_CASE("tunnel seeds: whatever fails, each connection ends once and no byte is wrong",
          "[transport][tunnel][faults]") {
    const std::uint64_t seed = random_seed();
    int ended = 0;
    for (std::uint64_t i = 0; i < 12; ++i) {
        INFO("seed " << seed + i);
        Life life({.seed = seed + i,
                   .split = 300,
                   .delay = 300,
                   .reset = 5,
                   .fin = 5,
                   .silence = 2,
                   .refuse = 50,
                   .no_room = 50,
                   .delay_ns_max = 20 * kMillisecond});
        life.run(60);
        for (ConnectionId cid = 0; cid < kLives; ++cid) {
            REQUIRE(life.closes[cid] <= 1);
            const std::string& heard = life.pair.client_events.received(cid);
            REQUIRE(heard == text_of(cid, 0, life.sent[cid]).substr(0, heard.size()));
            ended += life.closes[cid];
        }
    }
    CHECK(ended > 0);
}
