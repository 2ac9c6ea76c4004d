#include "stats/cell.hpp"

#include <thread>

#include <catch2/catch.hpp>

namespace wsblast::stats {

TEST_CASE("cell: adds and subtracts what it is told", "[stats][cell]") {
    Cell cell;
    REQUIRE(cell.get() == 0);
    cell.add();
    cell.add(41);
    cell.subtract(2);
    REQUIRE(cell.get() == 40);
}

TEST_CASE("cell: a peak never falls and a minimum never rises", "[stats][cell]") {
    Cell peak;
    peak.raise_to(7);
    peak.raise_to(3);
    REQUIRE(peak.get() == 7);
    Cell lowest(7);
    lowest.lower_to(9);
    REQUIRE(lowest.get() == 7);
    lowest.lower_to(3);
    REQUIRE(lowest.get() == 3);
}

TEST_CASE("cell: a reader never sees half of a value", "[stats][cell]") {
    constexpr std::uint64_t kStep = 0x1'0000'0001;  // both halves count
    constexpr std::uint64_t kSteps = 200'000;
    Cell cell;
    std::thread writer([&] {
        for (std::uint64_t i = 0; i < kSteps; ++i) cell.add(kStep);
    });
    std::uint64_t last = 0;
    std::uint64_t torn = 0;
    while (last != kStep * kSteps) {
        const std::uint64_t seen = cell.get();
        if (seen % kStep != 0 || seen < last) ++torn;
        last = seen;
    }
    writer.join();
    REQUIRE(torn == 0);
}

}  // namespace wsblast::stats
