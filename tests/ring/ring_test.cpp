#include "ring/ring.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <poll.h>
#include <sys/eventfd.h>

#include "base/clock.hpp"
#include "base/endpoint.hpp"
#include "tests/support/sockets.hpp"

using namespace wsblast;
using namespace wsblast::ring;
using namespace wsblast::test;

namespace {

constexpr std::uint32_t kSlot = 3;
constexpr UserData kConnect{Op::connect, 1, kSlot};
constexpr UserData kReceive{Op::receive, 1, kSlot};
constexpr UserData kClose{Op::close, 1, kSlot};

std::unique_ptr<Ring> open_ring(std::string_view override_text = "", std::uint32_t receive_buffers = 8,
                                Stamps stamps = Stamps::none) {
    const auto features = probe_features(override_text);
    REQUIRE(features.ok());
    const std::uint32_t header_bytes = stamps == Stamps::none ? 0 : kStampHeaderBytes;
    auto ring = Ring::open({*features, 16, receive_buffers, header_bytes + 64, stamps});
    REQUIRE(ring.ok());
    return std::move(ring.value());
}

// A busy machine has other work first.
constexpr TimeNs kPatienceNs = 20 * kSecond;

// The completions that come, until there are `count`.
std::vector<Completion> wait_for(Ring& ring, std::size_t count) {
    std::vector<Completion> all;
    const TimeNs end_ns = monotonic_now() + kPatienceNs;
    while (all.size() < count && monotonic_now() < end_ns) {
        ring.enter_and_wait(1, 10 * kMillisecond);
        for (auto batch = ring.take_completions(); !batch.empty(); batch = ring.take_completions()) {
            all.insert(all.end(), batch.begin(), batch.end());
        }
    }
    return all;
}

// A ring's connection to a socket of the test.
struct Connected {
    explicit Connected(std::string_view override_text = "", std::uint32_t receive_buffers = 8,
                       Stamps stamps = Stamps::none)
        : ring(open_ring(override_text, receive_buffers, stamps)), listener(make_listener()) {
        connect(kConnect);
        peer = accept_one(listener);
        REQUIRE(peer >= 0);
    }

    void connect(UserData data) {
        REQUIRE(ring->connect(kSlot, make_ipv4(0x7f4d0001, 0), local_address(listener), data) == 0);
        const auto done = wait_for(*ring, 1);
        REQUIRE(done.size() == 1);
        CHECK(done[0].user_data.pack() == data.pack());
        REQUIRE(done[0].result == 0);
    }

    [[nodiscard]] std::string read() {
        std::string text;
        end = read_into(text, peer);
        return text;
    }

    std::unique_ptr<Ring> ring;
    Descriptor listener;
    Descriptor peer;
    ReadEnd end = ReadEnd::open;
};

}  // namespace

TEST_CASE("ring: a connection is made from the address it was given, on both paths", "[ring]") {
    const Connected connected(GENERATE("", "without=bind"));
    CHECK(address_text(peer_address(connected.peer)) == "127.77.0.1");
}

TEST_CASE("ring: a send that was taken whole says nothing", "[ring]") {
    Connected connected;
    connected.ring->send(kSlot, as_bytes("hello"), {Op::send, 1, 0});
    connected.ring->enter();
    CHECK_FALSE(connected.ring->has_completions());
    CHECK(connected.read() == "hello");
}

TEST_CASE("ring: a send into a full window tells how much was taken at once, its rest waits", "[ring]") {
    Connected connected;
    const std::string large(64 * kMiB, 'x');
    connected.ring->send(kSlot, as_bytes(large), {Op::send, 1, 7});
    connected.ring->enter();
    REQUIRE(connected.ring->has_completions());
    const Completion first = connected.ring->take_completions()[0];
    CHECK(first.user_data.op == Op::send);
    CHECK(first.user_data.slot == 7);
    REQUIRE(first.result > 0);
    REQUIRE(static_cast<std::size_t>(first.result) < large.size());
    connected.ring->send(kSlot, as_bytes("more"), {Op::send, 1, 8});
    connected.ring->enter();
    REQUIRE(connected.ring->has_completions());
    CHECK(connected.ring->take_completions()[0].result == -EAGAIN);
    connected.ring->send_rest(kSlot, as_bytes("rest"), {Op::send_rest, 1, kSlot});
    connected.ring->enter();
    CHECK_FALSE(connected.ring->has_completions());
    std::size_t read = 0;
    while (read < static_cast<std::size_t>(first.result)) read += connected.read().size();
    const auto rest = wait_for(*connected.ring, 1);
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].result == 4);
}

TEST_CASE("ring: one receive brings everything, in buffers that are given back", "[ring]") {
    Connected connected("", 8, GENERATE(Stamps::none, Stamps::kernel));
    connected.ring->receive(kSlot, kReceive);
    connected.ring->enter();
    for (int round = 0; round < 20; ++round) {  // more than there are buffers
        const std::string text = "message " + std::to_string(round);
        REQUIRE(write_some(connected.peer, text) == text.size());
        const auto got = wait_for(*connected.ring, 1);
        REQUIRE(got.size() == 1);
        CHECK(got[0].armed == Armed::yes);
        CHECK(as_text(connected.ring->received(got[0]).bytes) == text);
        connected.ring->give_back_buffer(got[0].buffer);
        connected.ring->publish_buffers();
    }
}

