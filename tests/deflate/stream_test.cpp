#include "deflate/stream.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "tests/support/bytes.hpp"

namespace wsblast::deflate {

namespace {

using test::Bytes;

constexpr int kLevel = 6;

// Whole messages, taken in pieces of `in_size` and written in pieces of `out_size`.
struct Pieces {
    std::size_t in_size = ~std::size_t{0};
    std::size_t out_size = 4'096;
};

std::string text_of(Inflater& inflater, ByteView message, const Pieces& pieces = {}) {
    std::string text;
    Bytes out(pieces.out_size);
    const auto add = [&](const StreamStep& step) {
        text.append(reinterpret_cast<const char*>(out.data()), step.produced);
        return step.status;
    };
    while (!message.empty()) {
        ByteView piece = message.first(std::min(pieces.in_size, message.size()));
        message = message.subspan(piece.size());
        StreamStatus status = StreamStatus::full;
        while (status == StreamStatus::full) {
            const StreamStep step = inflater.inflate(piece, out);
            piece = piece.subspan(step.consumed);
            status = add(step);
        }
        if (status == StreamStatus::damaged) return "damaged";
    }
    StreamStatus status = StreamStatus::full;
    while (status == StreamStatus::full) status = add(inflater.finish(out));
    return status == StreamStatus::damaged ? "damaged" : text;
}

Bytes compressed(Deflater& deflater, std::string_view text, DeflateEnd end = DeflateEnd::message) {
    Bytes out(Deflater::size_max(text.size()));
    const Deflated made = deflater.deflate(as_bytes(text), end, out);
    REQUIRE(made.fits);
    out.resize(made.size);
    return out;
}

// Words at random of a few: much repeats, near and far.
std::string prose(std::size_t size) {
    Prng random(size);
    std::string text;
    while (text.size() < size) {
        text += std::string(1 + random.next() % 7, static_cast<char>('a' + random.next() % 26));
        text += std::to_string(random.next() % 100);
    }
    text.resize(size);
    return text;
}

}  // namespace

TEST_CASE("inflater: the examples of RFC 7692 7.2.3", "[deflate]") {
    const Pieces pieces{GENERATE(as<std::size_t>{}, 1, 3, 100), GENERATE(as<std::size_t>{}, 1, 2, 100)};
    Inflater inflater(kWindowBitsMax);
    const auto read = [&](const Bytes& message) { return text_of(inflater, message, pieces); };
    SECTION("one block, and the next message that refers to it") {
        CHECK(read({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}) == "Hello");
        CHECK(read({0xf2, 0x00, 0x11, 0x00, 0x00}) == "Hello");
    }
    SECTION("a block that is not compressed") {
        CHECK(read({0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00}) == "Hello");
    }
    SECTION("a last block is no end of what may be referred to") {
        CHECK(read({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}) == "Hello");
        CHECK(read({0xf2, 0x00, 0x11, 0x00, 0x00}) == "Hello");
    }
    SECTION("two blocks") {
        CHECK(read({0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00}) ==
              "Hello");
    }
    SECTION("nothing") {
        CHECK(read({0x00}).empty());
        CHECK(read({0x02, 0x00}).empty());
    }
}

TEST_CASE("inflater: what was forgotten cannot be referred to", "[deflate]") {
    Inflater inflater(kWindowBitsMax);
    CHECK(text_of(inflater, Bytes{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}) == "Hello");
    inflater.reset(kWindowBitsMax);
    CHECK(text_of(inflater, Bytes{0xf2, 0x00, 0x11, 0x00, 0x00}) == "damaged");
    inflater.reset(kWindowBitsMin);
    CHECK(text_of(inflater, Bytes{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}) == "Hello");
}

TEST_CASE("inflater: no deflate is damaged, and so is one that is cut off", "[deflate]") {
    Inflater inflater(kWindowBitsMax);
    CHECK(text_of(inflater, Bytes{0xff, 0xff, 0xff}) == "damaged");
    const Bytes whole{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00};
    for (std::size_t size = 1; size + 1 < whole.size(); ++size) {
        inflater.reset(kWindowBitsMax);
        CAPTURE(size);
        CHECK(text_of(inflater, ByteView(whole).first(size)) == "damaged");
    }
}

TEST_CASE("deflater and inflater: every window, with and without what was before", "[deflate]") {
    const int bits = GENERATE(range(kWindowBitsMin, kWindowBitsMax + 1));
    const bool takeover = GENERATE(false, true);
    Deflater deflater(bits, kLevel);
    Inflater inflater(bits);
    REQUIRE(deflater.ok());
    REQUIRE(inflater.ok());
    std::size_t sum = 0;
    for (const std::size_t size : {1u, 300u, 5'000u, 5'000u, 200'000u, 0u, 7u}) {
        const std::string text = prose(size);
        const Bytes message = compressed(deflater, text);
        sum += message.size();
        // A window of that size is all that an output of one byte leaves to refer to.
        const Pieces pieces{GENERATE(as<std::size_t>{}, 1'000'000), size > 5'000 ? 64u : 1u};
        CHECK(text_of(inflater, message, pieces) == text);
        if (takeover) continue;
        deflater.reset();
        inflater.reset(bits);
    }
    CHECK(sum < 150'000);
}

TEST_CASE("deflater: what repeats over messages is small where it is remembered", "[deflate]") {
    Deflater deflater(kWindowBitsMax, kLevel);
    const std::string text = prose(3'000);
    const std::size_t first = compressed(deflater, text).size();
    CHECK(compressed(deflater, text).size() < first / 10);
    deflater.reset();
    CHECK(compressed(deflater, text).size() == first);
}

TEST_CASE("deflater: parts are one message, and after a restart stand alone", "[deflate]") {
    Deflater deflater(kWindowBitsMax, kLevel);
    const std::string text = prose(3'000);
    const Bytes first = compressed(deflater, text, DeflateEnd::restart);
    const Bytes second = compressed(deflater, text, DeflateEnd::part);
    CHECK(second.size() > first.size() - 10);
    const Bytes third = compressed(deflater, text);
    CHECK(third.size() < second.size() / 10);
    Bytes all = first;
    all.insert(all.end(), second.begin(), second.end());
    all.insert(all.end(), third.begin(), third.end());
    Inflater inflater(kWindowBitsMax);
    CHECK(text_of(inflater, all) == text + text + text);
    inflater.reset(kWindowBitsMax);
    CHECK(text_of(inflater, ByteView(all).subspan(first.size())) == text + text);
}

TEST_CASE("deflater: nothing is one byte, however often", "[deflate]") {
    Deflater deflater(kWindowBitsMax, kLevel);
    Inflater inflater(kWindowBitsMax);
    for (int i = 0; i < 3; ++i) CHECK(text_of(inflater, compressed(deflater, "")).empty());
    CHECK(text_of(inflater, compressed(deflater, "after all")) == "after all");
    CHECK(compressed(deflater, "") == Bytes{0x00});
}

TEST_CASE("deflater: too little room is told", "[deflate]") {
    Deflater deflater(kWindowBitsMax, kLevel);
    const std::string text = prose(1'000);
    Bytes out(20);
    CHECK_FALSE(deflater.deflate(as_bytes(text), DeflateEnd::message, out).fits);
    deflater.reset();
    Inflater inflater(kWindowBitsMax);
    CHECK(text_of(inflater, compressed(deflater, text)) == text);
}

TEST_CASE("deflater: size_max is enough for what does not compress", "[deflate]") {
    for (const std::size_t size : {0u, 1u, 100u, 16'383u, 65'536u, 1'000'003u}) {
        Prng random(size);
        std::string noise(size, ' ');
        for (char& byte : noise) byte = static_cast<char>(random.next());
        Deflater deflater(GENERATE(kWindowBitsMin, kWindowBitsMax), kLevel);
        Inflater inflater(kWindowBitsMax);
        CHECK(text_of(inflater, compressed(deflater, noise, DeflateEnd::message)) == noise);
    }
}

TEST_CASE("deflater: with less memory it finds less, and is inflated the same", "[deflate][stream]") {
    const int memory_level = GENERATE(1, 5, kMemoryLevelUsual);
    const int bits = GENERATE(9, 15);
    const std::string text = prose(5'000);
    Deflater deflater(bits, 1, memory_level);
    REQUIRE(deflater.ok());
    Inflater inflater(bits);
    const Bytes first = compressed(deflater, text);
    CHECK(text_of(inflater, first) == text);
    const Bytes second = compressed(deflater, text);
    CHECK(text_of(inflater, second) == text);
    if (bits == 15) CHECK(second.size() < first.size() / 2);
}

TEST_CASE("deflater: its memory is four times the window, and what the level says", "[deflate][stream]") {
    CHECK(Deflater::memory_bytes(15) == 268'288);
    CHECK(Deflater::memory_bytes(15, 5) == 150 * kKiB);
    CHECK(Deflater::memory_bytes(8, 5) == Deflater::memory_bytes(9, 5));
    CHECK(Inflater::memory_bytes(15) == 39 * kKiB);
}

}  // namespace wsblast::deflate
