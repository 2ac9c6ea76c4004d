#include "proto/http_head.hpp"

#include <catch2/catch.hpp>

#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::proto;

namespace {

// Parses every front of `text` against a guard page; only the whole may give more than need_more, unless
// the head turns out wrong before.
HeadStatus parse_growing(std::string_view text, ResponseHead& head) {
    test::GuardedMemory memory(text.size());
    HeadStatus status = HeadStatus::need_more;
    for (std::size_t size = 0; size <= text.size() && status == HeadStatus::need_more; ++size) {
        status = parse_response_head(memory.place(as_bytes(text.substr(0, size))), head);
    }
    const HeadStatus whole = parse_response_head(as_bytes(text), head);
    REQUIRE(status == whole);
    return status;
}

HeadStatus response_status(std::string_view text) {
    ResponseHead head;
    return parse_growing(text, head);
}

HeadStatus request_status(std::string_view text) {
    RequestHead head;
    return parse_request_head(as_bytes(text), head);
}

}  // namespace

TEST_CASE("http head: a response is parsed, what follows it is left", "[proto][http]") {
    constexpr std::string_view kText = "HTTP/1.1 503 Try Later\r\nRetry-After:  5\t \r\nempty:\r\n\r\n";
    ResponseHead head;
    const std::string text = std::string(kText) + "body";
    REQUIRE(parse_response_head(as_bytes(text), head) == HeadStatus::complete);
    CHECK(head.status == 503);
    CHECK(head.reason == "Try Later");
    CHECK(head.size == kText.size());
    CHECK(head.headers.size() == 2);
    CHECK(head.headers.find("RETRY-after") == "5");
    CHECK(head.headers.find("Empty") == "");
    CHECK_FALSE(head.headers.find("Retry"));
}

TEST_CASE("http head: it is complete with the last byte of the empty line, not before", "[proto][http]") {
    ResponseHead head;
    CHECK(parse_growing("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", head) ==
          HeadStatus::complete);
    CHECK(parse_response_head(as_bytes("HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r"), head) ==
          HeadStatus::need_more);
}

TEST_CASE("http head: a request is parsed", "[proto][http]") {
    RequestHead head;
    const std::string_view text = "GET /ws?x=1 HTTP/1.0\r\nHost: a\r\n\r\n";
    REQUIRE(parse_request_head(as_bytes(text), head) == HeadStatus::complete);
    CHECK(head.method == "GET");
    CHECK(head.target == "/ws?x=1");
    CHECK(head.minor_version == 0);
    CHECK(head.size == text.size());
}

TEST_CASE("http head: wrong status lines are malformed", "[proto][http]") {
    for (const char* line :
         {"HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 2x0 OK", "HTTP/1.x 200 OK",
          "http/1.1 200 OK", "HTTP/1.1  200 OK", "ICY 200 OK", "HTTP/1.1 200 \x01"}) {
        CAPTURE(line);
        CHECK(response_status(std::string(line) + "\r\n\r\n") == HeadStatus::malformed);
    }
    CHECK(response_status("HTTP/1.1 200\r\n\r\n") == HeadStatus::complete);
    CHECK(response_status("HTTP/2.0 200 OK\r\n\r\n") == HeadStatus::wrong_version);
}

TEST_CASE("http head: a response of another protocol is refused without waiting for a line",
          "[proto][http]") {
    CHECK(response_status("SSH") == HeadStatus::malformed);
    CHECK(response_status("HTT") == HeadStatus::need_more);
}

TEST_CASE("http head: wrong request lines are malformed", "[proto][http]") {
    for (const char* line : {"", "GET", "GET /", "GET  HTTP/1.1", "G(T / HTTP/1.1", "GET /a b HTTP/1.1",
                             "GET /\x7f HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1"}) {
        CAPTURE(line);
        CHECK(request_status(std::string(line) + "\r\n\r\n") == HeadStatus::malformed);
    }
    CHECK(request_status("GET / HTTP/3.0\r\n\r\n") == HeadStatus::wrong_version);
}

