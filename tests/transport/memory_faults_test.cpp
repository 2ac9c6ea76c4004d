#include "transport/memory_faults.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "tests/transport/memory_recorder.hpp"

using namespace wsblast;
using namespace wsblast::transport;

using Events = std::vector<std::string>;

namespace {

constexpr std::uint32_t kAlways = 1'000;

MemoryNetworkOptions with(const MemoryFaults& faults) {
    MemoryNetworkOptions options;
    options.faults = faults;
    return options;
}

MemoryFaults everything(std::uint64_t seed) {
    return {.seed = seed,
            .split = 300,
            .delay = 300,
            .reset = 3,
            .fin = 3,
            .silence = 2,
            .refuse = 50,
            .no_room = 50,
            .delay_ns_max = 20 * kMillisecond};
}

ConnectionId sender_of(std::string_view received) {
    return static_cast<ConnectionId>(received[0] - 'A');
}

// Eight clients send their texts in random pieces for a while; `log` is all that both sides saw.
struct Traffic {
    explicit Traffic(const MemoryFaults& faults) : pair(with(faults), 64), random(faults.seed) {}

    void run() {
        for (int i = 0; i < 8; ++i) REQUIRE(pair.client.open(0) != kNoConnection);
        for (int step = 0; step < 200; ++step) {
            pair.poll_both();
            note(pair.client_events, "client ");
            note(pair.server_events, "server ");
            for (ConnectionId cid : open_) push(cid);
            pair.network.advance_to(pair.network.now_ns() + random.next_below(5 * kMillisecond));
        }
    }

    void push(ConnectionId cid) {
        std::size_t& sent = sent_[cid];
        const std::size_t end = sent + 1 + random.next_below(300);
        if (send(pair.client, cid, text_of(cid, sent, end))) sent = end;
    }

    void note(Recorder& recorder, const std::string& who) {
        for (const std::string& event : recorder.take()) {
            log.push_back(who + event);
            if (who != "client ") continue;
            const auto cid = static_cast<ConnectionId>(std::stoul(event.substr(event.find(' ') + 1)));
            if (event.rfind("open", 0) == 0) open_.insert(cid);
            if (event.rfind("close", 0) == 0) {
                REQUIRE(closed_.insert(cid).second);
                open_.erase(cid);
            }
        }
    }

    MemoryPair pair;
    Prng random;
    std::vector<std::string> log;
    std::set<ConnectionId> open_;
    std::set<ConnectionId> closed_;
    std::map<ConnectionId, std::size_t> sent_;
};

}  // namespace

