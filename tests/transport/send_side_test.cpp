// Sending, on the real kernel: what is committed arrives whole and in order, whatever the window does.
#include "transport/send_side.hpp"

#include <deque>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/byte_stream.hpp"
#include "tests/support/sockets.hpp"
#include "tests/transport/kernel_rig.hpp"

using namespace wsblast;
using namespace wsblast::test;
using namespace wsblast::transport;

namespace {

constexpr std::uint64_t kBytes = 6 * kMiB;  // more than both ends of a connection buffer

enum class Pieces { copied, referenced, mixed };

// One connection that commits a stream as fast as it is let, and its peer that checks it.
class Sender {
  public:
    Sender(KernelRig& rig, int listener, Pieces pieces) : rig_(rig), pieces_(pieces), random_(7) {
        cid_ = rig.connect();
        peer_ = accept_one(listener);
        REQUIRE(peer_ >= 0);
    }

    [[nodiscard]] bool done() const { return committed_ == kBytes; }
    [[nodiscard]] std::uint64_t committed() const { return committed_; }
    [[nodiscard]] std::uint64_t read() const { return read_; }
    [[nodiscard]] ConnectionId cid() const { return cid_; }

    // A tick's worth of pieces; ends early when there is no room.
    void write() {
        for (int pieces = 0; pieces < 20 && !done(); ++pieces) {
            const std::uint64_t size =
                std::min<std::uint64_t>(1 + random_.next_below(9'000), kBytes - committed_);
            const bool by_reference =
                pieces_ == Pieces::referenced || (pieces_ == Pieces::mixed && random_.chance(1, 3));
            if (!(by_reference ? refer(size) : copy(size))) return;
            committed_ += size;
        }
    }

    // Checks what has come, at most `size_max` bytes of it.
    ReadEnd read_and_check(std::size_t size_max) {
        std::string text;
        const ReadEnd end = read_into(text, peer_, size_max);
        const bool right = matches(as_bytes(text), cid_, read_);
        REQUIRE(right);
        read_ += text.size();
        return end;
    }

  private:
    bool copy(std::uint64_t size) {
        const ByteSpan room = rig_.transport->reserve(cid_, size);
        if (room.empty()) return false;
        fill(room, cid_, committed_);
        rig_.transport->commit(cid_, size);
        return true;
    }
    bool refer(std::uint64_t size) {
        std::vector<std::uint8_t>& bytes = constants_.emplace_back(size);
        fill(bytes, cid_, committed_);
        return rig_.transport->commit_ref(cid_, bytes);
    }

    KernelRig& rig_;
    Pieces pieces_;
    Prng random_;
    ConnectionId cid_ = 0;
    Descriptor peer_;
    std::uint64_t committed_ = 0;
    std::uint64_t read_ = 0;
    std::deque<std::vector<std::uint8_t>> constants_;
};

// Ticks until a sender is refused room again and again: the window is closed.
void fill_window(KernelRig& rig, Sender& sender) {
    for (std::uint64_t before = kBytes; before != sender.committed(); rig.run_for(2 * kMillisecond)) {
        before = sender.committed();
        for (int ticks = 0; ticks < 10; ++ticks) {
            sender.write();
            rig.tick();
        }
    }
    REQUIRE_FALSE(sender.done());
    REQUIRE_FALSE(rig.send(sender.cid(), "x"));
}

}  // namespace

TEST_CASE("send side: a closed window loses no byte and doubles none", "[transport][kernel]") {
    const Pieces pieces = GENERATE(Pieces::copied, Pieces::referenced, Pieces::mixed);
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener),
                                {.stamps = GENERATE(ring::Stamps::none, ring::Stamps::kernel)});
    Sender sender(rig, listener, pieces);
    fill_window(rig, sender);
    CHECK(rig.transport->counters().short_sends > 0);
    const std::uint32_t rooms = rig.ears[sender.cid()].rooms;
    std::size_t appetite = 1'000;  // the peer reads slowly at first
    rig.run_until([&] {
        (void)sender.read_and_check(appetite);
        appetite = std::min<std::size_t>(appetite + 10'000, 400'000);
        sender.write();
        return sender.done();
    });
    CHECK(rig.ears[sender.cid()].rooms > rooms);
    rig.transport->close(sender.cid(), CloseMode::graceful);
    rig.run_until([&] { return sender.read_and_check(1 * kMiB) == ReadEnd::finished; });
    CHECK(sender.read() == kBytes);
    rig.run_until([&] { return rig.ears[sender.cid()].ends == 1; });
    CHECK(rig.ears[sender.cid()].last.cause == CloseCause::local);
}

TEST_CASE("send side: a connection whose peer does not read holds up no other", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener));
    Sender stuck(rig, listener, Pieces::mixed);
    Sender other(rig, listener, Pieces::mixed);
    fill_window(rig, stuck);
    rig.run_until([&] {
        other.write();
        (void)other.read_and_check(1 * kMiB);
        return other.done() && other.read() == kBytes;
    });
    CHECK(stuck.read() == 0);
    rig.run_until([&] {
        stuck.write();
        (void)stuck.read_and_check(1 * kMiB);
        return stuck.done() && stuck.read() == kBytes;
    });
}

TEST_CASE("send side: a peer that is gone ends the connection, also while a rest waits",
          "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener));
    const ConnectionId cid = [&] {
        Sender sender(rig, listener, Pieces::copied);
        fill_window(rig, sender);
        return sender.cid();
    }();  // its peer is closed with bytes unread: a reset
    rig.run_until([&] { return rig.ears[cid].ends == 1; });
    CHECK(rig.ears[cid].last.cause == CloseCause::reset);
    CHECK(rig.connect() == cid);
}

TEST_CASE("send side: an abort drops what waits for room and frees the id", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener));
    Sender sender(rig, listener, Pieces::mixed);
    fill_window(rig, sender);
    rig.transport->close(sender.cid(), CloseMode::abort);
    rig.run_until([&] { return rig.ears[sender.cid()].ends == 1; });
    CHECK(rig.ears[sender.cid()].last.cause == CloseCause::local);
    CHECK(rig.connect() == sender.cid());
}

TEST_CASE("send side: a commit of nothing sends nothing", "[transport][kernel]") {
    const Descriptor listener = make_listener();
    KernelRig rig = make_client(local_address(listener));
    const ConnectionId first = rig.connect();
    const Descriptor first_peer = accept_one(listener);
    const ConnectionId second = rig.connect();
    const Descriptor second_peer = accept_one(listener);
    REQUIRE_FALSE(rig.transport->reserve(first, 10).empty());
    rig.transport->commit(first, 0);
    REQUIRE(rig.send(second, "second"));
    rig.tick();
    REQUIRE(rig.send(second, "again"));
    REQUIRE(rig.send(first, "first"));
    rig.tick();
    std::string of_first;
    std::string of_second;
    rig.run_until([&] {
        read_into(of_first, first_peer);
        read_into(of_second, second_peer);
        return of_first.size() >= 5 && of_second.size() >= 11;
    });
    CHECK(of_first == "first");
    CHECK(of_second == "secondagain");
}
