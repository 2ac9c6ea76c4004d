// Receiving, on the real kernel: what the peer sends arrives whole and in order, whatever the buffers do.
#include "transport/receive_side.hpp"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/byte_stream.hpp"
#include "tests/support/sockets.hpp"
#include "tests/transport/kernel_rig.hpp"

using namespace wsblast;
using namespace wsblast::test;
using namespace wsblast::transport;

namespace {

// The kernel begins to stamp a moment after it was asked: from then on a stamp is not later than the write.
void await_stamps(KernelRig& rig, ConnectionId cid, int peer) {
    for (const TimeNs end_ns = monotonic_now() + kPatienceNs; monotonic_now() < end_ns;) {
        REQUIRE(write_some(peer, "?") == 1);
        const TimeNs written_ns = monotonic_now();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        const std::size_t heard = rig.ears[cid].arrivals.size();
        rig.run_until([&] { return rig.ears[cid].arrivals.size() > heard; });
        const TimeNs stamp_ns = rig.ears[cid].arrivals.back().stamp_ns;
        if (stamp_ns != 0 && stamp_ns <= written_ns + kMicrosecond) return;
    }
    FAIL("the kernel does not stamp");
}

}  // namespace

TEST_CASE("receive side: with stamps every byte comes, and the end after the last one",
          "[transport][kernel]") {
    constexpr std::size_t kBytes = 4 * kMiB;
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener), {.stamps = ring::Stamps::kernel});
    const ConnectionId cid = rig.connect();
    Descriptor peer = accept_one(listener);
    std::string stream(kBytes, '\0');
    fill({reinterpret_cast<std::uint8_t*>(stream.data()), stream.size()}, 3, 0);
    std::size_t written = 0;
    rig.run_until([&] {
        written += write_some(peer, std::string_view(stream).substr(written));
        if (written == kBytes) peer = Descriptor();
        return written == kBytes;
    });
    rig.run_until([&] { return rig.ears[cid].ends == 1; });
    CHECK(rig.ears[cid].last.cause == CloseCause::peer_closed);
    const bool same = rig.ears[cid].received == stream;
    CHECK(same);
}

TEST_CASE("receive side: a paused connection reads nothing, and nothing is lost by it",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener), {.without = GENERATE("", "without=bind")});
    const ConnectionId cid = rig.connect();
    const Descriptor peer = accept_one(listener);
    REQUIRE(write_some(peer, "before ") == 7);
    rig.run_until([&] { return rig.ears[cid].received == "before "; });
    rig.transport->pause(cid);
    rig.transport->pause(cid);
    rig.run_for(10 * kMillisecond);
    REQUIRE(write_some(peer, "between ") == 8);
    rig.run_for(30 * kMillisecond);
    CHECK(rig.ears[cid].received == "before ");
    rig.transport->resume(cid);
    rig.run_until([&] { return rig.ears[cid].received == "before between "; });
    // At once again: the receive whose cancel is under way is armed when that is over.
    rig.transport->pause(cid);
    rig.transport->resume(cid);
    rig.run_for(10 * kMillisecond);
    REQUIRE(write_some(peer, "after") == 5);
    rig.run_until([&] { return rig.ears[cid].received == "before between after"; });
    CHECK(rig.ears[cid].ends == 0);
}

TEST_CASE("receive side: a paused connection fills its peer, notices no end, and can be closed",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener), {});
    const ConnectionId cid = rig.connect();
    Descriptor peer = accept_one(listener);
    rig.transport->pause(cid);
    rig.run_for(10 * kMillisecond);
    const std::string piece(64 * kKiB, 'x');
    std::size_t written = 0;
    for (int still = 0; still < 5; ++still) {
        while (const std::size_t size = write_some(peer, piece)) written += size;
        rig.run_for(5 * kMillisecond);
    }
    CHECK(written < 32 * kMiB);
    CHECK(rig.ears[cid].received.empty());
    peer = Descriptor();
    rig.run_for(20 * kMillisecond);
    CHECK(rig.ears[cid].ends == 0);
    rig.transport->close(cid, CloseMode::abort);
    rig.run_until([&] { return rig.ears[cid].ends == 1; });
}

