#include "session/fan_out_board.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/times.hpp"

using namespace wsblast;
using namespace wsblast::session;
using test::kMs;
using Delivery = FanOutBoard::Delivery;
using Known = FanOutBoard::Known;

namespace {

plan::Program program_of(std::uint64_t publishers, std::uint64_t listeners) {
    plan::Program program;
    program.connections = publishers;
    program.listeners = listeners;
    return program;
}

// A board on which so many listeners of worker 0 are ready.
struct BoardFixture {
    explicit BoardFixture(std::uint64_t publishers, std::uint64_t listeners, std::uint32_t workers = 1)
        : program(program_of(publishers, listeners)), board(program, workers) {
        REQUIRE(board.ok());
        for (std::uint64_t i = 0; i < listeners; ++i) board.join(0, publishers + i);
    }
    void note(std::uint64_t publisher, std::uint64_t number, TimeNs due_ns = 0) {
        (void)board.note(publisher, number, due_ns);
    }
    // What is forgotten when so many later messages have taken its place.
    FanOutBoard::Forgotten forget(std::uint64_t publisher, std::uint64_t number) {
        for (std::uint64_t later = number + 1;; ++later) {
            const auto forgotten = board.note(publisher, later, 0);
            if (board.find(publisher, number).known != Known::yes) return forgotten;
        }
    }
    std::vector<Delivery> known() {
        std::vector<Delivery> all;
        board.for_each_known([&](const auto& forgotten) { all.push_back(forgotten.delivery); });
        return all;
    }

    plan::Program program;
    FanOutBoard board;
};

}  // namespace

TEST_CASE("fan-out board: a message that was noted is found with its due time", "[session][fan_out]") {
    BoardFixture fixture(3, 1);
    CHECK(fixture.board.note(1, 7, 50 * kMs).delivery == Delivery::none);
    CHECK(fixture.board.note(2, 7, 60 * kMs).delivery == Delivery::none);
    CHECK(fixture.board.find(1, 7).known == Known::yes);
    CHECK(fixture.board.find(1, 7).due_ns == 50 * kMs);
    CHECK(fixture.board.find(2, 7).due_ns == 60 * kMs);
}

TEST_CASE("fan-out board: what was sent before is of the warm-up, what comes later was never sent",
          "[session][fan_out]") {
    BoardFixture fixture(2, 1);
    CHECK(fixture.board.find(0, 1).known == Known::warm_up);
    fixture.note(0, 5);
    fixture.note(0, 6);
    CHECK(fixture.board.find(0, 4).known == Known::warm_up);
    CHECK(fixture.board.find(0, 6).known == Known::yes);
    CHECK(fixture.board.find(0, 7).known == Known::never);
    CHECK(fixture.board.find(1, 5).known == Known::warm_up);
}

