// Several rings as one, waiting and accepting, on the real kernel.
#include "transport/uring_transport.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <poll.h>

#include "tests/support/sockets.hpp"
#include "tests/transport/kernel_rig.hpp"

using namespace wsblast;
using namespace wsblast::test;
using namespace wsblast::transport;

namespace {

constexpr std::uint32_t kConnections = 40;

// A thread that answers everything with the same bytes, some time later.
class SlowEcho {
  public:
    SlowEcho(int listener, TimeNs delay_ns)
        : delay_(delay_ns), listener_(listener), thread_([this] { run(); }) {}
    ~SlowEcho() {
        stop_ = true;
        thread_.join();
    }
    SlowEcho(const SlowEcho&) = delete;
    SlowEcho& operator=(const SlowEcho&) = delete;

  private:
    void run() {
        while (!stop_) {
            std::vector<pollfd> waiting{{listener_, POLLIN, 0}};
            for (const Descriptor& peer : peers_) waiting.push_back({peer, POLLIN, 0});
            ::poll(waiting.data(), waiting.size(), 5);
            for (Descriptor peer = accept_one(listener_); peer >= 0; peer = accept_one(listener_)) {
                peers_.push_back(std::move(peer));
            }
            for (const Descriptor& peer : peers_) echo(peer);
        }
    }
    void echo(int peer) {
        std::string text;
        read_into(text, peer);
        if (text.empty()) return;
        std::this_thread::sleep_for(delay_);
        write_some(peer, text);
    }

    std::chrono::nanoseconds delay_;
    int listener_;
    std::atomic<bool> stop_ = false;
    std::vector<Descriptor> peers_;
    std::thread thread_;
};

std::vector<ConnectionId> open_all(KernelRig& rig) {
    std::vector<ConnectionId> cids;
    for (std::uint32_t i = 0; i < kConnections; ++i) cids.push_back(rig.transport->open(0));
    rig.run_until([&] { return rig.ears.opens() == kConnections; });
    return cids;
}

// Sends on one connection and waits, blocked, for its answer; the time it took.
TimeNs ping(KernelRig& rig, ConnectionId cid, std::string_view text) {
    const std::size_t before = rig.ears[cid].received.size();
    const TimeNs start_ns = monotonic_now();
    REQUIRE(rig.send(cid, text));
    const TimeNs end_ns = start_ns + kPatienceNs;
    while (rig.ears[cid].received.size() < before + text.size() && monotonic_now() < end_ns) {
        rig.transport->poll(rig.ears, PollWait{monotonic_now(), end_ns, 1});
    }
    REQUIRE(rig.ears[cid].received.substr(before) == text);
    return monotonic_now() - start_ns;
}

}  // namespace

TEST_CASE("uring transport: ids are dense over all rings, and no more are given than there are",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig =
        make_client(local_address(listener), {.connections = kConnections, .without = "table=8"});
    CHECK(rig.transport->capacity() == kConnections);
    std::vector<ConnectionId> cids = open_all(rig);
    CHECK(rig.transport->open(0) == kNoConnection);
    std::ranges::sort(cids);
    for (ConnectionId cid = 0; cid < kConnections; ++cid) CHECK(cids[cid] == cid);
}

TEST_CASE("uring transport: an answer wakes who waits, whichever ring it comes to", "[transport][kernel]") {
    const char* rings = GENERATE("table=40", "table=8");
    const Descriptor listener = make_listener();
    const SlowEcho echo(listener, 3 * kMillisecond);
    KernelRig rig = make_client(local_address(listener), {.connections = kConnections, .without = rings});
    for (const ConnectionId cid : open_all(rig)) {
        CHECK(ping(rig, cid, "ping " + std::to_string(cid)) < kPatienceNs / 2);
    }
}

TEST_CASE("uring transport: rings that are all busy at once lose nothing", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    const SlowEcho echo(listener, 0);
    KernelRig rig =
        make_client(local_address(listener), {.connections = kConnections, .without = "table=8"});
    const std::vector<ConnectionId> cids = open_all(rig);
    std::string sent;
    for (int round = 0; round < 50; ++round) {
        const std::string text = "round " + std::to_string(round) + ';';
        for (const ConnectionId cid : cids) REQUIRE(rig.send(cid, text));
        sent += text;
        rig.run_until([&] {
            return std::ranges::all_of(cids,
                                       [&](ConnectionId cid) { return rig.ears[cid].received == sent; });
        });
    }
    CHECK(rig.ears.ends() == 0);
}

