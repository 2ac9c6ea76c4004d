#include "proto/message_template.hpp"

#include <catch2/catch.hpp>

#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::proto;
using test::Bytes;
using test::LogSink;

namespace {

template <Role kReader>
std::vector<std::string> read_back(ByteView frame) {
    Bytes scratch(4096);
    MessageReader<kReader> reader;
    LogSink sink;
    CHECK(reader.consume(frame, sink, {.scratch = scratch}).status == ReadStatus::need_more);
    CHECK(reader.idle());
    return sink.events;
}

using Events = std::vector<std::string>;

}  // namespace

TEST_CASE("message template: its frame is the message, masked for a server, plain for a client",
          "[proto][template]") {
    const MessageTemplate masked({Opcode::text, "{\"type\":\"ping\"}", {}, test::kKey});
    CHECK(read_back<Role::server>(masked.frame()) == Events{"text:{\"type\":\"ping\"}"});
    const MessageTemplate plain({Opcode::binary, "abc", {}, std::nullopt});
    CHECK(Bytes(plain.frame().begin(), plain.frame().end()) == Bytes{0x82, 0x03, 'a', 'b', 'c'});
}

TEST_CASE("message template: holes of any offset are patched under the frame's key", "[proto][template]") {
    for (const std::size_t length : {40u, 200u}) {  // headers of 2 and of 4 bytes
        for (std::uint32_t offset = 0; offset < 9; ++offset) {
            std::string text(length, '.');
            const Hole holes[] = {{offset, 5}, {offset + 10, 7}};
            const MessageTemplate message({Opcode::text, text, holes, test::kKey});
            Bytes out(message.size());
            message.write(out.data());
            message.patch(out.data(), 0, "agent");
            message.patch_number(out.data(), 1, 1'234'567);
            text.replace(offset, 5, "agent").replace(offset + 10, 7, "1234567");
            REQUIRE(read_back<Role::server>(out) == Events{"text:" + text});
        }
    }
}

TEST_CASE("message template: patching a copy leaves the template alone", "[proto][template]") {
    const Hole holes[] = {{0, 1}};
    const MessageTemplate message({Opcode::text, "0", holes, std::nullopt});
    REQUIRE(message.holes() == 1);
    CHECK(message.hole_width(0) == 1);
    Bytes out(message.size());
    message.write(out.data());
    message.patch_number(out.data(), 0, 7);
    CHECK(read_back<Role::client>(out) == Events{"text:7"});
    CHECK(read_back<Role::client>(message.frame()) == Events{"text:0"});
}

TEST_CASE("decimal width: at every power of ten and of two", "[proto][template]") {
    CHECK(decimal_width(0) == 1);
    CHECK(decimal_width(~std::uint64_t{0}) == 20);
    std::uint64_t power = 1;
    for (std::uint32_t digits = 1; digits <= 19; ++digits, power *= 10) {
        CHECK(decimal_width(power) == digits);
        CHECK(decimal_width(power * 10 - 1) == (digits < 19 ? digits : 19u));
    }
    for (std::uint32_t bit = 0; bit < 64; ++bit) {
        const std::uint64_t value = std::uint64_t{1} << bit;
        CHECK(decimal_width(value) == std::to_string(value).size());
        CHECK(decimal_width(value - 1) == std::to_string(value - 1).size());
    }
}