TEST_CASE("fan-out board: as many messages are known as fit, over all publishers", "[session][fan_out]") {
    const std::uint64_t publishers = GENERATE(1, 3, 64, 10'000);
    BoardFixture fixture(publishers, 1);
    const std::uint64_t last = 2 * limits::kPublishedKnownMax;
    for (std::uint64_t number = 1; number <= last; ++number) fixture.note(0, number, number);
    std::uint64_t known = 0;
    while (fixture.board.find(0, last - known).known == Known::yes) ++known;
    CAPTURE(publishers, known);
    CHECK(fixture.board.find(0, last - known).known == Known::forgotten);
    CHECK(known >= limits::kPublishedKnownMin);
    CHECK(known <= std::max(limits::kPublishedKnownMax / publishers, limits::kPublishedKnownMin));
    CHECK(2 * known > limits::kPublishedKnownMax / publishers);
}

TEST_CASE("fan-out board: a message that came to all has the time from its first to its last delivery",
          "[session][fan_out]") {
    BoardFixture fixture(1, 3);
    fixture.note(0, 1, 10 * kMs);
    for (const TimeNs now_ns : {12 * kMs, 15 * kMs, 21 * kMs}) fixture.board.deliver(0, 0, 1, now_ns);
    const auto forgotten = fixture.forget(0, 1);
    CHECK(forgotten.delivery == Delivery::complete);
    CHECK(forgotten.spread_ns == 9 * kMs);
}

TEST_CASE("fan-out board: a message that did not come to all is told as such", "[session][fan_out]") {
    const std::uint32_t deliveries = GENERATE(0, 1, 2);
    BoardFixture fixture(1, 3);
    fixture.note(0, 1);
    for (std::uint32_t i = 0; i < deliveries; ++i) fixture.board.deliver(0, 0, 1, 5 * kMs);
    CHECK(fixture.forget(0, 1).delivery == Delivery::incomplete);
    BoardFixture unheard(1, 0);
    unheard.note(0, 1);
    CHECK(unheard.forget(0, 1).delivery == Delivery::incomplete);
}

TEST_CASE("fan-out board: the deliveries of all workers are one message's", "[session][fan_out]") {
    BoardFixture fixture(1, 2, 3);  // two listeners of worker 0
    fixture.board.join(2, 4);
    fixture.note(0, 1);
    fixture.board.deliver(0, 0, 1, 30 * kMs);
    fixture.board.deliver(2, 0, 1, 10 * kMs);
    CHECK(fixture.known() == std::vector{Delivery::incomplete});
    fixture.board.deliver(0, 0, 1, 40 * kMs);
    TimeNs spread_ns = 0;
    fixture.board.for_each_known([&](const auto& forgotten) { spread_ns = forgotten.spread_ns; });
    CHECK(spread_ns == 30 * kMs);
    CHECK(fixture.known() == std::vector{Delivery::complete});
}

TEST_CASE("fan-out board: deliveries of a message do not count for the one that takes its place",
          "[session][fan_out]") {
    BoardFixture fixture(1, 1);
    fixture.note(0, 1);
    fixture.board.deliver(0, 0, 1, kMs);
    const std::uint64_t next = 1 + limits::kPublishedKnownMax;  // of one publisher: the same place
    for (std::uint64_t number = 2; number <= next; ++number) fixture.note(0, number);
    CHECK(fixture.board.find(0, 1).known == Known::forgotten);
    const std::vector<Delivery> known = fixture.known();
    CHECK(known == std::vector<Delivery>(limits::kPublishedKnownMax, Delivery::incomplete));
}

TEST_CASE("fan-out board: a delivery is expected for each message and each listener of its channel",
          "[session][fan_out]") {
    plan::Program program = program_of(2, 5);
    program.channels = 2;
    program.target_channels = {0, 1};  // connection 0 publishes to channel 0, connection 1 to channel 1
    FanOutBoard board(program, 2);
    CHECK(board.totals().published == 0);
    for (const std::uint64_t listener : {2u, 4u, 6u}) board.join(0, listener);
    for (const std::uint64_t listener : {3u, 5u}) board.join(1, listener);
    for (std::uint64_t number = 11; number <= 14; ++number) (void)board.note(0, number, 0);
    (void)board.note(1, 1, 0);
    CHECK(board.totals().published == 5);
    CHECK(board.totals().expected == 4 * 3 + 1 * 2);
}

TEST_CASE("fan-out board: who looks a message up while others are noted never sees another one's time",
          "[session][fan_out]") {
    BoardFixture fixture(10'000, 1);  // few of each are known: places are taken again soon
    constexpr std::uint64_t kMessages = 200'000;
    std::atomic<std::uint64_t> noted{0};
    std::thread publisher([&] {
        for (std::uint64_t number = 1; number <= kMessages; ++number) {
            fixture.note(3, number, 1'000 * number);
            noted.store(number, std::memory_order_relaxed);
        }
    });
    std::uint64_t wrong = 0;
    while (noted.load(std::memory_order_relaxed) < kMessages) {
        const std::uint64_t newest = noted.load(std::memory_order_relaxed);
        for (std::uint64_t back = 0; back < std::min<std::uint64_t>(newest, 20); ++back) {
            const auto seen = fixture.board.find(3, newest - back);
            if (seen.known != Known::yes) continue;
            if (seen.due_ns != 1'000 * (newest - back)) ++wrong;
        }
    }
    publisher.join();
    CHECK(wrong == 0);
    CHECK(fixture.board.find(3, kMessages).due_ns == 1'000 * kMessages);
}
