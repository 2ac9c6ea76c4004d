#include "session/listening.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "tests/support/times.hpp"

using namespace wsblast;
using namespace wsblast::session;
using test::kMs;
using Arrival = SequenceWindow::Arrival;

namespace {

// The listeners of a run with one worker, and what they have counted.
struct ListeningFixture {
    ListeningFixture(std::uint64_t publishers, std::uint64_t listeners, std::uint32_t channels = 1)
        : program(make_program(publishers, listeners, channels)) {
        REQUIRE(listening.ok());
        for (std::uint64_t i = 0; i < listeners; ++i) board.join(0, publishers + i);
    }
    static plan::Program make_program(std::uint64_t publishers, std::uint64_t listeners,
                                      std::uint32_t channels) {
        plan::Program program;
        program.connections = publishers;
        program.listeners = listeners;
        program.channels = channels;
        program.target_channels.clear();
        for (std::uint32_t channel = 0; channel < channels; ++channel)
            program.target_channels.push_back(channel);
        return program;
    }
    void publish(std::uint32_t publisher, std::uint64_t number, TimeNs due_ns = 0) {
        (void)board.note(publisher, number, due_ns);
    }
    void hear(std::uint64_t listener, const plan::Stamp& stamp, TimeNs now_ns = 10 * kMs) {
        listening.on_message(program.connections + listener, stamp, now_ns);
    }
    [[nodiscard]] const stats::Counters& counters() const { return shard.counters; }

    plan::Program program;
    FanOutBoard board{program, 1};
    RunControl control;
    WorkerReport report;
    stats::Shard shard;
    stats::Shard warm;
    Listening listening{board, {program, control, report, shard, warm}, 0};
};

}  // namespace

TEST_CASE("sequence window: what rises is in order, with gaps or without", "[session][listening]") {
    SequenceWindow window{};
    for (const std::uint64_t number : {1u, 2u, 5u, 6u, 100u, 1'000'000u}) {
        CAPTURE(number);
        CHECK(window.note(number) == Arrival::in_order);
    }
}

TEST_CASE("sequence window: a number that has come is a duplicate, at any place near the highest",
          "[session][listening]") {
    SequenceWindow window{};
    for (std::uint64_t number = 1; number <= 200; ++number) (void)window.note(number);
    for (std::uint64_t number = 137; number <= 200; ++number) {
        CAPTURE(number);
        CHECK(window.note(number) == Arrival::duplicate);
    }
}

TEST_CASE("sequence window: a number that was passed over is out of order, once", "[session][listening]") {
    SequenceWindow window{};
    (void)window.note(10);
    (void)window.note(50);
    (void)window.note(73);  // 10 is 63 back, the furthest that is known
    for (const std::uint64_t number : {72u, 11u, 51u}) {
        CHECK(window.note(number) == Arrival::out_of_order);
        CHECK(window.note(number) == Arrival::duplicate);
    }
    CHECK(window.note(10) == Arrival::duplicate);
    CHECK(window.note(50) == Arrival::duplicate);
}

TEST_CASE("sequence window: far back everything is taken for a first copy", "[session][listening]") {
    SequenceWindow window{};
    (void)window.note(1);
    (void)window.note(65);
    CHECK(window.note(1) == Arrival::out_of_order);
    CHECK(window.note(2) == Arrival::out_of_order);
    CHECK(window.note(2) == Arrival::duplicate);
}

