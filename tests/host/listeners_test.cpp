#include "host/listeners.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <unistd.h>

namespace wsblast::host {

namespace {

// A socket that listens on a free port of the address.
struct Listening {
    explicit Listening(Endpoint address) : descriptor(socket(address.family(), SOCK_STREAM, 0)) {
        REQUIRE(bind(descriptor, address.address(), address.length) == 0);
        REQUIRE(listen(descriptor, 1) == 0);
        sockaddr_storage bound{};
        socklen_t length = sizeof bound;
        REQUIRE(getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &length) == 0);
        port = from_sockaddr(reinterpret_cast<const sockaddr*>(&bound), length).port();
    }
    ~Listening() { close(descriptor); }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

    int descriptor;
    std::uint16_t port = 0;
};

}  // namespace

TEST_CASE("listeners: addresses of both families are read as the kernel writes them", "[host][listeners]") {
    const auto sockets = parse_listening(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 "
        "0\n"
        "   1: 0100007F:1F91 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 17 1 "
        "0\n"
        "   2: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A "
        "00000000:00000000 00:00000000 00000000     0        0 99 1 0\n");
    REQUIRE(sockets.size() == 2);
    CHECK(to_text(sockets[0].address) == "127.0.0.1:8080");
    CHECK(sockets[0].uid == 1'000);
    CHECK(sockets[0].inode == 4'242);
    CHECK(to_text(sockets[1].address) == "[2001:db8::1]:80");
    CHECK(sockets[1].inode == 99);
}

TEST_CASE("listeners: what is no line of the table is left out", "[host][listeners]") {
    CHECK(parse_listening("").empty());
    CHECK(parse_listening("\n\nnonsense\n").empty());
    CHECK(parse_listening("   0: 0100007F:1F90 00000000:0000 0A\n").empty());
}

TEST_CASE("listeners: a socket of this process leads to this process", "[host][listeners]") {
    const Listening inet4(make_ipv4(0x7f000001, 0));
    const auto sockets = sockets_listening_on(inet4.port);
    REQUIRE(sockets.size() == 1);
    CHECK(sockets[0].address == make_ipv4(0x7f000001, inet4.port));
    CHECK(sockets[0].uid == getuid());
    CHECK(holders_of(sockets) == std::vector<pid_t>{getpid()});
}

TEST_CASE("listeners: IPv6 sockets are found too", "[host][listeners]") {
    const Listening inet6(make_ipv6(in6addr_loopback, 0));
    const auto sockets = sockets_listening_on(inet6.port);
    REQUIRE(sockets.size() == 1);
    CHECK(sockets[0].address == make_ipv6(in6addr_loopback, inet6.port));
    CHECK(holders_of(sockets) == std::vector<pid_t>{getpid()});
}

TEST_CASE("listeners: a port that is bound and not listened on has none", "[host][listeners]") {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    const Endpoint any = make_ipv4(0x7f000001, 0);
    REQUIRE(bind(descriptor, any.address(), any.length) == 0);
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    REQUIRE(getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &length) == 0);
    const auto port = from_sockaddr(reinterpret_cast<const sockaddr*>(&bound), length).port();
    CHECK(sockets_listening_on(port).empty());
    CHECK(holders_of({}).empty());
    close(descriptor);
}

TEST_CASE("listeners: loopback is local, an address for documentation is not", "[host][listeners]") {
    CHECK(is_local(make_ipv4(0x7f000001, 80)));
    CHECK(is_local(make_ipv4(0x7f0000fe, 80)));
    CHECK(is_local(make_ipv6(in6addr_loopback, 80)));
    CHECK_FALSE(is_local(make_ipv4(0xc0000201, 80)));  // 192.0.2.1, RFC 5737
}

}  // namespace wsblast::host