TEST_CASE("ring: without buffers a receive ends with ENOBUFS, and goes on when it is armed again",
          "[ring]") {
    Connected connected("", 2, GENERATE(Stamps::none, Stamps::kernel));
    const std::string burst(5 * 64, 'b');
    REQUIRE(write_some(connected.peer, burst) == burst.size());
    connected.ring->receive(kSlot, kReceive);
    const auto got = wait_for(*connected.ring, 3);
    REQUIRE(got.size() == 3);
    CHECK(got[2].result == -ENOBUFS);
    CHECK(got[2].armed == Armed::no);
    CHECK(got[2].buffer == kNoBuffer);
    connected.ring->give_back_buffer(got[0].buffer);
    connected.ring->give_back_buffer(got[1].buffer);
    connected.ring->publish_buffers();
    connected.ring->receive(kSlot, kReceive);
    const auto more = wait_for(*connected.ring, 1);
    REQUIRE_FALSE(more.empty());
    CHECK(more[0].result == 64);
}

TEST_CASE("ring: with stamps a receive tells when the kernel got its bytes, on both connect paths",
          "[ring]") {
    Connected connected(GENERATE("", "without=bind"), 8, Stamps::kernel);
    connected.ring->receive(kSlot, kReceive);
    connected.ring->enter();
    const TimeNs end_ns = monotonic_now() + kPatienceNs;
    // The kernel begins to stamp a moment after the first socket has asked for it.
    for (bool stamped = false; !stamped && monotonic_now() < end_ns;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        const TimeNs before_ns = read_clock(CLOCK_REALTIME);
        REQUIRE(write_some(connected.peer, "stamped") == 7);
        const TimeNs after_ns = read_clock(CLOCK_REALTIME);
        const auto got = wait_for(*connected.ring, 1);
        REQUIRE(got.size() == 1);
        const Received received = connected.ring->received(got[0]);
        CHECK(as_text(received.bytes) == "stamped");
        stamped = received.stamp_ns >= before_ns && received.stamp_ns <= after_ns;
        connected.ring->give_back_buffer(got[0].buffer);
        connected.ring->publish_buffers();
        if (got[0].armed == Armed::no) connected.ring->receive(kSlot, kReceive);
    }
    CHECK(monotonic_now() < end_ns);
}

TEST_CASE("ring: the end of a stream is a receive of nothing, with stamps and without", "[ring]") {
    Connected connected("", 8, GENERATE(Stamps::none, Stamps::kernel));
    connected.ring->receive(kSlot, kReceive);
    connected.peer = Descriptor();
    const auto got = wait_for(*connected.ring, 1);
    REQUIRE(got.size() == 1);
    CHECK(got[0].result == 0);
    CHECK(got[0].armed == Armed::no);
}

TEST_CASE("ring: an inspection tells of the connection, and closes its descriptor", "[ring]") {
    Connected connected;
    constexpr UserData kInspect{Op::inspect, 1, kSlot};
    const Descriptor before(dup(connected.peer));
    for (int round = 0; round < 3; ++round) {
        REQUIRE(connected.ring->inspect(kSlot, kInspect));
        const auto got = wait_for(*connected.ring, 1);
        REQUIRE(got.size() == 1);
        CHECK(got[0].user_data.pack() == kInspect.pack());
        const auto info = connected.ring->inspected(got[0]);
        REQUIRE(info.has_value());
        CHECK(info->retransmits == 0);
        CHECK(info->rtt_ns > 0);
        CHECK(info->rtt_ns < kSecond);
    }
    const Descriptor after(dup(connected.peer));
    CHECK(after == before + 1);  // the lowest free number: none was kept
}

TEST_CASE("ring: an inspection that nobody looks at keeps no connection open", "[ring]") {
    Connected connected;
    REQUIRE(connected.ring->inspect(kSlot, {Op::inspect, 1, kSlot}));
    connected.ring->enter();
    REQUIRE(connected.ring->has_completions());
    connected.ring.reset();
    const TimeNs end_ns = monotonic_now() + kPatienceNs;
    while (connected.end == ReadEnd::open && monotonic_now() < end_ns) (void)connected.read();
    CHECK(connected.end == ReadEnd::finished);
}

TEST_CASE("ring: where the kernel installs no descriptors nothing is inspected", "[ring]") {
    Connected connected("without=inspect");
    CHECK_FALSE(connected.ring->inspect(kSlot, {Op::inspect, 1, kSlot}));
    CHECK_FALSE(connected.ring->wants_enter());
}

