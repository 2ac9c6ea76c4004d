#include "base/mapped_array.hpp"

#include <cstdint>
#include <utility>

#include <catch2/catch.hpp>

using namespace wsblast;

namespace {

struct Pair {
    std::uint32_t left;
    std::uint32_t right;
};

}  // namespace

TEST_CASE("mapped array: every element begins as zeros", "[base][mapped_array]") {
    MappedArray<Pair> pairs(10'000);
    REQUIRE(pairs.ok());
    CHECK(pairs.size() == 10'000);
    for (const Pair& pair : pairs.span()) {
        REQUIRE(pair.left == 0);
        REQUIRE(pair.right == 0);
    }
    pairs[9'999].right = 7;
    CHECK(std::as_const(pairs)[9'999].right == 7);
}

TEST_CASE("mapped array: address space is not memory", "[base][mapped_array]") {
    MappedArray<std::uint8_t> bytes(std::size_t{1} << 33);
    REQUIRE(bytes.ok());
    bytes[bytes.size() - 1] = 1;
    CHECK(bytes[bytes.size() - 1] == 1);
}

TEST_CASE("mapped array: no elements and too many are both empty, not a fault", "[base][mapped_array]") {
    CHECK_FALSE(MappedArray<Pair>().ok());
    CHECK_FALSE(MappedArray<Pair>(0).ok());
    MappedArray<Pair> impossible(std::size_t{1} << 60);
    CHECK_FALSE(impossible.ok());
    CHECK(impossible.size() == 0);
}

TEST_CASE("mapped array: moving hands the mapping over", "[base][mapped_array]") {
    MappedArray<Pair> source(16);
    source[3].left = 5;
    MappedArray<Pair> moved(std::move(source));
    REQUIRE(moved.ok());
    CHECK(moved[3].left == 5);
    MappedArray<Pair> assigned;
    assigned = std::move(moved);
    REQUIRE(assigned.ok());
    CHECK(assigned.size() == 16);
    CHECK(assigned[3].left == 5);
}
