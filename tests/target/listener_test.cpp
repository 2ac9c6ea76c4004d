#include "target/listener.hpp"

#include <catch2/catch.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.hpp"

namespace wsblast::target {

namespace {

int option_of(int descriptor, int level, int option) {
    int value = -1;
    socklen_t length = sizeof value;
    getsockopt(descriptor, level, option, &value, &length);
    return value;
}

bool accepts(const Endpoint& endpoint) {
    const int descriptor = socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = connect(descriptor, endpoint.address(), endpoint.length) == 0;
    close(descriptor);
    return connected;
}

TEST_CASE("listener: each core has a socket for each address, all on one port", "[target][listener]") {
    const auto listener = Listener::open({.hosts = {"127.0.0.1", "127.0.0.2"}, .port = 0, .cores = 3});
    REQUIRE(listener);
    CHECK((*listener).port() != 0);
    REQUIRE((*listener).endpoints().size() == 2);
    CHECK((*listener).endpoints()[1].port() == (*listener).port());
    for (std::uint32_t core = 0; core < 3; ++core) {
        REQUIRE((*listener).descriptors(core).size() == 2);
        for (const int descriptor : (*listener).descriptors(core)) {
            CHECK(option_of(descriptor, SOL_SOCKET, SO_ACCEPTCONN) == 1);
            CHECK(option_of(descriptor, IPPROTO_TCP, TCP_NODELAY) == 1);
        }
    }
    for (const Endpoint& endpoint : (*listener).endpoints()) CHECK(accepts(endpoint));
}

TEST_CASE("listener: a port in use is refused by name, even to one that would share",
          "[target][listener]") {
    auto first = Listener::open({.hosts = {"127.0.0.1"}, .port = 0, .cores = 2});
    REQUIRE(first);
    const std::uint16_t port = (*first).port();
    const auto second = Listener::open({.hosts = {"127.0.0.1"}, .port = port, .cores = 2});
    REQUIRE_FALSE(second);
    CHECK(second.error().fault == Fault::environment);
    CHECK(second.error().what.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
    CHECK(second.error().what.find("--port") != std::string::npos);
}

TEST_CASE("listener: a port is free again when its listener has gone", "[target][listener]") {
    std::uint16_t port = 0;
    {
        const auto listener = Listener::open({.hosts = {"127.0.0.1"}, .port = 0, .cores = 1});
        REQUIRE(listener);
        port = (*listener).port();
    }
    CHECK(Listener::open({.hosts = {"127.0.0.1"}, .port = port, .cores = 1}));
}

TEST_CASE("listener: once told to refuse it accepts no more", "[target][listener]") {
    auto listener = Listener::open({.hosts = {"127.0.0.1"}, .port = 0, .cores = 2});
    REQUIRE(listener);
    (*listener).refuse();
    CHECK_FALSE(accepts((*listener).endpoints().front()));
}

TEST_CASE("listener: an IPv6 address that is not there is left out with a warning", "[target][listener]") {
    // 2001:db8::/32 is for documentation: no machine has an address of it.
    const auto listener = Listener::open({.hosts = {"127.0.0.1", "2001:db8::1"}, .port = 0, .cores = 1});
    REQUIRE(listener);
    CHECK((*listener).endpoints().size() == 1);
    REQUIRE((*listener).warnings().size() == 1);
    CHECK((*listener).warnings()[0].find("2001:db8::1") != std::string::npos);
    CHECK_FALSE(Listener::open({.hosts = {"2001:db8::1"}, .port = 0, .cores = 1}));
}

TEST_CASE("listener: an address of another machine and too many of them are errors", "[target][listener]") {
    const auto foreign = Listener::open({.hosts = {"192.0.2.1"}, .port = 0, .cores = 1});
    REQUIRE_FALSE(foreign);
    CHECK(foreign.error().what.find("192.0.2.1") != std::string::npos);
    std::vector<std::string> hosts;
    for (std::uint32_t i = 0; i <= limits::kListenersMax; ++i)
        hosts.push_back("127.0.1." + std::to_string(i));
    CHECK_FALSE(Listener::open({.hosts = hosts, .port = 0, .cores = 1}));
}

TEST_CASE("listener: the same address named twice is one", "[target][listener]") {
    const auto listener = Listener::open({.hosts = {"127.0.0.1", "127.0.0.1"}, .port = 0, .cores = 1});
    REQUIRE(listener);
    CHECK((*listener).endpoints().size() == 1);
}

}  // namespace

}  // namespace wsblast::target
