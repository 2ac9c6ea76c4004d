#include "deflate/deflate.hpp"

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "tests/support/bytes.hpp"

namespace wsblast::deflate {

namespace {

using test::Bytes;

Bytes random_bytes(std::size_t count) {
    Prng random(count);
    Bytes bytes(count);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
    return bytes;
}

}  // namespace

TEST_CASE("deflate: what was compressed comes back", "[deflate]") {
    const std::size_t size = GENERATE(as<std::size_t>{}, 1, 2, 100, 65'536, 1'000'003);
    const Bytes bytes = GENERATE_COPY(Bytes(size, 7), random_bytes(size));
    const Bytes compressed = compress(bytes);
    CHECK(decompress(compressed, size) == bytes);
    CHECK(decompress(compressed, size + 1'000) == bytes);
}

TEST_CASE("deflate: it is zlib's format, of nothing too", "[deflate]") {
    const Bytes compressed = compress({});
    // RFC 1950: deflate with a window of 32 KiB, the default level; an empty block; Adler-32 of nothing.
    CHECK(compressed == Bytes{0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01});
    CHECK(decompress(compressed, 10).empty());
}

TEST_CASE("deflate: what repeats becomes small, what does not hardly grows", "[deflate]") {
    CHECK(compress(Bytes(100'000, 7)).size() < 200);
    CHECK(compress(random_bytes(100'000)).size() < 100'100);
}

TEST_CASE("deflate: more than is allowed is nothing", "[deflate]") {
    const Bytes compressed = compress(Bytes(1'000, 7));
    CHECK(decompress(compressed, 999).empty());
    CHECK(decompress(compressed, 0).empty());
    CHECK(decompress(compressed, 1'000).size() == 1'000);
}

TEST_CASE("deflate: damaged bytes are nothing", "[deflate]") {
    const Bytes compressed = compress(random_bytes(300));
    CHECK(decompress({}, 300).empty());
    for (std::size_t at = 0; at < compressed.size(); ++at) {
        Bytes damaged = compressed;
        damaged[at] ^= 1;
        CAPTURE(at);
        CHECK(decompress(damaged, 300).empty());
    }
    for (std::size_t size = 0; size < compressed.size(); ++size)
        CHECK(decompress(ByteView(compressed).first(size), 300).empty());
}

}  // namespace wsblast::deflate
