#include "base/prng.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <catch2/catch.hpp>

using namespace wsblast;

TEST_CASE("prng: draw is a pure function of seed, stream and index", "[base][prng]") {
    constexpr std::uint64_t kDrawn = draw(1, Stream::mask_key, 0);
    CHECK(draw(1, Stream::mask_key, 0) == kDrawn);
    CHECK(draw(2, Stream::mask_key, 0) != kDrawn);
    CHECK(draw(1, Stream::user_name, 0) != kDrawn);
    CHECK(draw(1, Stream::mask_key, 1) != kDrawn);
}

TEST_CASE("prng: streams of neighbouring seeds and indexes share no number", "[base][prng]") {
    std::set<std::uint64_t> seen;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        for (Stream stream : {Stream::mask_key, Stream::handshake_key, Stream::user_name, Stream::fault}) {
            for (std::uint64_t index = 0; index < 100; ++index) seen.insert(draw(seed, stream, index));
        }
    }
    CHECK(seen.size() == 20 * 4 * 100);
}

TEST_CASE("prng: below stays below its bound and reaches every value", "[base][prng]") {
    CHECK(below(0, 1) == 0);
    CHECK(below(~std::uint64_t{0}, 1) == 0);
    CHECK(below(~std::uint64_t{0}, 1'000) == 999);
    std::array<int, 10> count{};
    Prng random(7);
    for (int i = 0; i < 10'000; ++i) ++count.at(random.next_below(count.size()));
    for (int hits : count) {
        CHECK(hits > 850);
        CHECK(hits < 1'150);
    }
}

TEST_CASE("prng: a sequence repeats for its seed and chance keeps its odds", "[base][prng]") {
    Prng first(42);
    Prng second(42);
    for (int i = 0; i < 100; ++i) REQUIRE(first.next() == second.next());
    int hits = 0;
    for (int i = 0; i < 10'000; ++i) {
        if (first.chance(1, 4)) ++hits;
    }
    CHECK(hits > 2'300);
    CHECK(hits < 2'700);
    for (int i = 0; i < 100; ++i) {
        CHECK_FALSE(first.chance(0, 5));
        CHECK(first.chance(5, 5));
    }
}

TEST_CASE("prng: a sample has exactly so many, and everybody has the same chance", "[base][prng]") {
    const std::uint64_t passing = 50;
    const std::uint64_t wanted = GENERATE(0, 1, 13, 50, 70);
    std::array<int, passing> hits{};
    constexpr int kDraws = 4'000;
    for (int seed = 0; seed < kDraws; ++seed) {
        Sample sample(static_cast<std::uint64_t>(seed), wanted, passing);
        std::uint64_t taken = 0;
        for (int& hit : hits) {
            if (!sample.take()) continue;
            ++taken;
            ++hit;
        }
        CHECK(taken == std::min(wanted, passing));
        CHECK_FALSE(sample.take());
    }
    const double expected = kDraws * std::min(1.0, static_cast<double>(wanted) / passing);
    for (const int hit : hits) CHECK(std::abs(hit - expected) <= 5 * std::sqrt(expected) + 1);
}

TEST_CASE("prng: a random seed is short enough to be typed again", "[base][prng]") {
    std::set<std::uint64_t> seeds;
    for (int i = 0; i < 8; ++i) seeds.insert(random_seed());
    CHECK(seeds.size() > 1);
    CHECK(*seeds.rbegin() <= 0xffff'ffffu);
}
