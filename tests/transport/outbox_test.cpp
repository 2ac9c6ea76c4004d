#include "transport/outbox.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::transport;

namespace {

// Appends a text to the send `index` of a slot; returns the send's index.
std::uint32_t write(Outbox& outbox, std::uint32_t index, std::uint32_t slot, std::string_view text) {
    const ByteSpan room = outbox.reserve(index, text.size());
    REQUIRE(room.size() == text.size());
    std::ranges::copy(text, room.begin());
    return outbox.commit(index, slot, text.size());
}

}  // namespace

TEST_CASE("outbox: the pieces of a connection leave as one send", "[transport][outbox]") {
    Outbox outbox(4);
    REQUIRE(outbox.ok());
    CHECK(outbox.empty());
    const std::uint32_t a = write(outbox, kNoSend, 1, "one ");
    CHECK(write(outbox, a, 1, "two") == a);
    CHECK_FALSE(outbox.empty());
    const auto sends = outbox.turn();
    REQUIRE(sends.size() == 1);
    CHECK(as_text(sends[0].bytes()) == "one two");
    CHECK(sends[0].slot == 1);
    CHECK(outbox.empty());
}

TEST_CASE("outbox: a send that others wrote behind moves, and stays whole", "[transport][outbox]") {
    Outbox outbox(4);
    const std::uint32_t a = write(outbox, kNoSend, 1, "a1");
    const std::uint32_t b = write(outbox, kNoSend, 2, "b1");
    CHECK(write(outbox, a, 1, "a2") == a);
    CHECK(write(outbox, b, 2, "b2") == b);
    const auto sends = outbox.turn();
    REQUIRE(sends.size() == 2);
    CHECK(as_text(sends[a].bytes()) == "a1a2");
    CHECK(as_text(sends[b].bytes()) == "b1b2");
}

TEST_CASE("outbox: bytes of the caller's are sent in place, and copied when more follow",
          "[transport][outbox]") {
    static constexpr std::string_view kConstant = "constant";
    Outbox outbox(4);
    const std::uint32_t a = outbox.begin({as_bytes(kConstant).data(), kConstant.size(), 1});
    CHECK(outbox.written(a).data == as_bytes(kConstant).data());
    write(outbox, a, 1, " and more");
    CHECK(as_text(outbox.written(a).bytes()) == "constant and more");
    CHECK(kConstant == "constant");
}

TEST_CASE("outbox: what is committed may be less than what was reserved", "[transport][outbox]") {
    Outbox outbox(4);
    const ByteSpan room = outbox.reserve(kNoSend, 100);
    REQUIRE(room.size() == 100);
    room[0] = 'x';
    const std::uint32_t a = outbox.commit(kNoSend, 1, 1);
    write(outbox, a, 1, "y");
    CHECK(as_text(outbox.written(a).bytes()) == "xy");
}

TEST_CASE("outbox: one send has a largest size, and the arena another", "[transport][outbox]") {
    constexpr std::uint32_t kSends = limits::kArenaBytes / limits::kSendBytesMax;
    Outbox outbox(kSends + 1);
    const std::string large(limits::kSendBytesMax, 'x');
    CHECK(outbox.reserve(kNoSend, large.size() + 1).empty());
    const std::uint32_t first = write(outbox, kNoSend, 0, large);
    CHECK(outbox.reserve(first, 1).empty());
    for (std::uint32_t slot = 1; slot < kSends; ++slot) write(outbox, kNoSend, slot, large);
    CHECK(outbox.reserve(kNoSend, 1).empty());
    CHECK(outbox.turn().size() == kSends);
    CHECK(outbox.reserve(kNoSend, large.size()).size() == large.size());
}

TEST_CASE("outbox: what was submitted stays until the next turn", "[transport][outbox]") {
    Outbox outbox(4);
    write(outbox, kNoSend, 1, "first tick");
    (void)outbox.turn();
    const std::uint32_t b = write(outbox, kNoSend, 1, "second tick");
    CHECK(as_text(outbox.submitted(0).bytes()) == "first tick");
    CHECK(as_text(outbox.written(b).bytes()) == "second tick");
    (void)outbox.turn();
    CHECK(as_text(outbox.submitted(0).bytes()) == "second tick");
    CHECK(outbox.turn().empty());
}