TEST_CASE("memory faults: split and delayed bytes arrive whole and in order", "[transport][faults]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    MemoryPair pair(with({.seed = seed, .split = 800, .delay = 500, .delay_ns_max = kSecond}));
    const ConnectionId a = pair.client.open(0);
    const ConnectionId b = pair.client.open(0);
    for (int i = 0; i < 3; ++i) {
        pair.network.advance_to(pair.network.now_ns() + kSecond);
        pair.poll_both();
    }
    const Events opened = pair.client_events.take();
    REQUIRE(opened.size() == 2);
    const std::string text_a = text_of(a, 0, 3'000);
    const std::string text_b = text_of(b, 0, 3'000);
    for (std::size_t sent = 0; sent < text_a.size(); sent += 100) {
        CHECK(send(pair.client, a, std::string_view(text_a).substr(sent, 100)));
        CHECK(send(pair.client, b, std::string_view(text_b).substr(sent, 100)));
        pair.poll_server();
    }
    while (pair.network.next_arrival_ns() != kNever) {
        pair.network.advance_to(pair.network.next_arrival_ns());
        pair.poll_server();
    }
    CHECK(pair.server_events.take().size() > 60);
    for (ConnectionId cid : {0u, 1u}) {  // the two opens may have overtaken each other
        const std::string& received = pair.server_events.received(cid);
        REQUIRE(received.size() == text_a.size());
        CHECK(received == (sender_of(received) == a ? text_a : text_b));
    }
    CHECK(pair.server_events.received(0) != pair.server_events.received(1));
}

TEST_CASE("memory faults: a delayed packet arrives when its time has come, not before",
          "[transport][faults]") {
    MemoryPair pair(with({.seed = 3, .delay = kAlways, .delay_ns_max = kSecond}));
    REQUIRE(pair.client.open(0) != kNoConnection);
    pair.poll_server();
    REQUIRE(pair.server_events.take().empty());
    const TimeNs arrival_ns = pair.network.next_arrival_ns();
    REQUIRE(arrival_ns > pair.network.now_ns());
    REQUIRE(arrival_ns <= pair.network.now_ns() + kSecond);
    pair.network.advance_to(arrival_ns - 1);
    pair.poll_server();
    CHECK(pair.server_events.take().empty());
    pair.network.advance_to(arrival_ns);
    pair.poll_server();
    CHECK(pair.server_events.take() == Events{"open 0"});
}

TEST_CASE("memory faults: a refused open", "[transport][faults]") {
    MemoryPair pair(with({.refuse = kAlways}));
    REQUIRE(pair.client.open(0) != kNoConnection);
    pair.poll_both();
    CHECK(pair.server_events.take().empty());
    CHECK(pair.client_events.take() == Events{"close 0 refused"});
}

TEST_CASE("memory faults: a reset in mid-stream is seen by both ends", "[transport][faults]") {
    MemoryPair pair(with({.reset = kAlways}));
    const ConnectionId cid = pair.connect();
    CHECK(send(pair.client, cid, "lost"));
    pair.poll_both();
    CHECK(pair.server_events.take() == Events{"close 0 reset"});
    CHECK(pair.client_events.take() == Events{"close 0 reset"});
}

TEST_CASE("memory faults: a peer that closes does so after its bytes", "[transport][faults]") {
    MemoryPair pair(with({.fin = kAlways}));
    const ConnectionId cid = pair.connect();
    CHECK(send(pair.client, cid, "last"));
    pair.poll_both();
    CHECK(pair.server_events.take() == Events{"bytes 0 last", "close 0 peer_closed"});
    CHECK(pair.client_events.take() == Events{"close 0 peer_closed"});
}

TEST_CASE("memory faults: silence loses everything, and the connection can still be closed",
          "[transport][faults]") {
    MemoryPair pair(with({.silence = kAlways}));
    const ConnectionId cid = pair.client.open(0);
    for (int i = 0; i < 3; ++i) pair.poll_both();
    CHECK(pair.server_events.take().empty());
    CHECK(pair.client_events.take().empty());
    pair.client.close(cid, CloseMode::abort);
    pair.poll_client();
    CHECK(pair.client_events.take() == Events{"close 0 local"});
}

TEST_CASE("memory faults: a denied reserve is followed by room", "[transport][faults]") {
    MemoryPair pair(with({.no_room = kAlways}));
    const ConnectionId cid = pair.connect();
    CHECK_FALSE(send(pair.client, cid, "x"));
    CHECK_FALSE(pair.client.commit_ref(cid, as_bytes("x")));
    pair.poll_client();
    CHECK(pair.client_events.take() == Events{"room 0"});
}

TEST_CASE("memory faults: under all of them each stream is the beginning of what was sent",
          "[transport][faults]") {
    const std::uint64_t first_seed = random_seed();
    for (std::uint64_t seed = first_seed; seed < first_seed + 50; ++seed) {
        INFO("seed " << seed);
        Traffic traffic(everything(seed));
        traffic.run();
        std::set<std::string> streams;
        for (ConnectionId server_cid = 0; server_cid < 8; ++server_cid) {
            const std::string& received = traffic.pair.server_events.received(server_cid);
            if (received.empty()) continue;
            const auto sender = sender_of(received);
            REQUIRE(received.size() <= traffic.sent_[sender]);
            REQUIRE(received == text_of(sender, 0, received.size()));
        }
    }
}

TEST_CASE("memory faults: a seed repeats to the last event", "[transport][faults]") {
    Traffic first(everything(77));
    Traffic second(everything(77));
    Traffic other(everything(78));
    first.run();
    second.run();
    other.run();
    CHECK(first.log.size() > 100);
    CHECK(first.log == second.log);
    CHECK(first.log != other.log);
}
