#include "session/ramp.hpp"

#include <set>
#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;

namespace {

constexpr TimeNs kRampStart = 7 * kSecond;

}  // namespace

TEST_CASE("ramp: the workers' shares are all connections, each once", "[session][ramp]") {
    const std::uint64_t connections = GENERATE(1, 2, 7, 64, 1001);
    const std::uint32_t workers = GENERATE(1u, 2u, 3u, 8u);
    std::set<std::uint32_t> taken;
    std::uint64_t shares = 0;
    for (std::uint32_t worker = 0; worker < workers; ++worker) {
        Ramp ramp({.connections = connections, .worker = worker, .workers = workers, .rate_per_s = {}});
        shares += ramp.share();
        std::uint64_t count = 0;
        for (; !ramp.done(); ++count) CHECK(taken.insert(ramp.take()).second);
        CHECK(count == ramp.share());
    }
    CHECK(shares == connections);
    CHECK(taken.size() == connections);
    CHECK(*taken.rbegin() == connections - 1);
}

TEST_CASE("ramp: without a rate the next one is due from the start on", "[session][ramp]") {
    Ramp ramp({.connections = 3, .rate_per_s = {}});
    CHECK(ramp.next_due_ns(0) == kNever);
    ramp.allow(3, kRampStart);
    CHECK(ramp.next_due_ns(0) == kRampStart);
    static_cast<void>(ramp.take());
    CHECK(ramp.next_due_ns(1) == kRampStart);
}

TEST_CASE("ramp: none is due beyond those that are allowed, and the rate begins anew with more",
          "[session][ramp]") {
    Ramp ramp({.connections = 100, .worker = 1, .workers = 2, .rate_per_s = 10.0});
    ramp.allow(4, kRampStart);
    CHECK(ramp.next_due_ns(0) == kRampStart + 100 * kMillisecond);
    CHECK(ramp.take() == 1);
    CHECK(ramp.next_due_ns(0) == kRampStart + 300 * kMillisecond);
    CHECK(ramp.take() == 3);
    CHECK(ramp.next_due_ns(0) == kNever);
    ramp.allow(1'000, kRampStart + 10 * kSecond);
    CHECK(ramp.next_due_ns(0) == kRampStart + 10 * kSecond + 100 * kMillisecond);
    while (!ramp.done()) static_cast<void>(ramp.take());
    CHECK(ramp.next_due_ns(0) == kNever);
}

TEST_CASE("ramp: with a rate connection i of the run is due at start + i / rate", "[session][ramp]") {
    std::vector<TimeNs> due(10);
    for (std::uint32_t worker = 0; worker < 3; ++worker) {
        Ramp ramp({.connections = due.size(), .worker = worker, .workers = 3, .rate_per_s = 4.0});
        ramp.allow(due.size(), kRampStart);
        while (!ramp.done()) {
            const TimeNs due_ns = ramp.next_due_ns(0);
            due[ramp.take()] = due_ns;
        }
    }
    for (std::size_t i = 0; i < due.size(); ++i) CHECK(due[i] == kRampStart + i * 250 * kMillisecond);
}

TEST_CASE("ramp: handshakes in flight are bounded over all workers together", "[session][ramp]") {
    const std::uint32_t workers = GENERATE(1u, 4u, 1000u);
    Ramp ramp({.connections = 100'000, .worker = 0, .workers = workers, .rate_per_s = {}});
    ramp.allow(100'000, kRampStart);
    ramp.note_handshake(kSecond);
    const std::uint32_t allowed = std::max(1u, limits::kHandshakesMax / workers);
    CHECK(ramp.next_due_ns(allowed - 1) == kRampStart);
    CHECK(ramp.next_due_ns(allowed) == kNever);
}

TEST_CASE("ramp: as many handshakes are in flight as fit into the fastest one", "[session][ramp]") {
    Ramp ramp({.connections = 100'000, .rate_per_s = {}});
    ramp.allow(100'000, kRampStart);
    const auto window = [&ramp] {
        std::uint32_t in_flight = 0;
        while (ramp.next_due_ns(in_flight) == kRampStart) ++in_flight;
        return in_flight;
    };
    CHECK(window() == limits::kHandshakesStart);
    ramp.note_handshake(kSecond);
    CHECK(window() == limits::kHandshakesMax);
    ramp.note_handshake(2 * kSecond);
    CHECK(window() == limits::kHandshakesMax);
    ramp.note_handshake(100 * limits::kHandshakeCostNs);
    CHECK(window() == 100);
    ramp.note_handshake(limits::kHandshakeCostNs);
    CHECK(window() == limits::kHandshakesStart);
}

TEST_CASE("ramp: when it is done, or stopped, none is due", "[session][ramp]") {
    Ramp ramp({.connections = 2, .rate_per_s = {}});
    ramp.allow(2, kRampStart);
    static_cast<void>(ramp.take());
    CHECK_FALSE(ramp.done());
    SECTION("done") {
        CHECK(ramp.take() == 1);
    }
    SECTION("stopped") {
        ramp.stop();
    }
    CHECK(ramp.done());
    CHECK(ramp.next_due_ns(0) == kNever);
}
