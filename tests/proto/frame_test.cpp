#include "proto/frame.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::proto;
using test::Bytes;

namespace {

// Decodes growing fronts of `bytes`, each against a guard page, and requires that only the last answer is
// anything but need_more.
HeaderDecode decode_growing(const Bytes& bytes, Role role) {
    test::GuardedMemory memory(bytes.size());
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const HeaderDecode decoded = decode_frame_header(memory.place(ByteView(bytes).first(size)), role);
        if (decoded.status == HeaderStatus::need_more) continue;
        REQUIRE(size == bytes.size());
        return decoded;
    }
    FAIL("the header was not complete");
    return {};
}

Violation violation_of(const Bytes& bytes, Role role) {
    const HeaderDecode decoded = decode_growing(bytes, role);
    REQUIRE(decoded.status == HeaderStatus::violation);
    return decoded.violation;
}

}  // namespace

TEST_CASE("frame header: every size, role and opcode survives encode and decode", "[proto][frame]") {
    const std::uint64_t sizes[] = {0, 1, 125, 126, 127, 65'535, 65'536, 1ull << 32, (1ull << 63) - 1};
    for (const std::uint64_t size : sizes) {
        for (const Role reader : {Role::client, Role::server}) {
            for (const Opcode opcode : {Opcode::continuation, Opcode::text, Opcode::binary}) {
                const bool fin = size % 2 == 0;
                const FrameHeader header{
                    .opcode = opcode,
                    .fin = fin,
                    .mask_key = reader == Role::server ? std::optional(test::kKey) : std::nullopt,
                    .payload_size = size};
                Bytes bytes(header_size(header));
                REQUIRE(encode_frame_header(bytes, header) == bytes.size());
                const HeaderDecode decoded = decode_growing(bytes, reader);
                REQUIRE(decoded.status == HeaderStatus::header);
                CHECK(decoded.size == bytes.size());
                CHECK(decoded.header.opcode == opcode);
                CHECK(decoded.header.fin == fin);
                CHECK(decoded.header.mask_key == header.mask_key);
                CHECK(decoded.header.payload_size == size);
            }
        }
    }
}

TEST_CASE("frame header: the longest is 14 bytes, the shortest 2", "[proto][frame]") {
    CHECK(header_size({.mask_key = test::kKey, .payload_size = 1 << 20}) == kFrameHeaderMax);
    CHECK(header_size({.payload_size = 125}) == 2);
    CHECK(header_size({.payload_size = 126}) == 4);
}

TEST_CASE("frame: the examples of RFC 6455 5.7 are encoded byte for byte", "[proto][frame]") {
    const auto encoded = [](Opcode opcode, std::string_view payload, std::optional<MaskKey> key) {
        Bytes bytes(kFrameHeaderMax + payload.size());
        bytes.resize(encode_frame(bytes, opcode, as_bytes(payload), key));
        return bytes;
    };
    CHECK(encoded(Opcode::text, "Hello", {}) == Bytes{0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f});
    CHECK(encoded(Opcode::text, "Hello", test::kKey) ==
          Bytes{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58});
    CHECK(encoded(Opcode::ping, "Hello", {}) == Bytes{0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f});
    CHECK(encoded(Opcode::pong, "Hello", test::kKey) ==
          Bytes{0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58});
    const Bytes binary256 = encoded(Opcode::binary, std::string(256, 'x'), {});
    CHECK(Bytes(binary256.begin(), binary256.begin() + 4) == Bytes{0x82, 0x7e, 0x01, 0x00});
    const Bytes binary64k = encoded(Opcode::binary, std::string(65'536, 'x'), {});
    CHECK(Bytes(binary64k.begin(), binary64k.begin() + 10) == Bytes{0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0});
}

TEST_CASE("frame header: each reserved bit is a violation at the first byte", "[proto][frame]") {
    for (const int bit : {0x40, 0x20, 0x10}) {
        CHECK(violation_of({static_cast<std::uint8_t>(0x81 | bit)}, Role::client) ==
              Violation::reserved_bits);
    }
}

TEST_CASE("frame header: reserved opcodes 3-7 and 11-15 are violations", "[proto][frame]") {
    for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
        CHECK(violation_of({static_cast<std::uint8_t>(0x80 | opcode)}, Role::server) ==
              Violation::reserved_opcode);
    }
}

TEST_CASE("frame header: a control frame without FIN is a violation", "[proto][frame]") {
    for (const Opcode opcode : {Opcode::close, Opcode::ping, Opcode::pong}) {
        CHECK(violation_of({static_cast<std::uint8_t>(opcode)}, Role::client) ==
              Violation::fragmented_control);
    }
}

TEST_CASE("frame header: a control frame longer than 125 bytes is a violation", "[proto][frame]") {
    CHECK(violation_of({0x89, 126}, Role::client) == Violation::control_too_long);
    CHECK(violation_of({0x88, 127}, Role::client) == Violation::control_too_long);
    CHECK(decode_growing({0x8a, 125}, Role::client).status == HeaderStatus::header);
}

TEST_CASE("frame header: servers must not mask, clients must", "[proto][frame]") {
    CHECK(violation_of({0x81, 0x85}, Role::client) == Violation::masked_frame);
    CHECK(violation_of({0x81, 0x05}, Role::server) == Violation::unmasked_frame);
}

TEST_CASE("frame header: a length that is not in its shortest form is a violation", "[proto][frame]") {
    CHECK(violation_of({0x82, 126, 0, 125}, Role::client) == Violation::bad_length);
    CHECK(violation_of({0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, Role::client) == Violation::bad_length);
    CHECK(violation_of({0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0}, Role::client) == Violation::bad_length);
}

TEST_CASE("violations: each has words of its own", "[proto][frame]") {
    std::set<std::string_view> texts;
    constexpr int kCount = static_cast<int>(Violation::no_memory) + 1;
    for (int i = 0; i < kCount; ++i) texts.insert(to_text(static_cast<Violation>(i)));
    CHECK(texts.size() == kCount);
    CHECK(to_text(Violation::control_too_long) == "control frame longer than 125 bytes");
}