TEST_CASE("uring transport: wake() from another thread ends a wait without a limit",
          "[transport][kernel]") {
    const char* rings = GENERATE("table=40", "table=8");
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener), {.connections = kConnections, .without = rings});
    for (int round = 0; round < 3; ++round) {
        const TimeNs start_ns = monotonic_now();
        std::thread waker([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            rig.transport->wake();
        });
        rig.transport->poll(rig.ears, PollWait{start_ns, kNever, 0});
        const TimeNs waited_ns = monotonic_now() - start_ns;
        waker.join();
        CHECK(waited_ns >= 20 * kMillisecond);
        CHECK(waited_ns < kPatienceNs);
    }
}

TEST_CASE("uring transport: a wait ends at its time, and a time that has passed is no wait",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener),
                                {.connections = kConnections, .without = GENERATE("table=40", "table=8")});
    const TimeNs start_ns = monotonic_now();
    rig.transport->poll(rig.ears, PollWait{start_ns, start_ns - 1, 0});
    CHECK(rig.transport->counters().waited_ns == 0);
    const TimeNs until_ns = monotonic_now() + 30 * kMillisecond;
    while (monotonic_now() < until_ns)
        rig.transport->poll(rig.ears, PollWait{monotonic_now(), until_ns, 0});
    CHECK(monotonic_now() - until_ns < kPatienceNs / 2);
}

TEST_CASE("uring transport: the time of waits is counted, that of ticks which may not block is not",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener),
                                {.connections = kConnections, .without = GENERATE("table=40", "table=8")});
    const TransportCounters& counters = rig.transport->counters();
    const TimeNs start_ns = monotonic_now();
    for (int tick = 0; tick < 1'000; ++tick) rig.tick();
    CHECK(counters.waited_ns == 0);
    rig.run_for(30 * kMillisecond);
    CHECK(counters.waited_ns > 0);
    CHECK(counters.waited_ns < monotonic_now() - start_ns);
}

TEST_CASE("uring transport: a full table leaves clients in the backlog and drops none",
          "[transport][kernel]") {
    constexpr std::uint32_t kPlaces = 8;
    constexpr std::uint32_t kClients = 20;
    const Descriptor listener = make_listener();
    KernelRig rig = make_server(listener, {.connections = kPlaces});
    std::vector<Descriptor> clients;
    for (std::uint32_t i = 0; i < kClients; ++i) {
        clients.push_back(begin_connect(local_address(listener)));
        REQUIRE(write_some(clients.back(), "hello") == 5);
    }
    rig.run_until([&] { return rig.ears.opens() == kPlaces; });
    rig.run_for(20 * kMillisecond);
    CHECK(rig.ears.opens() == kPlaces);
    std::vector<std::uint32_t> closed(rig.transport->capacity());
    rig.run_until([&] {
        for (ConnectionId cid = 0; cid < closed.size(); ++cid) {
            if (rig.ears[cid].opens == closed[cid] || rig.ears[cid].received != "hello") continue;
            REQUIRE(rig.send(cid, "served"));
            rig.transport->close(cid, CloseMode::graceful);
            ++closed[cid];
        }
        return rig.ears.ends() == kClients;
    });
    CHECK(rig.ears.opens() == kClients);
    for (const Descriptor& client : clients) {
        std::string text;
        read_into(text, client);
        CHECK(text == "served");
    }
}

TEST_CASE("uring transport: a server takes more rings as it fills, and each of them answers",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_server(listener, {.connections = kConnections, .without = "table=8"});
    std::vector<Descriptor> clients;
    for (std::uint32_t i = 0; i < kConnections; ++i) {
        clients.push_back(begin_connect(local_address(listener)));
        REQUIRE(write_some(clients.back(), "hello") == 5);
    }
    rig.run_until([&] { return rig.ears.opens() == kConnections; });
    for (ConnectionId cid = 0; cid < kConnections; ++cid) {
        rig.run_until([&] { return rig.ears[cid].received == "hello"; });
        REQUIRE(rig.send(cid, "hello"));
    }
    rig.tick();
    std::vector<std::string> answers(kConnections);
    rig.run_until([&] {
        for (std::size_t i = 0; i < kConnections; ++i) read_into(answers[i], clients[i]);
        return std::ranges::all_of(answers, [](const std::string& answer) { return answer == "hello"; });
    });
    CHECK(rig.ears.ends() == 0);
}

TEST_CASE("uring transport: who stops listening keeps its connections and takes few more",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_server(listener, {.connections = 4});
    const Descriptor client = begin_connect(local_address(listener));
    rig.run_until([&] { return rig.ears.opens() == 1; });
    rig.transport->stop_listening();
    std::vector<Descriptor> late;
    for (int i = 0; i < 10; ++i) late.push_back(begin_connect(local_address(listener)));
    rig.run_for(20 * kMillisecond);
    CHECK(rig.ears.opens() <= 4);
    CHECK(rig.ears.ends() == 0);
}
