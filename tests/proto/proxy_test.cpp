#include "proto/proxy.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::proto;

namespace {

const std::string kSocksReplyIpv4("\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34", 10);

ProxyRequest http_request() {
    return {ProxyKind::http_connect, "example.com", 443, "", ""};
}

ProxyRequest socks_request(std::string host) {
    return {ProxyKind::socks5, std::move(host), 8000, "", ""};
}

struct Conversation {
    std::vector<std::string> sent;
    ProxyStep last;
    std::string behind;  // what was left for the server's own protocol
};

// Writes the first words and feeds the pieces, as a transport would.
Conversation converse(const ProxyRequest& request, test::SplitInput& input) {
    ProxyHandshake handshake;
    Conversation outcome;
    test::GuardedMemory room(kProxyWriteMax);
    const auto write = [&] {
        const ByteSpan out = room.tail(kProxyWriteMax);
        const std::size_t size = handshake.write(request, out);
        outcome.sent.emplace_back(as_text(out.first(size)));
    };
    write();
    while (!input.done()) {
        ByteView piece = input.next();
        while (outcome.last.status == ProxyStatus::need_more && !piece.empty()) {
            outcome.last = handshake.read(request, piece);
            REQUIRE(outcome.last.consumed <= piece.size());
            piece = piece.subspan(outcome.last.consumed);
            if (outcome.last.status != ProxyStatus::send) continue;
            write();
            outcome.last.status = ProxyStatus::need_more;
        }
        outcome.behind += as_text(piece);
    }
    return outcome;
}

// The same however the answer is cut.
Conversation converse(const ProxyRequest& request, std::string_view answer) {
    std::optional<Conversation> first;
    test::for_every_split(as_bytes(answer), [&](test::SplitInput& input) {
        const Conversation outcome = converse(request, input);
        if (!first) first = outcome;
        REQUIRE(outcome.sent == first->sent);
        REQUIRE(outcome.last.status == first->last.status);
        REQUIRE(outcome.last.failure == first->last.failure);
        REQUIRE(outcome.last.code == first->last.code);
        REQUIRE((outcome.last.status == ProxyStatus::failed || outcome.behind == first->behind));
    });
    return *first;
}

ProxyFailure failure_of(const ProxyRequest& request, std::string_view answer) {
    CAPTURE(answer);
    const Conversation outcome = converse(request, answer);
    CHECK(outcome.last.status == ProxyStatus::failed);
    return outcome.last.failure;
}

}  // namespace

TEST_CASE("proxy: CONNECT names host and port twice, and what follows the 2xx is the server's",
          "[proto][proxy]") {
    const Conversation outcome =
        converse(http_request(), "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\nHTTP/1.1 101\r\n");
    CHECK(outcome.sent ==
          std::vector<std::string>{"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n"});
    CHECK(outcome.last.status == ProxyStatus::done);
    CHECK(outcome.last.code == 200);
    CHECK(outcome.behind == "HTTP/1.1 101\r\n");
}

