#include "proto/close_code.hpp"

#include <catch2/catch.hpp>

#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::proto;
using test::Bytes;

namespace {

Bytes encoded(const CloseFrame& close) {
    Bytes bytes(kControlFrameMax);
    bytes.resize(encode_close_frame(bytes, close, std::nullopt));
    return bytes;
}

}  // namespace

TEST_CASE("close codes: exactly 1000-1003, 1007-1014 and 3000-4999 may stand on the wire",
          "[proto][close]") {
    std::size_t allowed = 0;
    for (std::uint32_t code = 0; code <= 0xffff; ++code) {
        allowed += is_wire_close_code(static_cast<CloseCode>(code)) ? 1 : 0;
    }
    CHECK(allowed == 4 + 8 + 2000);
    for (const int code : {1000, 1003, 1007, 1014, 3000, 4999})
        CHECK(is_wire_close_code(static_cast<CloseCode>(code)));
    for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000}) {
        CHECK_FALSE(is_wire_close_code(static_cast<CloseCode>(code)));
    }
}

TEST_CASE("close payload: an empty one is 1005, one byte is a violation", "[proto][close]") {
    CloseFrame close;
    CHECK(parse_close_payload({}, close) == Violation::none);
    CHECK(close.code == close_code::kNone);
    CHECK(parse_close_payload(Bytes{0x03}, close) == Violation::bad_close_payload);
}

TEST_CASE("close payload: code and reason are checked", "[proto][close]") {
    CloseFrame close;
    const Bytes sound{0x03, 0xe9, 'b', 'y', 'e'};
    REQUIRE(parse_close_payload(sound, close) == Violation::none);
    CHECK(close.code == close_code::kGoingAway);
    CHECK(close.reason == "bye");
    CHECK(parse_close_payload(Bytes{0x03, 0xed}, close) == Violation::bad_close_code);
    CHECK(parse_close_payload(Bytes{0x03, 0xe8, 0xce}, close) == Violation::bad_utf8);
}

TEST_CASE("close frame: what is encoded is what is parsed", "[proto][close]") {
    const Bytes bytes = encoded({.code = 1000, .reason = "done"});
    CHECK(bytes == Bytes{0x88, 0x06, 0x03, 0xe8, 'd', 'o', 'n', 'e'});
    CHECK(encoded({}) == Bytes{0x88, 0x00});
    Bytes masked(kControlFrameMax);
    masked.resize(encode_close_frame(masked, {.code = 1001, .reason = ""}, test::kKey));
    CHECK(masked == Bytes{0x88, 0x82, 0x37, 0xfa, 0x21, 0x3d, 0x03 ^ 0x37, 0xe9 ^ 0xfa});
}

TEST_CASE("close frame: a long reason is cut at the border of a character", "[proto][close]") {
    CHECK(encoded({.code = 1000, .reason = std::string(200, 'x')}).size() == 2 + kControlPayloadMax);
    const std::string reason = std::string(kCloseReasonMax - 1, 'x') + "\xc3\xa4";
    const Bytes bytes = encoded({.code = 1000, .reason = reason});
    CloseFrame close;
    REQUIRE(parse_close_payload(ByteView(bytes).subspan(2), close) == Violation::none);
    CHECK(close.reason == std::string(kCloseReasonMax - 1, 'x'));
}

TEST_CASE("close codes: each violation closes with the code that the RFC names", "[proto][close]") {
    CHECK(close_code_for(Violation::none) == 1000);
    CHECK(close_code_for(Violation::bad_utf8) == 1007);
    CHECK(close_code_for(Violation::message_too_big) == 1009);
    CHECK(close_code_for(Violation::no_memory) == 1011);
    for (int i = static_cast<int>(Violation::masked_frame); i < static_cast<int>(Violation::bad_utf8);
         ++i) {
        CHECK(close_code_for(static_cast<Violation>(i)) == 1002);
    }
    CHECK(close_code_for(Violation::bad_close_code) == 1002);
}