TEST_CASE("sequence window: it says what a list of all numbers would say", "[session][listening]") {
    Prng random(GENERATE(1u, 2u, 3u));
    SequenceWindow window{};
    std::vector<bool> come(3'000);
    std::uint64_t highest = 0;
    for (int i = 0; i < 4'000; ++i) {
        const bool next = highest == 0 || random.chance(1, 4);
        const std::uint64_t number =
            next ? highest + 1 + random.next_below(3)
                 : highest - random.next_below(std::min<std::uint64_t>(highest, 64));
        if (number >= come.size()) break;
        Arrival expected = Arrival::in_order;
        if (come[number]) expected = Arrival::duplicate;
        if (!come[number] && number < highest) expected = Arrival::out_of_order;
        CAPTURE(i, number, highest);
        REQUIRE(window.note(number) == expected);
        come[number] = true;
        highest = std::max(highest, number);
    }
    CHECK(highest > 1'000);
}

TEST_CASE("listening: a message is counted once a listener, with its way from the due time on",
          "[session][listening]") {
    ListeningFixture fixture(1, 3);
    fixture.publish(0, 1, 2 * kMs);
    fixture.hear(0, {0, 1}, 10 * kMs);
    fixture.hear(2, {0, 1}, 14 * kMs);
    CHECK(fixture.counters().pushes.get() == 2);
    const auto latency = fixture.shard.push_latency.snapshot();
    CHECK(latency.min_ns() == 8 * kMs);
    CHECK(latency.max_ns() == 12 * kMs);
    fixture.hear(0, {0, 1}, 30 * kMs);
    CHECK(fixture.counters().pushes.get() == 2);
    CHECK(fixture.counters().push_duplicates.get() == 1);
    CHECK(fixture.shard.push_latency.snapshot().count() == 2);
}

TEST_CASE("listening: a second copy makes no message complete", "[session][listening]") {
    ListeningFixture fixture(1, 2);
    fixture.publish(0, 1);
    fixture.hear(0, {0, 1});
    fixture.hear(0, {0, 1});
    std::uint64_t complete = 0;
    const auto count = [&](const FanOutBoard::Forgotten& known) {
        if (known.delivery == FanOutBoard::Delivery::complete) ++complete;
    };
    fixture.board.for_each_known(count);
    CHECK(complete == 0);
    fixture.hear(1, {0, 1});
    fixture.board.for_each_known(count);
    CHECK(complete == 1);
}

TEST_CASE("listening: order is that of each publisher at each listener", "[session][listening]") {
    ListeningFixture fixture(2, 2);
    for (std::uint64_t number = 1; number <= 3; ++number) {
        fixture.publish(0, number);
        fixture.publish(1, number);
    }
    fixture.hear(0, {0, 3});
    fixture.hear(0, {1, 1});  // another publisher
    fixture.hear(1, {0, 1});  // another listener
    CHECK(fixture.counters().push_out_of_order.get() == 0);
    fixture.hear(0, {0, 2});
    fixture.hear(0, {0, 1});
    CHECK(fixture.counters().push_out_of_order.get() == 2);
    CHECK(fixture.counters().pushes.get() == 5);
    CHECK(fixture.shard.push_latency.snapshot().count() == 5);
}

TEST_CASE("listening: each listener of a worker has a window of its own, however they are dealt out",
          "[session][listening]") {
    constexpr std::uint32_t kWorkers = 3;
    const auto first = GENERATE(as<std::uint64_t>{}, 0, 1, 2);  // of this worker's
    ListeningFixture fixture(2, 8);
    FanOutBoard board(fixture.program, kWorkers);
    Listening listening(board,
                        {fixture.program, fixture.control, fixture.report, fixture.shard, fixture.warm}, 0);
    for (const std::uint32_t publisher : {0u, 1u}) (void)board.note(publisher, 1, 0);
    std::uint64_t heard = 0;
    for (std::uint64_t listener = first; listener < 8; listener += kWorkers) {
        for (const std::uint32_t publisher : {0u, 1u}) {
            listening.on_message(2 + listener, {publisher, 1}, kMs);
            ++heard;
        }
    }
    CHECK(fixture.counters().pushes.get() == heard);
    CHECK(fixture.counters().push_duplicates.get() == 0);
}

TEST_CASE("listening: the warm-up's messages are counted nowhere", "[session][listening]") {
    ListeningFixture fixture(1, 1);
    fixture.hear(0, {0, 1});
    fixture.publish(0, 5);
    fixture.hear(0, {0, 4});
    fixture.hear(0, {0, 4});
    CHECK(fixture.counters().pushes.get() == 0);
    CHECK(fixture.counters().push_duplicates.get() == 0);
    CHECK(fixture.counters().unexpected.get() == 0);
}

TEST_CASE("listening: what was never sent, or is of another channel, is unexpected",
          "[session][listening]") {
    ListeningFixture fixture(2, 4, 2);  // connections 0, 2, 4 on one channel, 1, 3, 5 on the other
    fixture.publish(0, 1);
    fixture.hear(0, {0, 2});
    CHECK(fixture.counters().unexpected.get() == 1);
    fixture.hear(1, {0, 1});
    fixture.hear(3, {0, 1});
    CHECK(fixture.counters().unexpected.get() == 3);
    fixture.hear(0, {0, 1});
    fixture.hear(2, {0, 1});
    CHECK(fixture.counters().pushes.get() == 2);
}

TEST_CASE("listening: a message that was forgotten is counted, its time is not known",
          "[session][listening]") {
    ListeningFixture fixture(1, 1);
    const std::uint64_t last = limits::kPublishedKnownMax + 1;
    for (std::uint64_t number = 1; number <= last; ++number) fixture.publish(0, number);
    fixture.hear(0, {0, 1});
    CHECK(fixture.counters().pushes.get() == 1);
    CHECK(fixture.shard.push_latency.snapshot().empty());
    fixture.hear(0, {0, 2});
    CHECK(fixture.shard.push_latency.snapshot().count() == 1);
}
