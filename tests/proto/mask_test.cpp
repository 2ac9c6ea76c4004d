#include "proto/mask.hpp"

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::proto;
using test::Bytes;

namespace {

Bytes random_bytes(std::size_t size, std::uint64_t seed) {
    Bytes bytes(size);
    Prng prng(seed);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(prng.next());
    return bytes;
}

// The definition, RFC 6455 5.3.
Bytes masked_plainly(ByteView bytes, const MaskKey& key, std::size_t offset) {
    Bytes out(bytes.begin(), bytes.end());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] ^= key[(offset + i) % 4];
    return out;
}

}  // namespace

TEST_CASE("mask: every size, offset and alignment agrees with the definition", "[proto][mask]") {
    constexpr std::size_t kSizeMax = 150;
    const Bytes input = random_bytes(kSizeMax, 1);
    test::GuardedMemory source(kSizeMax);
    test::GuardedMemory target(kSizeMax);
    for (std::size_t size = 0; size <= kSizeMax; ++size) {  // the tail's size sets the alignment too
        const ByteView bytes = ByteView(input).first(size);
        for (std::size_t offset = 0; offset < 9; ++offset) {
            const ByteSpan out = target.tail(size);
            mask_copy(out, source.place(bytes), test::kKey, offset);
            REQUIRE(Bytes(out.begin(), out.end()) == masked_plainly(bytes, test::kKey, offset));
        }
    }
}

TEST_CASE("mask: in place gives the same, and twice gives the input", "[proto][mask]") {
    for (const std::size_t size : {1u, 7u, 20u, 125u, 200u, 4'099u}) {
        const Bytes input = random_bytes(size, size);
        Bytes bytes = input;
        mask_in_place(bytes, test::kKey, 3);
        CHECK(bytes == masked_plainly(input, test::kKey, 3));
        mask_in_place(bytes, test::kKey, 3);
        CHECK(bytes == input);
    }
}

TEST_CASE("mask: a payload may be masked in pieces", "[proto][mask]") {
    const Bytes input = random_bytes(61, 5);
    test::for_every_split(input, [&](test::SplitInput& split) {
        Bytes out;
        while (!split.done()) {
            const ByteView piece = split.next();
            const std::size_t offset = out.size();
            out.resize(offset + piece.size());
            mask_copy(ByteSpan(out).subspan(offset), piece, test::kKey, offset);
        }
        REQUIRE(out == masked_plainly(input, test::kKey, 0));
    });
}

TEST_CASE("mask: bytes behind the destination stay as they are", "[proto][mask]") {
    Bytes out(40, 0xee);
    const Bytes input = random_bytes(31, 6);
    mask_copy(out, input, test::kKey);
    CHECK(Bytes(out.begin() + 31, out.end()) == Bytes(9, 0xee));
}