TEST_CASE("proxy: CONNECT puts IPv6 in brackets, and sends basic credentials", "[proto][proxy]") {
    ProxyRequest request = http_request();
    request.host = "2001:db8::1";
    request.user = "Aladdin";
    request.password = "open sesame";
    // RFC 7617 2
    CHECK(converse(request, "HTTP/1.0 200\r\n\r\n").sent.front() ==
          "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n"
          "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

TEST_CASE("proxy: a 1xx before the answer is passed over", "[proto][proxy]") {
    const Conversation outcome =
        converse(http_request(), "HTTP/1.1 100 Go\r\na: b\r\n\r\nHTTP/1.1 204\r\n\r\nx");
    CHECK(outcome.last.status == ProxyStatus::done);
    CHECK(outcome.last.code == 204);
    CHECK(outcome.behind == "x");
}

TEST_CASE("proxy: another status than 2xx fails, and says which", "[proto][proxy]") {
    for (const auto& [line, status] : {std::pair("HTTP/1.1 407 Proxy Authentication Required\r\n", 407),
                                       std::pair("HTTP/1.0 502 Bad\r\n", 502),
                                       std::pair("HTTP/1.1 302 x", 302), std::pair("HTTP/1.1 000 x", 0)}) {
        const Conversation outcome = converse(http_request(), line);
        CHECK(outcome.last.failure == ProxyFailure::status);
        CHECK(outcome.last.code == status);
    }
}

TEST_CASE("proxy: what is not HTTP/1.x fails at the byte that shows it", "[proto][proxy]") {
    for (const char* answer :
         {"SSH-2.0", "HTTP/2 200\r\n", "HTTP/1.1 2x0", "HTTP/1.1 2000 x", "http/1.1 200", "\x05"}) {
        CHECK(failure_of(http_request(), answer) == ProxyFailure::not_http);
    }
}

TEST_CASE("proxy: a head is bounded, 1xx heads count", "[proto][proxy]") {
    const std::string start = "HTTP/1.1 200 OK\r\nA: ";
    const std::string end = "\r\n\r\n";
    const std::string fits =
        start + std::string(limits::kHttpHeadMax - start.size() - end.size(), 'x') + end;
    CHECK(converse(http_request(), fits).last.status == ProxyStatus::done);
    CHECK(failure_of(http_request(), start + std::string(limits::kHttpHeadMax, 'x')) ==
          ProxyFailure::oversized);
    std::string endless;
    while (endless.size() <= limits::kHttpHeadMax) endless += "HTTP/1.1 100 x\r\n\r\n";
    CHECK(failure_of(http_request(), endless) == ProxyFailure::oversized);
}

TEST_CASE("proxy: SOCKS5 without credentials asks for a name as a name", "[proto][proxy]") {
    const Conversation outcome =
        converse(socks_request("db.example"), std::string("\x05\x00", 2) + kSocksReplyIpv4 + "hello");
    REQUIRE(outcome.sent.size() == 2);
    CHECK(outcome.sent[0] == std::string("\x05\x01\x00", 3));
    CHECK(outcome.sent[1] == std::string("\x05\x01\x00\x03\x0a", 5) + "db.example\x1f\x40");
    CHECK(outcome.last.status == ProxyStatus::done);
    CHECK(outcome.behind == "hello");
}

TEST_CASE("proxy: SOCKS5 sends addresses as addresses", "[proto][proxy]") {
    const std::string answer = std::string("\x05\x00", 2) + kSocksReplyIpv4;
    CHECK(converse(socks_request("10.0.0.9"), answer).sent[1] ==
          std::string("\x05\x01\x00\x01\x0a\x00\x00\x09\x1f\x40", 10));
    CHECK(converse(socks_request("::1"), answer).sent[1] ==
          std::string("\x05\x01\x00\x04", 4) + std::string(15, '\0') + "\x01\x1f\x40");
}

TEST_CASE("proxy: SOCKS5 logs in with user and password where the proxy wants it", "[proto][proxy]") {
    ProxyRequest request = socks_request("a");
    request.user = "me";
    request.password = "pass";
    const Conversation outcome = converse(request, std::string("\x05\x02\x01\x00", 4) + kSocksReplyIpv4);
    REQUIRE(outcome.sent.size() == 3);
    CHECK(outcome.sent[0] == std::string("\x05\x02\x00\x02", 4));
    CHECK(outcome.sent[1] == "\x01\x02me\x04pass");
    CHECK(outcome.last.status == ProxyStatus::done);
    CHECK(converse(request, std::string("\x05\x00", 2) + kSocksReplyIpv4).last.status == ProxyStatus::done);
    CHECK(failure_of(request, std::string("\x05\x02\x01\x01", 4)) == ProxyFailure::auth_refused);
}

TEST_CASE("proxy: the address in a SOCKS5 reply is passed over, of any type", "[proto][proxy]") {
    const std::string start("\x05\x00\x05\x00\x00", 5);
    const std::string ipv6 = start + "\x04" + std::string(16, '\xff') + "\x01\x02";
    const std::string name = start + "\x03\x03" + "abc" + "\x01\x02";
    for (const std::string& answer : {ipv6, name}) {
        const Conversation outcome = converse(socks_request("a"), answer + "rest");
        CHECK(outcome.last.status == ProxyStatus::done);
        CHECK(outcome.behind == "rest");
        CHECK(converse(socks_request("a"), answer.substr(0, answer.size() - 1)).last.status ==
              ProxyStatus::need_more);
    }
}

TEST_CASE("proxy: SOCKS5 refusals have names", "[proto][proxy]") {
    CHECK(failure_of(socks_request("a"), "\x05\xff") == ProxyFailure::no_method);
    CHECK(failure_of(socks_request("a"), "\x05\x02") == ProxyFailure::no_method);
    CHECK(failure_of(socks_request("a"), "H") == ProxyFailure::not_socks);
    CHECK(failure_of(socks_request("a"), std::string("\x05\x00\x04", 3)) == ProxyFailure::not_socks);
    CHECK(failure_of(socks_request("a"), std::string("\x05\x00\x05\x00\x00\x09", 6)) ==
          ProxyFailure::not_socks);
    const Conversation refused = converse(socks_request("a"), std::string("\x05\x00\x05\x05\x00\x01", 6));
    CHECK(refused.last.failure == ProxyFailure::refused);
    CHECK(refused.last.code == 5);
    CHECK(socks_reply_text(refused.last.code) == "connection refused");
    CHECK(socks_reply_text(9) == "unassigned");
}

TEST_CASE("proxy: the longest request has room", "[proto][proxy]") {
    const std::string longest(kProxyCredentialMax, 'x');
    ProxyRequest request{ProxyKind::http_connect, std::string(253, 'h'), 65'535, longest, longest};
    CHECK(converse(request, "HTTP/1.1 200\r\n\r\n").last.status == ProxyStatus::done);
    request.kind = ProxyKind::socks5;
    CHECK(converse(request, std::string("\x05\x02\x01\x00", 4) + kSocksReplyIpv4).last.status ==
          ProxyStatus::done);
}

TEST_CASE("proxy: whoever writes or reads out of turn gets nothing", "[proto][proxy]") {
    ProxyHandshake handshake;
    const std::string early = "HTTP/1.1 200\r\n\r\n";
    CHECK(handshake.read(http_request(), as_bytes(early)).status == ProxyStatus::send);
    std::array<std::uint8_t, kProxyWriteMax> out{};
    CHECK(handshake.write(http_request(), out) > 0);
    CHECK(handshake.write(http_request(), out) == 0);
    CHECK(handshake.read(http_request(), as_bytes(early)).status == ProxyStatus::done);
    CHECK(handshake.read(http_request(), as_bytes(early)).consumed == 0);
}
