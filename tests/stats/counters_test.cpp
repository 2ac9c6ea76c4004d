#include "stats/counters.hpp"

#include <bit>

#include <catch2/catch.hpp>

namespace wsblast::stats {

namespace {

// Field i of the plain numbers, whatever its name: the struct is an array of them.
using Numbers = std::array<std::uint64_t, sizeof(CounterValues) / sizeof(std::uint64_t)>;

}  // namespace

TEST_CASE("counters: adding adds every field to its own", "[stats][counters]") {
    Numbers numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i + 1;
    const auto more = std::bit_cast<CounterValues>(numbers);
    CounterValues sum;
    add(sum, more);
    add(sum, more);
    const auto added = std::bit_cast<Numbers>(sum);
    for (std::size_t i = 0; i < added.size(); ++i) {
        CAPTURE(i);
        REQUIRE(added[i] == 2 * (i + 1));
    }
}

TEST_CASE("counters: cells of several workers add up", "[stats][counters]") {
    Counters first;
    Counters second;
    first.sent.add(3);
    second.sent.add(4);
    second.error(ErrorKind::refused).add(2);
    CounterValues sum;
    add(sum, first);
    add(sum, second);
    REQUIRE(sum.sent == 7);
    REQUIRE(sum.error(ErrorKind::refused) == 2);
    REQUIRE(errors_total(sum) == 2);
}

TEST_CASE("counters: a difference is that of every field", "[stats][counters]") {
    Numbers earlier{};
    Numbers later{};
    for (std::size_t i = 0; i < earlier.size(); ++i) {
        earlier[i] = 7 * i;
        later[i] = 7 * i + i + 1;
    }
    const auto between = std::bit_cast<Numbers>(
        difference(std::bit_cast<CounterValues>(later), std::bit_cast<CounterValues>(earlier)));
    for (std::size_t i = 0; i < between.size(); ++i) {
        CAPTURE(i);
        REQUIRE(between[i] == i + 1);
    }
}

TEST_CASE("counters: what is in flight follows from what was sent", "[stats][counters]") {
    CounterValues values;
    values.sent = 10;
    values.received = 6;
    values.lost = 1;
    REQUIRE(in_flight(values) == 3);
    values.received = 12;  // a live copy whose `sent` is older
    REQUIRE(in_flight(values) == 0);
}

TEST_CASE("counters: only violations of the protocol are protocol errors", "[stats][counters]") {
    CounterValues values;
    values.error(ErrorKind::reserved_bits) = 2;
    values.error(ErrorKind::message_too_big) = 1;
    values.error(ErrorKind::close_timeout) = 5;
    values.error(ErrorKind::answer_timeout) = 7;
    REQUIRE(protocol_errors(values) == 3);
    REQUIRE(errors_total(values) == 15);
}

}  // namespace wsblast::stats
