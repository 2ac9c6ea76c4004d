// The lives of connections, on the real kernel: how they begin, how they end, and what comes in between.
#include "transport/lane.hpp"

#include <algorithm>
#include <deque>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <poll.h>

#include "tests/support/sockets.hpp"
#include "tests/transport/kernel_rig.hpp"

using namespace wsblast;
using namespace wsblast::test;
using namespace wsblast::transport;

namespace {

constexpr PortRange kFewPorts{21'000, 21'007};

// How connecting sockets get their address: every test of it runs on both paths.
const std::vector<const char*> kWays{"", "without=bind"};

// A client with few ports and one source address that nobody has used before: 127.77.x.y.
struct Narrow {
    Narrow(const Endpoint& to, PortRange ports, std::string_view without)
        : source(0x7f4d'0001 + static_cast<std::uint32_t>(Prng(random_seed()).next_below(60'000))) {
        SourcePlanInput input;
        input.targets = {{{to, {}}}};
        input.sources = {make_ipv4(source, 0)};
        input.ports = ports;
        input.connections = 1;
        input.seed = random_seed();
        const auto plan = SourcePlan::make(input);
        REQUIRE(plan.ok());
        next = plan->slice(0);
        UringTransportOptions options;
        options.sources = next;
        rig.emplace(std::move(options), RigOptions{.connections = 1, .without = without});
    }

    std::uint32_t source;
    SourceSlice next;  // gives the pairs that the client will take
    std::optional<KernelRig> rig;
};

// Sockets of this machine toward `to` that wait for the answer to their SYN (proc_net_tcp(5): state 02).
int syn_sent(const Endpoint& to) {
    std::ostringstream wanted;
    wanted << std::uppercase << std::hex << ':' << to.port();
    std::ifstream table("/proc/net/tcp");
    std::string line;
    int count = 0;
    while (std::getline(table, line)) {
        std::istringstream fields(line);
        std::string number;
        std::string local;
        std::string remote;
        std::string state;
        fields >> number >> local >> remote >> state;
        if (state == "02" && remote.ends_with(wanted.str())) ++count;
    }
    return count;
}

// Connections that fill a backlog until it takes no more.
std::vector<Descriptor> fill_backlog(const Endpoint& to) {
    std::vector<Descriptor> all;
    for (;;) {
        Descriptor one = begin_connect(to);
        pollfd ready{one, POLLOUT, 0};
        if (::poll(&ready, 1, 50) == 0) return all;
        all.push_back(std::move(one));
    }
}

}  // namespace

TEST_CASE("lane: a source pair that is taken is skipped, and counted", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    Narrow client(local_address(listener), kFewPorts, GENERATE(from_range(kWays)));
    const Endpoint first = client.next.next(0).source;
    const Endpoint second = client.next.next(0).source;
    const Descriptor taken = bound_socket(first);
    const Descriptor taken_too = bound_socket(second);
    (void)client.rig->connect();
    CHECK(client.rig->transport->counters().source_retries == 2);
    const Descriptor peer = accept_one(listener);
    CHECK(peer_address(peer) == client.next.next(0).source);
}

TEST_CASE("lane: when every pair is taken the attempt ends as no_source_port", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    Narrow client(local_address(listener), {kFewPorts.first, kFewPorts.first}, GENERATE(from_range(kWays)));
    const Descriptor taken = bound_socket(make_ipv4(client.source, kFewPorts.first));
    const ConnectionId cid = client.rig->transport->open(0);
    client.rig->run_until([&] { return client.rig->ears[cid].ends == 1; });
    CHECK(client.rig->ears[cid].opens == 0);
    CHECK(client.rig->ears[cid].last.cause == CloseCause::no_source_port);
    CHECK(client.rig->transport->counters().source_retries == limits::kSourceTriesMax - 1);
}

TEST_CASE("lane: a live connection's pair is not taken from it", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    const Endpoint to = local_address(listener);
    Narrow client(to, kFewPorts, GENERATE(from_range(kWays)));
    const Descriptor other(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int enabled = 1;
    REQUIRE(setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &enabled, sizeof enabled) == 0);
    const Endpoint first = client.next.next(0).source;
    REQUIRE(bind(other, first.address(), first.length) == 0);
    REQUIRE(::connect(other, to.address(), to.length) == 0);
    (void)client.rig->connect();
    CHECK(client.rig->transport->counters().source_retries == 1);
}

TEST_CASE("lane: nobody listens: refused", "[transport][kernel]") {
    const Descriptor silent = bound_socket(make_ipv4(INADDR_LOOPBACK, 0));
    KernelRig rig = make_client(local_address(silent), {.without = GENERATE(from_range(kWays))});
    const ConnectionId cid = rig.transport->open(0);
    rig.run_until([&] { return rig.ears[cid].ends == 1; });
    CHECK(rig.ears[cid].opens == 0);
    CHECK(rig.ears[cid].last.cause == CloseCause::refused);
    CHECK(rig.ears[cid].last.error == ECONNREFUSED);
}

