#include "base/chunk_pool.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

using namespace wsblast;

TEST_CASE("chunk pool: a chunk is the next power of two", "[base][chunk_pool]") {
    ChunkPool pool(kMiB);
    CHECK(pool.take(1).size() == 256);
    CHECK(pool.take(256).size() == 256);
    CHECK(pool.take(257).size() == 512);
    CHECK(pool.take(5'000).size() == 8'192);
}

TEST_CASE("chunk pool: nothing is given beyond its size or the largest chunk", "[base][chunk_pool]") {
    ChunkPool small(1'024);
    REQUIRE(small.take(512).size() == 512);
    CHECK(small.take(1'024).empty());
    CHECK(small.take(512).size() == 512);
    CHECK(small.take(1).empty());
    ChunkPool large(8 * kMiB);
    CHECK(large.take(ChunkPool::kChunkMax).size() == ChunkPool::kChunkMax);
    CHECK(large.take(ChunkPool::kChunkMax + 1).empty());
    CHECK(large.take(~std::size_t{0}).empty());
}

TEST_CASE("chunk pool: what comes back is given out again", "[base][chunk_pool]") {
    ChunkPool pool(1'024);
    const ByteSpan first = pool.take(1'024);
    REQUIRE(first.size() == 1'024);
    CHECK(pool.take(1'024).empty());
    pool.give({});
    CHECK(pool.take(1'024).empty());
    pool.give(first);
    CHECK(pool.take(900).data() == first.data());
}

TEST_CASE("chunk pool: growing keeps the first bytes and gives the old chunk back", "[base][chunk_pool]") {
    ChunkPool pool(4'096);
    const ByteSpan small = pool.take(256);
    for (std::size_t i = 0; i < small.size(); ++i) small[i] = static_cast<std::uint8_t>(i);
    CHECK(pool.grow(small, 200, 256).data() == small.data());
    const ByteSpan large = pool.grow(small, 200, 1'000);
    REQUIRE(large.size() == 1'024);
    for (std::size_t i = 0; i < 200; ++i) REQUIRE(large[i] == i);
    CHECK(pool.take(256).data() == small.data());
    CHECK(pool.grow(large, 10, 8'192).empty());
    CHECK(large[199] == 199);
}

TEST_CASE("chunk pool: random traffic never overlaps and never leaks", "[base][chunk_pool]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Prng random(seed);
    struct Held {
        ByteSpan chunk;
        std::uint8_t mark;
    };
    ChunkPool pool(64 * kMiB);
    std::vector<Held> held;
    for (int step = 0; step < 20'000; ++step) {
        if (held.size() < 64 && random.chance(3, 5)) {
            const std::size_t size = 1 + random.next_below(64 * kKiB);
            const ByteSpan chunk = pool.take(size);
            REQUIRE(chunk.size() >= size);
            const auto mark = static_cast<std::uint8_t>(random.next());
            chunk.front() = chunk.back() = mark;
            held.push_back({chunk, mark});
        } else if (!held.empty()) {
            std::swap(held[random.next_below(held.size())], held.back());
            REQUIRE(held.back().chunk.front() == held.back().mark);
            REQUIRE(held.back().chunk.back() == held.back().mark);
            pool.give(held.back().chunk);
            held.pop_back();
        }
    }
    // At most 64 chunks of each of the 9 classes up to 64 KiB were ever out: under 9 MiB of the 64.
    for (int i = 0; i < 25; ++i) CHECK_FALSE(pool.take(ChunkPool::kChunkMax).empty());
}
