#include "session/deflations.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "deflate/stream.hpp"
#include "tests/support/bytes.hpp"

using namespace wsblast;
using namespace wsblast::session;
using test::Bytes;

namespace {

constexpr std::string_view kSentence = "what was said once need not be said again, it need not";
constexpr std::uint64_t kOneBytes = 153'600;  // of a deflater of 15 bits

Bytes compressed(Deflations& deflations, transport::ConnectionId cid, std::string_view text = kSentence) {
    const ByteView made = deflations.compress(cid, as_bytes(text));
    return {made.begin(), made.end()};
}

std::string inflated(deflate::Inflater& inflater, const Bytes& message) {
    Bytes out(limits::kSendBytesMax + 1);
    const deflate::StreamStep first = inflater.inflate(message, out);
    const deflate::StreamStep last = inflater.finish(ByteSpan(out).subspan(first.produced));
    if (last.status != deflate::StreamStatus::consumed) return "damaged";
    return std::string(as_text(ByteView(out).first(first.produced + last.produced)));
}

}  // namespace

TEST_CASE("deflations of a client: each connection remembers its own messages", "[session][deflations]") {
    MemoryBudget budget(1'024 * kMiB);
    Deflations deflations(8, budget);
    REQUIRE(deflations.ok());
    CHECK_FALSE(deflations.agreed(1));
    REQUIRE((deflations.agree(1, {}) && deflations.agree(2, {})));
    CHECK(deflations.agreed(1));
    const Bytes first = compressed(deflations, 1);
    CHECK(compressed(deflations, 2) == first);
    const Bytes second = compressed(deflations, 1);
    CHECK(second.size() < first.size() / 4);
    deflate::Inflater inflater(15);
    CHECK(inflated(inflater, first) == kSentence);
    CHECK(inflated(inflater, second) == kSentence);
    CHECK(deflations.made() == 2);
}

TEST_CASE("deflations of a client: what is given back has forgotten everything", "[session][deflations]") {
    MemoryBudget budget(1'024 * kMiB);
    Deflations deflations(8, budget);
    REQUIRE(deflations.agree(1, {}));
    const Bytes first = compressed(deflations, 1);
    deflations.drop(1);
    CHECK_FALSE(deflations.agreed(1));
    const std::uint64_t left = budget.left_bytes();
    REQUIRE(deflations.agree(5, {}));
    CHECK(compressed(deflations, 5) == first);
    CHECK(deflations.made() == 1);
    CHECK(budget.left_bytes() == left);
    // Another window is another deflater.
    deflations.drop(5);
    REQUIRE(deflations.agree(5, {.window_bits = 9}));
    CHECK(deflations.made() == 2);
}

TEST_CASE("deflations of a client: none refers further back than the window that was agreed",
          "[session][deflations]") {
    const std::uint8_t bits = GENERATE(as<std::uint8_t>{}, 8, 9, 12, 15);
    MemoryBudget budget(1'024 * kMiB);
    Deflations deflations(1, budget);
    REQUIRE(deflations.agree(0, {.window_bits = bits}));
    deflate::Inflater inflater(bits);
    std::string text;
    for (int i = 0; text.size() < 20'000; ++i) text += std::to_string(i * i) + ",";
    for (int times = 0; times < 3; ++times) {
        CHECK(inflated(inflater, compressed(deflations, 0, text)) == text);
        CHECK(inflated(inflater, compressed(deflations, 0, {})).empty());
    }
}

TEST_CASE("deflations of a client: the largest message that is sent fits", "[session][deflations]") {
    MemoryBudget budget(1'024 * kMiB);
    Deflations deflations(1, budget);
    REQUIRE(deflations.agree(0, {}));
    std::string noise(limits::kSendBytesMax, '\0');
    std::uint32_t random = 1;
    for (char& byte : noise) byte = static_cast<char>((random = random * 1'664'525 + 1'013'904'223) >> 24);
    deflate::Inflater inflater(15);
    for (int times = 0; times < 2; ++times)
        CHECK(inflated(inflater, compressed(deflations, 0, noise)) == noise);
}

TEST_CASE("deflations of a client: messages that stand alone share a deflater", "[session][deflations]") {
    MemoryBudget budget(1'024 * kMiB);
    Deflations deflations(8, budget);
    REQUIRE(deflations.agree(1, {.alone = true}));
    REQUIRE(deflations.agree(2, {.alone = true}));
    const Bytes first = compressed(deflations, 1);
    CHECK(compressed(deflations, 1) == first);
    CHECK(compressed(deflations, 2) == first);
    deflations.drop(1);
    CHECK(compressed(deflations, 2) == first);
    CHECK(deflations.made() == 1);
}

TEST_CASE("deflations of a client: where there is no memory nothing is agreed on",
          "[session][deflations]") {
    MemoryBudget budget(2 * kOneBytes);
    Deflations deflations(8, budget);
    REQUIRE((deflations.agree(1, {}) && deflations.agree(2, {})));
    CHECK_FALSE(deflations.agree(3, {}));
    CHECK_FALSE(deflations.agreed(3));
    CHECK_FALSE(deflations.agree(3, {.alone = true}));
    deflations.drop(1);
    CHECK(deflations.agree(3, {}));
}
