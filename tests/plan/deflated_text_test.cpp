#include "plan/deflated_text.hpp"

#include <catch2/catch.hpp>

#include "deflate/stream.hpp"
#include "tests/plan/plan_fixture.hpp"
#include "tests/support/bytes.hpp"

using namespace wsblast;
using namespace wsblast::plan;
using test::Bytes;

namespace {

std::string inflated(ByteView message, int window_bits) {
    deflate::Inflater inflater(window_bits);
    Bytes out(100'000);
    const deflate::StreamStep first = inflater.inflate(message, out);
    const deflate::StreamStep last = inflater.finish(ByteSpan(out).subspan(first.produced));
    CHECK(first.status == deflate::StreamStatus::consumed);
    CHECK(last.status == deflate::StreamStatus::consumed);
    return std::string(as_text(out).substr(0, first.produced + last.produced));
}

std::string inflated(const std::string& message, int window_bits) {
    return inflated(as_bytes(message), window_bits);
}

}  // namespace

TEST_CASE("deflated text: without holes it is one message", "[plan][deflate]") {
    const int bits = GENERATE(8, 9, 15);
    const std::string text = "again and again and again " + std::string(1'000, 'x');
    const auto made = deflate_literals({text}, bits);
    REQUIRE(made.size() == 1);
    CHECK(made.front().size() < 60);
    CHECK(inflated(made.front(), bits) == text);
    CHECK(deflate_literals({""}, bits).front() == std::string(1, '\0'));
}

TEST_CASE("deflated text: what stands in a hole comes out as it was put in", "[plan][deflate]") {
    const auto literals = deflate_literals({"{\"a\":", "", ",\"b\":\"", "\"}"}, 15);
    REQUIRE(literals.size() == 4);
    std::string message;
    for (const std::string hole : {"1", "22", "\x01\xff three"}) {
        message += literals[static_cast<std::size_t>(hole.size() == 1 ? 0 : hole.size() == 2 ? 1 : 2)];
        std::array<std::uint8_t, kStoredHeaderBytes> header{};
        CHECK(write_stored_header(header.data(), hole.size()) == header.data() + header.size());
        message += as_text(header);
        message += hole;
    }
    message += literals.back();
    CHECK(inflated(message, 15) == "{\"a\":122,\"b\":\"\x01\xff three\"}");
}

TEST_CASE("deflated text: a text with holes is the same message, compressed", "[plan][deflate]") {
    const MessageText plain =
        parsed(R"({{$seq}}{"type":"order","kind":"order","order":{"id":{{$seq}},"at":{{$timestamp}},)"
               R"("by":"{{$uuid}}",)"
               R"("note":"{{$randomString(300)}}","n":{{$randomNumber(1,100000)}}}} and no more of it)");
    const int bits = GENERATE(8, 15);
    const MessageText made = plain.deflated(bits);
    for (const std::uint64_t number : {1u, 9u, 10u, 12345u, 4'000'000'000u}) {
        const MessageId id{.connection = 7, .number = number, .unix_ms = 1'700'000'000'000};
        const std::string message = made.to_string(id);
        CHECK(message.size() == made.size(id));
        CHECK(message.size() <= made.size_max());
        CHECK(inflated(message, bits) == plain.to_string(id));
        CHECK(static_cast<std::int64_t>(plain.size(id)) ==
              static_cast<std::int64_t>(made.size(id)) + made.saved_bytes());
    }
    CHECK(plain.saved_bytes() == 0);
}
