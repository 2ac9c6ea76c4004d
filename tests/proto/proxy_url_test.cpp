#include "proto/proxy_url.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::proto;
using Catch::Matchers::Contains;

namespace {

ProxyUrl parsed_proxy(std::string_view text) {
    CAPTURE(text);
    const auto proxy = parse_proxy_url(text);
    if (!proxy) FAIL(proxy.error().what);
    return *proxy;
}

}  // namespace

TEST_CASE("proxy url: kind, host and port", "[proto][proxy]") {
    CHECK(parsed_proxy("http://proxy.example:3128").kind == ProxyKind::http_connect);
    CHECK(parsed_proxy("http://Proxy.Example:3128/").host == "proxy.example");
    CHECK(parsed_proxy("http://proxy:3128").port == 3128);
    CHECK(parsed_proxy("socks5://10.0.0.1:1080").kind == ProxyKind::socks5);
    CHECK(parsed_proxy("socks5h://[::1]:1080").host == "::1");
    CHECK(parsed_proxy("http://proxy:3128").user.empty());
}

TEST_CASE("proxy url: user and password are decoded", "[proto][proxy]") {
    const ProxyUrl proxy = parsed_proxy("socks5://me%40home:p%3a%2Fs@proxy:1080");
    CHECK(proxy.user == "me@home");
    CHECK(proxy.password == "p:/s");
    CHECK(parsed_proxy("http://me@proxy:1").user == "me");
    CHECK(parsed_proxy("http://me:p@ss@proxy:1").password == "p@ss");
    CHECK(parsed_proxy("http://:key@proxy:1").password == "key");
}

TEST_CASE("proxy url: what is refused is not repeated", "[proto][proxy]") {
    const std::string longest(kProxyCredentialMax, 's');
    const std::pair<std::string, const char*> cases[] = {
        {"s3cret", "scheme"},
        {"https://s3cret@proxy:1", "scheme"},
        {"socks4://s3cret@proxy:1", "scheme"},
        {"http://s3cret@proxy", "host or port"},
        {"http://s3cret@:3128", "host or port"},
        {"http://s3cret@proxy:0", "host or port"},
        {"http://s3cret@[::1]", "host or port"},
        {"http://s3cret@proxy:1/path", "it has a path"},
        {"http://me:s3cret@proxy/path", "it has a path"},
        {"socks5://proxy:1?s3cret", "it has a path"},
        {"http://s3cret%2@proxy:1", "hex digits"},
        {"http://s3cret%zz@proxy:1", "hex digits"},
        {"http://a%3as3cret@proxy:1", "':'"},
        {"socks5://:s3cret@proxy:1", "needs a user"},
        {"http://s3cret" + longest + "@proxy:1", "255"},
    };
    for (const auto& [text, fault] : cases) {
        CAPTURE(text);
        const auto proxy = parse_proxy_url(text);
        REQUIRE_FALSE(proxy.ok());
        CHECK(proxy.error().fault == Fault::usage);
        CHECK_THAT(proxy.error().what, Contains(fault));
        CHECK_THAT(proxy.error().what, !Contains("s3cret"));
    }
    CHECK(parse_proxy_url("http://" + longest + "@proxy:1").ok());
}

TEST_CASE("proxy url: HOST:PORT is both of them, and nothing else", "[proto][proxy]") {
    const auto ipv6 = parse_authority("[2001:DB8::1]:80");
    REQUIRE(ipv6.ok());
    CHECK(ipv6->host == "2001:db8::1");
    CHECK(ipv6->port == 80);
    CHECK(parse_authority("localhost:8000").ok());
    for (const char* text :
         {"", "localhost", "[::1]", ":80", "a:80/x", "me@a:80", "a:80?x", "::1:80", "a:"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_authority(text).ok());
    }
}
