#include "base/endpoint.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>

#include "base/limits.hpp"

namespace wsblast {

namespace {

constexpr std::uint32_t kLoopback = 0x7f000001;

Endpoint ip(std::string_view text, std::uint16_t port = 0) {
    const Result<Endpoint> endpoint = parse_ip(text, port);
    REQUIRE(endpoint.ok());
    return *endpoint;
}

std::vector<std::string> texts(std::string_view range) {
    const Result<std::vector<Endpoint>> endpoints = parse_addresses(range);
    REQUIRE(endpoints.ok());
    std::vector<std::string> all;
    for (const Endpoint& endpoint : *endpoints) all.push_back(address_text(endpoint));
    return all;
}

}  // namespace

TEST_CASE("endpoint: what is written is what is read, for both families", "[base][endpoint]") {
    CHECK(to_text(ip("127.0.0.1", 8000)) == "127.0.0.1:8000");
    CHECK(to_text(ip("::1", 8000)) == "[::1]:8000");
    CHECK(address_text(ip("2001:db8::7", 1)) == "2001:db8::7");
    CHECK(ip("127.0.0.1", 8000) == make_ipv4(kLoopback, 8000));
    CHECK(ip("::1", 9) == make_ipv6(in6addr_loopback, 9));
    CHECK(ip("127.0.0.1").length == sizeof(sockaddr_in));
    CHECK(ip("::1").length == sizeof(sockaddr_in6));
    CHECK(ipv4_address(ip("127.0.0.1")) == kLoopback);
}

TEST_CASE("endpoint: what is no address is refused and named", "[base][endpoint]") {
    for (const char* text : {"", "localhost", "127.0.0", "127.0.0.256", "[::1]", "::1::", " 127.0.0.1"}) {
        const Result<Endpoint> endpoint = parse_ip(text, 0);
        REQUIRE_FALSE(endpoint.ok());
        CHECK(endpoint.error().fault == Fault::usage);
        CHECK(endpoint.error().what.find("'" + std::string(text) + "'") != std::string::npos);
    }
}

TEST_CASE("endpoint: address, port and family make it equal", "[base][endpoint]") {
    CHECK(ip("127.0.0.1", 1) == ip("127.0.0.1", 1));
    CHECK_FALSE(ip("127.0.0.1", 1) == ip("127.0.0.1", 2));
    CHECK_FALSE(ip("127.0.0.1", 1) == ip("127.0.0.2", 1));
    CHECK_FALSE(ip("127.0.0.1", 1) == ip("::ffff:127.0.0.1", 1));
    CHECK_FALSE(ip("::1", 1) == ip("::2", 1));
    CHECK(Endpoint{} == Endpoint{});
    CHECK_FALSE(Endpoint{} == ip("0.0.0.0"));
}

TEST_CASE("endpoint: the port changes, the address stays", "[base][endpoint]") {
    CHECK(with_port(ip("10.1.2.3", 1), 65'535) == ip("10.1.2.3", 65'535));
    CHECK(with_port(ip("::7", 1), 80) == ip("::7", 80));
    CHECK(with_port(ip("::7", 1), 80).port() == 80);
    CHECK(Endpoint{}.port() == 0);
}

TEST_CASE("endpoint: loopback is 127.0.0.0/8 and ::1", "[base][endpoint]") {
    for (const char* text : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.9"})
        CHECK(ip(text).is_loopback());
    for (const char* text : {"126.0.0.1", "128.0.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.1"}) {
        CHECK_FALSE(ip(text).is_loopback());
    }
    CHECK_FALSE(Endpoint{}.is_loopback());
    CHECK(ip("0.0.0.0").is_any());
    CHECK(ip("::").is_any());
    CHECK_FALSE(ip("127.0.0.1").is_any());
}

TEST_CASE("endpoint: what the kernel fills in is taken over, another family is not", "[base][endpoint]") {
    const Endpoint source = ip("10.0.0.9", 77);
    CHECK(from_sockaddr(source.address(), source.length) == source);
    sockaddr local{};
    local.sa_family = AF_UNIX;
    CHECK(from_sockaddr(&local, sizeof local).length == 0);
    CHECK(address_text(from_sockaddr(&local, sizeof local)) == "no address");
}

TEST_CASE("endpoint: a range has its addresses in order, without network and broadcast",
          "[base][endpoint]") {
    CHECK(texts("10.0.0.7") == std::vector<std::string>{"10.0.0.7"});
    CHECK(texts("10.0.0.7/32") == std::vector<std::string>{"10.0.0.7"});
    CHECK(texts("10.0.0.7/31") == std::vector<std::string>{"10.0.0.6", "10.0.0.7"});
    CHECK(texts("10.0.0.7/30") == std::vector<std::string>{"10.0.0.5", "10.0.0.6"});
    CHECK(texts("10.0.1.0/24").size() == 254);
    CHECK(texts("::1/128") == std::vector<std::string>{"::1"});
    CHECK(texts("2001:db8::ff/127") == std::vector<std::string>{"2001:db8::fe", "2001:db8::ff"});
    const std::vector<std::string> wide = texts("2001:db8::/64");
    CHECK(wide.size() == limits::kSourceAddressesMax);
    CHECK(wide[256] == "2001:db8::100");
    CHECK(texts("127.0.0.0/8").size() == limits::kSourceAddressesMax);
    CHECK(texts("0.0.0.0/0").front() == "0.0.0.1");
}

TEST_CASE("endpoint: a prefix that is none is refused", "[base][endpoint]") {
    for (const char* text :
         {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8x", "::/129", "/8", "10.0.0.0/-1"}) {
        CHECK_FALSE(parse_addresses(text).ok());
    }
}

TEST_CASE("endpoint: a Unix socket is its path", "[base][endpoint]") {
    const Endpoint socket = make_unix("/run/chat.sock");
    CHECK(socket.is_unix());
    CHECK(socket.port() == 0);
    CHECK(to_text(socket) == "/run/chat.sock");
    CHECK(socket == make_unix("/run/chat.sock"));
    CHECK_FALSE(socket == make_unix("/run/chat.sock2"));
    CHECK_FALSE(socket == make_ipv4(0, 0));
    CHECK_FALSE(socket.is_loopback());
    CHECK_FALSE(socket.is_any());
    CHECK(to_text(make_unix(std::string(200, 'a'))).size() == 107);
}

TEST_CASE("port range: both ends are in it", "[base][endpoint]") {
    constexpr PortRange kRange{10, 12};
    CHECK(kRange.size() == 3);
    CHECK(kRange.contains(10));
    CHECK(kRange.contains(12));
    CHECK_FALSE(kRange.contains(9));
    CHECK_FALSE(kRange.contains(13));
    CHECK(PortRange{1, 65'535}.size() == 65'535);
}

}  // namespace wsblast