TEST_CASE("receive side: a stamp tells when bytes came, however late they are read",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener),
                                {.without = GENERATE("", "without=bind"), .stamps = ring::Stamps::kernel});
    const ConnectionId cid = rig.connect();
    const Descriptor peer = accept_one(listener);
    await_stamps(rig, cid, peer);
    for (int round = 0; round < 5; ++round) {
        const TimeNs before_ns = monotonic_now();
        REQUIRE(write_some(peer, "stamped") == 7);
        const TimeNs after_ns = monotonic_now();
        std::this_thread::sleep_for(std::chrono::milliseconds(15));
        const std::size_t heard = rig.ears[cid].arrivals.size();
        rig.run_until([&] { return rig.ears[cid].arrivals.size() > heard; });
        const Arrival at = rig.ears[cid].arrivals.back();
        CHECK(at.stamp_ns + kMicrosecond >= before_ns);  // the clocks are compared to a fraction of that
        CHECK(at.stamp_ns <= after_ns + kMicrosecond);
        CHECK(at.now_ns - at.stamp_ns >= 14 * kMillisecond);
    }
}

TEST_CASE("receive side: stamps of a connection do not go back, and none is later than its reading",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener), {.stamps = ring::Stamps::kernel});
    const ConnectionId cid = rig.connect();
    const Descriptor peer = accept_one(listener);
    rig.run_for(20 * kMillisecond);
    for (int i = 0; i < 2'000; ++i) {
        REQUIRE(write_some(peer, "x") == 1);
        if (i % 3 == 0) rig.tick(kMillisecond);
    }
    rig.run_until([&] { return rig.ears[cid].received.size() == 2'000; });
    TimeNs before_ns = 1;
    for (const Arrival& at : rig.ears[cid].arrivals) {
        REQUIRE(at.stamp_ns >= before_ns);
        REQUIRE(at.stamp_ns <= at.now_ns);
        before_ns = at.stamp_ns;
    }
}

TEST_CASE("receive side: who asks for no stamps gets none", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener));
    const ConnectionId cid = rig.connect();
    const Descriptor peer = accept_one(listener);
    REQUIRE(write_some(peer, "plain") == 5);
    rig.run_until([&] { return rig.ears[cid].received == "plain"; });
    CHECK(rig.ears[cid].arrivals.back().stamp_ns == 0);
}

TEST_CASE("receive side: buffers that run out delay bytes and lose none", "[transport][kernel]") {
    const ring::Stamps stamps = GENERATE(ring::Stamps::none, ring::Stamps::kernel);
    constexpr std::uint32_t kConnections = 16;
    constexpr std::uint32_t kBuffers = 8;
    std::string burst(100 * kKiB, '\0');
    fill({reinterpret_cast<std::uint8_t*>(burst.data()), burst.size()}, 1, 0);
    const Descriptor listener = make_listener();
    auto ring = ring::Ring::open({*ring::probe_features(), kConnections, kBuffers, 512, stamps});
    REQUIRE(ring.ok());
    LaneShared shared;
    shared.sources = make_sources(local_address(listener), kConnections);
    Lane<ring::Ring> lane(std::move(ring.value()), shared, 0, kConnections);
    REQUIRE(lane.ok());
    Ears ears(kConnections);
    std::vector<Descriptor> peers;
    std::vector<std::size_t> written(kConnections);
    const auto tick = [&] {
        lane.flush();
        lane.ring().enter_and_wait(1, lane.has_deferred_work() ? 0 : kMillisecond);
        lane.reap(ears, monotonic_now());
        Descriptor peer = accept_one(listener);
        if (peer >= 0) peers.push_back(std::move(peer));
        for (std::size_t i = 0; i < peers.size(); ++i) {
            written[i] += write_some(peers[i], std::string_view(burst).substr(written[i]));
        }
    };
    for (std::uint32_t i = 0; i < kConnections; ++i) REQUIRE(lane.open(0) != kNoConnection);
    const auto whole = [&](ConnectionId cid) { return ears[cid].received.size() == burst.size(); };
    for (const TimeNs end_ns = monotonic_now() + kPatienceNs; monotonic_now() < end_ns;) {
        tick();
        ConnectionId cid = 0;
        while (cid < kConnections && whole(cid)) ++cid;
        if (cid == kConnections) break;
    }
    CHECK(shared.counters.buffers_exhausted > kConnections);
    for (ConnectionId cid = 0; cid < kConnections; ++cid) {
        const bool same = ears[cid].received == burst;
        CHECK(same);
    }
}