TEST_CASE("lane: a close under an armed receive is seen by the peer at once", "[transport][kernel]") {
    const CloseMode mode = GENERATE(CloseMode::graceful, CloseMode::abort);
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener), {.without = GENERATE(from_range(kWays))});
    const ConnectionId cid = rig.connect();
    const Descriptor peer = accept_one(listener);
    rig.run_for(5 * kMillisecond);
    std::string text;
    REQUIRE(read_into(text, peer) == ReadEnd::open);
    rig.transport->close(cid, mode);
    rig.run_until([&] { return read_into(text, peer) == ReadEnd::finished; });
    rig.run_until([&] { return rig.ears[cid].ends == 1; });
    CHECK(rig.ears[cid].last.cause == CloseCause::local);
    CHECK(text.empty());
}

TEST_CASE("lane: a reset is seen by the peer as one, and leaves no TIME_WAIT", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig =
        make_client(local_address(listener), {.without = GENERATE(from_range(kWays)), .pairs = 1});
    for (int i = 0; i < 200; ++i) {  // more than there are pairs
        const ConnectionId cid = rig.connect();
        const Descriptor peer = accept_one(listener);
        const std::uint32_t ends = rig.ears[cid].ends;
        rig.transport->close(cid, CloseMode::reset);
        std::string text;
        rig.run_until([&] { return read_into(text, peer) == ReadEnd::reset; });
        rig.run_until([&] { return rig.ears[cid].ends == ends + 1; });
        CHECK(rig.ears[cid].last.cause == CloseCause::local);
    }
    CHECK(rig.transport->counters().source_retries == 0);
}

TEST_CASE("lane: an inspection tells of an open connection, and where there is none of nothing",
          "[transport][kernel]") {
    const char* without = GENERATE("", "without=inspect");
    const std::size_t told = std::string_view(without).empty() ? 1 : 0;
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener), {.without = without});
    const ConnectionId cid = rig.connect();
    const Descriptor peer = accept_one(listener);
    rig.transport->inspect(cid);
    rig.transport->inspect(cid);  // is being asked about already
    rig.run_for(5 * kMillisecond);
    REQUIRE(rig.ears[cid].inspections.size() == told);
    for (const TcpInfo& info : rig.ears[cid].inspections) {
        CHECK(info.rtt_ns > 0);
        CHECK(info.rtt_ns < kSecond);
        CHECK(info.retransmits == 0);
    }
    const Descriptor before(dup(peer));
    for (std::size_t i = 2; i < 20; ++i) {
        rig.transport->inspect(cid);
        rig.tick();
        CHECK(rig.ears[cid].inspections.size() == told * i);
    }
    const Descriptor after(dup(peer));
    CHECK(after == before + 1);  // the lowest free number: no descriptor was kept
}

TEST_CASE("lane: a close in the tick of an inspection is seen by the peer at once", "[transport][kernel]") {
    const CloseMode mode = GENERATE(CloseMode::graceful, CloseMode::abort);
    const int ticks = GENERATE(0, 1);
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener));
    const ConnectionId cid = rig.connect();
    const Descriptor peer = accept_one(listener);
    rig.run_for(5 * kMillisecond);
    std::string text;
    REQUIRE(read_into(text, peer) == ReadEnd::open);
    REQUIRE(rig.send(cid, "last"));
    if (mode == CloseMode::abort) rig.tick();
    rig.transport->inspect(cid);
    for (int tick = 0; tick < ticks; ++tick) rig.tick();
    rig.transport->close(cid, mode);
    const std::size_t inspections = rig.ears[cid].inspections.size();
    rig.run_until([&] { return rig.ears[cid].ends == 1; });
    CHECK(rig.ears[cid].last.cause == CloseCause::local);
    CHECK(rig.ears[cid].inspections.size() == inspections);  // no word after a close
    pollfd ended{peer, POLLRDHUP, 0};
    CHECK(::poll(&ended, 1, 20'000) == 1);  // without another tick
    (void)read_into(text, peer);
    CHECK(text == "last");
    CHECK(read_into(text, peer) == ReadEnd::finished);
    CHECK(rig.connect() == cid);  // and the slot is free
}

TEST_CASE("lane: a graceful close comes after what was committed, also when the peer ends first",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener));
    const ConnectionId cid = rig.connect();
    const Descriptor peer = accept_one(listener);
    rig.run_for(2 * kMillisecond);
    REQUIRE(shutdown(peer, SHUT_WR) == 0);
    REQUIRE(rig.send(cid, "last words"));
    rig.transport->close(cid, CloseMode::graceful);
    rig.transport->close(cid, CloseMode::graceful);
    std::string text;
    rig.run_until([&] { return read_into(text, peer) == ReadEnd::finished; });
    CHECK(text == "last words");
    rig.run_until([&] { return rig.ears[cid].ends == 1; });
}

