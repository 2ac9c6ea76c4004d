#include "proto/url.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::proto;
using Catch::Matchers::Contains;

namespace {

Url parsed(std::string_view text) {
    CAPTURE(text);
    const auto url = parse_url(text);
    if (!url) FAIL(url.error().what);
    return *url;
}

}  // namespace

TEST_CASE("url: scheme, host, port, path and query", "[proto][url]") {
    const Url url = parsed("ws://example.com:8000/ws?token=a/b");
    CHECK_FALSE(url.secure);
    CHECK(url.host == "example.com");
    CHECK(url.port == 8000);
    CHECK(url.path == "/ws?token=a/b");
    CHECK(url.host_header == "example.com:8000");
}

TEST_CASE("url: default ports are 80 and 443, and stay out of the Host header", "[proto][url]") {
    CHECK(parsed("ws://a").port == 80);
    CHECK(parsed("wss://a").port == 443);
    CHECK(parsed("wss://a").secure);
    CHECK(parsed("ws://a:80/x").host_header == "a");
    CHECK(parsed("wss://a:80/x").host_header == "a:80");
    CHECK(parsed("wss://a:443").host_header == "a");
}

TEST_CASE("url: a missing path is '/', before a query too", "[proto][url]") {
    CHECK(parsed("ws://a").path == "/");
    CHECK(parsed("ws://a?q=1").path == "/?q=1");
    CHECK(parsed("ws://a/?q=@:").path == "/?q=@:");
}

TEST_CASE("url: scheme and host have no case, the path has", "[proto][url]") {
    const Url url = parsed("WSS://Example.COM/Path");
    CHECK(url.secure);
    CHECK(url.host == "example.com");
    CHECK(url.path == "/Path");
}

TEST_CASE("url: IPv4, and IPv6 in brackets", "[proto][url]") {
    CHECK(parsed("ws://127.0.0.1:9/").host == "127.0.0.1");
    const Url url = parsed("ws://[::1]:8000/ws");
    CHECK(url.host == "::1");
    CHECK(url.port == 8000);
    CHECK(url.host_header == "[::1]:8000");
    CHECK(parsed("ws://[2001:DB8::1]").host_header == "[2001:db8::1]");
}

TEST_CASE("url: ws+unix: names a socket, then a path", "[proto][url]") {
    const Url url = parsed("ws+unix:/run/chat.sock:/ws?token=a");
    CHECK(url.socket_path == "/run/chat.sock");
    CHECK(url.path == "/ws?token=a");
    CHECK(url.host_header == "localhost");
    CHECK_FALSE(url.secure);
    CHECK(parsed("ws+unix:///run/chat.sock:/ws").socket_path == "/run/chat.sock");
    CHECK(parsed("ws+unix:/run/chat.sock").path == "/");
    CHECK(parsed("WS+UNIX:/run/chat.sock:?a").path == "/?a");
    CHECK(parsed("wss+unix:/a:/b").secure);
    CHECK(parsed("ws://a/x").socket_path.empty());
}

TEST_CASE("url: what is refused names the URL and the remedy", "[proto][url]") {
    const std::pair<const char*, const char*> cases[] = {
        {"http://a/", "ws:// and wss://"},
        {"localhost:8000/ws", "ws:// and wss://"},
        {"", "ws:// and wss://"},
        {"ws://a/#top", "fragment"},
        {"ws://user:***@a/", "--auth"},
        {"ws://a b/", "percent-encode"},
        {"ws://a/\xc3\xa4", "percent-encode"},
        {"ws://a/\r\nX: y", "percent-encode"},
        {"ws:///ws", "no host"},
        {"ws://:8000/ws", "no host"},
        {"ws://a:0/", "1 to 65535"},
        {"ws://a:65536/", "1 to 65535"},
        {"ws://a:80x/", "1 to 65535"},
        {"ws+unix:chat.sock", "absolute path"},
        {"ws+unix://chat.sock", "absolute path"},
        {"ws+unix:", "absolute path"},
        {"ws+unix:/run/a:ws", "no path after"},
        {"ws+unix:/run/a:", "no path after"},
        {"ws+unix:/run/a#b", "fragment"},
        {"ws://a:-1/", "1 to 65535"},
        {"ws://a:/", "empty port"},
        {"ws://[::1]:/", "empty port"},
        {"ws://::1/", "[brackets]"},
        {"ws://[::1/", "']'"},
        {"ws://[::1]8000/", "more than a port"},
        {"ws://[127.0.0.1]/", "bad IPv6"},
        {"ws://[fe80::1%eth0]/", "bad IPv6"},
        {"ws://[]/", "bad IPv6"},
        {"ws://256.0.0.1/", "bad IPv4"},
        {"ws://1.2.3/", "bad IPv4"},
        {"ws://a..b/", "bad host"},
        {"ws://.a/", "bad host"},
        {"ws://a%20b/", "bad host"},
    };
    for (const auto& [text, remedy] : cases) {
        CAPTURE(text);
        const auto url = parse_url(text);
        REQUIRE_FALSE(url.ok());
        CHECK(url.error().fault == Fault::usage);
        CHECK_THAT(url.error().what, Contains("'" + std::string(text) + "'"));
        CHECK_THAT(url.error().what, Contains(remedy));
    }
    CHECK_FALSE(parse_url("ws://" + std::string(254, 'a')).ok());
    CHECK(parse_url("ws+unix:/" + std::string(kSocketPathMax - 1, 'a')).ok());
    CHECK_FALSE(parse_url("ws+unix:/" + std::string(kSocketPathMax, 'a')).ok());
}