TEST_CASE("ring: a close under an armed receive sends FIN, and everything says its last word", "[ring]") {
    Connected connected;
    connected.ring->receive(kSlot, kReceive);
    connected.ring->enter();
    connected.ring->close(kSlot, std::span(&kReceive, 1), kClose);
    const auto last = wait_for(*connected.ring, 2);
    REQUIRE(last.size() == 2);
    std::map<Op, int> results;
    for (const Completion& completion : last) results[completion.user_data.op] = completion.result;
    CHECK(results[Op::close] == 0);
    CHECK(results[Op::receive] == -ECANCELED);
    CHECK(connected.read().empty());
    CHECK(connected.end == ReadEnd::finished);
    connected.connect({Op::connect, 2, kSlot});  // the slot is free for the next one
}

TEST_CASE("ring: a close goes through when there is nothing to cancel any more", "[ring]") {
    Connected connected;
    connected.ring->close(kSlot, std::span(&kReceive, 1), kClose);
    const auto last = wait_for(*connected.ring, 2);
    REQUIRE(last.size() == 2);
    CHECK(last[0].user_data.op == Op::none);
    CHECK(last[0].result == -ENOENT);
    CHECK(last[1].user_data.op == Op::close);
    CHECK(last[1].result == 0);
    CHECK(connected.read().empty());
    CHECK(connected.end == ReadEnd::finished);
}

TEST_CASE("ring: what does not fit into the completion queue comes with the next enter", "[ring]") {
    const auto ring = open_ring();
    const Descriptor ready(eventfd(1, EFD_CLOEXEC));
    constexpr std::uint32_t kPolls = limits::kCqEntries + 1'000;
    for (std::uint32_t i = 0; i < kPolls; ++i) ring->poll(ready, {Op::poll, 0, i});
    ring->enter();
    CHECK(ring->overflowed());
    std::vector<bool> seen(kPolls);
    std::size_t count = 0;
    for (int rounds = 0; count < kPolls && rounds < 10; ++rounds) {
        for (auto batch = ring->take_completions(); !batch.empty(); batch = ring->take_completions()) {
            for (const Completion& completion : batch) seen[completion.user_data.slot] = true;
            count += batch.size();
        }
        ring->enter();
    }
    CHECK(count == kPolls);
    CHECK(std::count(seen.begin(), seen.end(), true) == kPolls);
    CHECK_FALSE(ring->overflowed());
}

TEST_CASE("ring: the eventfd is signalled only while it is armed, and says that entering is worth it",
          "[ring]") {
    const auto ring = open_ring();
    const Descriptor source(eventfd(0, EFD_CLOEXEC));
    // An eventfd that is written from another one's wake-up is signalled a moment later.
    const auto signalled = [&] {
        pollfd one{ring->eventfd_descriptor(), POLLIN, 0};
        return ::poll(&one, 1, 50) == 1;
    };
    const auto happen = [&](Armed armed) {
        ring->signal_eventfd(armed);
        ring->poll(source, {Op::poll, 0, 1});
        ring->enter();
        CHECK_FALSE(ring->wants_enter());
        CHECK_FALSE(signalled());
        REQUIRE(eventfd_write(source, 1) == 0);
        CHECK(ring->wants_enter());
        CHECK_FALSE(ring->has_completions());
    };
    happen(Armed::no);
    CHECK_FALSE(signalled());
    REQUIRE(wait_for(*ring, 1).size() == 1);
    eventfd_t value = 0;
    REQUIRE(eventfd_read(source, &value) == 0);
    happen(Armed::yes);
    CHECK(signalled());
    CHECK(wait_for(*ring, 1).size() == 1);
}

TEST_CASE("ring: a wait ends when its time is up", "[ring]") {
    const auto ring = open_ring();
    const TimeNs start_ns = monotonic_now();
    ring->enter_and_wait(1, 20 * kMillisecond);
    const TimeNs waited_ns = monotonic_now() - start_ns;
    CHECK(waited_ns >= 20 * kMillisecond);
    CHECK(waited_ns < kPatienceNs);
    CHECK_FALSE(ring->has_completions());
}

TEST_CASE("ring: a table that the file limit refuses is an error of this machine", "[ring]") {
    auto features = probe_features("");
    REQUIRE(features.ok());
    const auto ring = Ring::open({*features, 2'000'000'000, 8, 64});
    REQUIRE_FALSE(ring.ok());
    CHECK(ring.error().fault == Fault::environment);
}

TEST_CASE("ring: a thread may have more rings than it can register", "[ring]") {
    constexpr std::size_t kRegisteredMax = 16;  // IO_RINGFD_REG_MAX
    std::vector<std::unique_ptr<Ring>> rings;
    while (rings.size() <= kRegisteredMax) rings.push_back(open_ring());
    const Descriptor listener = make_listener();
    Ring& last = *rings.back();
    REQUIRE(last.connect(kSlot, make_ipv4(0x7f4d0001, 0), local_address(listener), kConnect) == 0);
    const auto done = wait_for(last, 1);
    REQUIRE(done.size() == 1);
    CHECK(done[0].result == 0);
}