TEST_CASE("lane: an abort in mid-connect leaves no socket behind", "[transport][kernel]") {
    const Descriptor listener = make_listener(0);
    const Endpoint to = local_address(listener);
    KernelRig rig = make_client(to, {.without = GENERATE(from_range(kWays))});
    const std::vector<Descriptor> crowd = fill_backlog(to);
    REQUIRE(syn_sent(to) == 0);
    const ConnectionId cid = rig.transport->open(0);
    rig.run_until([&] { return syn_sent(to) == 1; });
    CHECK(rig.ears[cid].opens == 0);
    rig.transport->close(cid, GENERATE(CloseMode::abort, CloseMode::graceful));
    rig.run_until([&] { return rig.ears[cid].ends == 1; });
    CHECK(rig.ears[cid].last.cause == CloseCause::local);
    CHECK(rig.ears[cid].opens == 0);
    CHECK(syn_sent(to) == 0);
}

TEST_CASE("lane: after a half-close the peer reads to the end and is still heard", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener));
    const ConnectionId cid = rig.connect();
    const Descriptor peer = accept_one(listener);
    REQUIRE(rig.send(cid, "question"));
    rig.transport->close(cid, CloseMode::half);
    rig.transport->close(cid, CloseMode::half);
    CHECK_FALSE(rig.send(cid, "more"));
    std::string text;
    rig.run_until([&] { return read_into(text, peer) == ReadEnd::finished; });
    CHECK(text == "question");
    REQUIRE(write_some(peer, "answer") == 6);
    rig.run_until([&] { return rig.ears[cid].received == "answer"; });
    CHECK(rig.ears[cid].ends == 0);
    REQUIRE(shutdown(peer, SHUT_WR) == 0);
    rig.run_until([&] { return rig.ears[cid].ends == 1; });
    CHECK(rig.ears[cid].last.cause == CloseCause::peer_closed);
}

TEST_CASE("lane: the peer's end and its reset are told apart", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener));
    const ConnectionId ended = rig.connect();
    Descriptor first = accept_one(listener);
    const ConnectionId reset = rig.connect();
    Descriptor second = accept_one(listener);
    REQUIRE(write_some(first, "bye") == 3);
    first = Descriptor();
    const linger at_once{1, 0};
    REQUIRE(setsockopt(second, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    second = Descriptor();
    rig.run_until([&] { return rig.ears.ends() == 2; });
    CHECK(rig.ears[ended].last.cause == CloseCause::peer_closed);
    CHECK(rig.ears[ended].received == "bye");
    CHECK(rig.ears[reset].last.cause == CloseCause::reset);
}

TEST_CASE("lane: a peer is told of a reset by a reset, and of an abort by an end", "[transport][kernel]") {
    const CloseMode mode = GENERATE(CloseMode::reset, CloseMode::abort);
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener));
    const ConnectionId cid = rig.connect();
    const Descriptor peer = accept_one(listener);
    rig.transport->close(cid, mode);
    rig.run_until([&] { return rig.ears[cid].ends == 1; });
    CHECK(rig.ears[cid].last.cause == CloseCause::local);
    char byte = 0;
    const ssize_t received = recv(peer, &byte, 1, 0);
    const int error = errno;
    CHECK(received == (mode == CloseMode::reset ? -1 : 0));
    if (mode == CloseMode::reset) CHECK(error == ECONNRESET);
    const ConnectionId next = rig.connect();  // in the same slot
    REQUIRE(rig.send(next, "on"));
}

TEST_CASE("lane: ten thousand connections pass through twenty slots", "[transport][kernel]") {
    constexpr std::uint32_t kLives = 10'000;
    constexpr std::uint32_t kSlots = 20;
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener), {.connections = kSlots, .pairs = kLives + 2'000});
    std::deque<Descriptor> peers;
    std::uint32_t begun = 0;
    std::vector<std::uint32_t> closed(kSlots);
    rig.run_until([&] {
        while (begun < kLives && rig.transport->open(0) != kNoConnection) ++begun;
        for (ConnectionId cid = 0; cid < kSlots; ++cid) {
            if (rig.ears[cid].opens == closed[cid]) continue;
            rig.transport->close(cid, ++closed[cid] % 2 == 0 ? CloseMode::graceful : CloseMode::abort);
        }
        for (Descriptor peer = accept_one(listener); peer >= 0; peer = accept_one(listener)) {
            peers.push_back(std::move(peer));
        }
        while (peers.size() > 4 * kSlots) peers.pop_front();  // closed by us for long
        return rig.ears.ends() == kLives;
    });
    CHECK(rig.ears.opens() == kLives);
    for (ConnectionId cid = 0; cid < kSlots; ++cid) CHECK(rig.ears[cid].opens == rig.ears[cid].ends);
}