TEST_CASE("http head: wrong header lines are malformed, folded ones too", "[proto][http]") {
    for (const char* line : {"no colon", ": no name", "space : x", "tab\t: x", "A: b\r\n folded",
                             "A: b\r\n\tfolded", "A: \x01", "A: b\rc", "A\xc3\xa4: b"}) {
        CAPTURE(line);
        CHECK(response_status("HTTP/1.1 200 OK\r\n" + std::string(line) + "\r\n\r\n") ==
              HeadStatus::malformed);
    }
    CHECK(response_status("HTTP/1.1 200 OK\nA: b\n\n") == HeadStatus::malformed);
    CHECK(response_status("HTTP/1.1 200 OK\r\nA: b\n\r\n") == HeadStatus::malformed);
    CHECK(response_status("HTTP/1.1 200 OK\r\nA: \xc3\xa4 b:c\r\n\r\n") == HeadStatus::complete);
}

TEST_CASE("http head: too many headers or bytes are oversized, as many as allowed are not",
          "[proto][http]") {
    std::string head = "HTTP/1.1 200 OK\r\n";
    for (std::size_t i = 0; i < limits::kHttpHeadersMax; ++i) head += "A: b\r\n";
    ResponseHead parsed;
    CHECK(parse_response_head(as_bytes(head + "\r\n"), parsed) == HeadStatus::complete);
    CHECK(parse_response_head(as_bytes(head + "A: b\r\n\r\n"), parsed) == HeadStatus::oversized);

    const std::string start = "HTTP/1.1 200 OK\r\nA: ";
    const std::string end = "\r\n\r\n";
    const std::string fits =
        start + std::string(limits::kHttpHeadMax - start.size() - end.size(), 'x') + end;
    CHECK(parse_response_head(as_bytes(fits), parsed) == HeadStatus::complete);
    const std::string long_head = start + std::string(limits::kHttpHeadMax, 'x') + end;
    CHECK(parse_response_head(as_bytes(long_head), parsed) == HeadStatus::oversized);
    CHECK(parse_response_head(as_bytes(long_head).first(limits::kHttpHeadMax - 1), parsed) ==
          HeadStatus::need_more);
}

TEST_CASE("http head: tokens are found in lists over repeated headers, without case", "[proto][http]") {
    ResponseHead head;
    const std::string_view text =
        "HTTP/1.1 101 X\r\nConnection: keep-alive , ,close\r\nX: upgrade\r\nconnection:\tUPGRADE\r\n\r\n";
    REQUIRE(parse_response_head(as_bytes(text), head) == HeadStatus::complete);
    CHECK(head.headers.has_token("Connection", "upgrade"));
    CHECK(head.headers.has_token("Connection", "Keep-Alive"));
    CHECK(head.headers.has_token("Connection", "close"));
    CHECK_FALSE(head.headers.has_token("Connection", "keep"));
    CHECK_FALSE(head.headers.has_token("Upgrade", "upgrade"));
}

TEST_CASE("http head: how large the body is, is said or is seen at its end", "[proto][http]") {
    const std::pair<std::string, std::optional<std::uint64_t>> cases[] = {
        {"403 X\r\nContent-Length: 12\r\n", 12},
        {"403 X\r\nContent-Length: 0\r\n", 0},
        {"403 X\r\nContent-Length: twelve\r\n", std::nullopt},
        {"403 X\r\nContent-Length: 12\r\nTransfer-Encoding: chunked\r\n", std::nullopt},
        {"403 X\r\n", std::nullopt},
        {"101 X\r\n", 0},
        {"204 X\r\n", 0},
        {"304 X\r\nContent-Length: 12\r\n", 0},
    };
    for (const auto& [text, size] : cases) {
        const std::string whole = "HTTP/1.1 " + text + "\r\n";
        ResponseHead head;
        REQUIRE(parse_response_head(as_bytes(whole), head) == HeadStatus::complete);
        CHECK(body_size(head) == size);
    }
}

TEST_CASE("http head: a head may be parsed into one that was used before", "[proto][http]") {
    ResponseHead head;
    REQUIRE(parse_response_head(as_bytes("HTTP/1.1 200 OK\r\nA: b\r\n\r\n"), head) == HeadStatus::complete);
    REQUIRE(parse_response_head(as_bytes("HTTP/1.0 404\r\n\r\n"), head) == HeadStatus::complete);
    CHECK(head.status == 404);
    CHECK(head.reason.empty());
    CHECK(head.headers.size() == 0);
}
