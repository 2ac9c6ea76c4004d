#include "ring/tcp_info.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/sockets.hpp"

using namespace wsblast;
using namespace wsblast::ring;
using namespace wsblast::test;

TEST_CASE("tcp info: a connection on loopback has a round trip and nothing sent again",
          "[ring][tcp_info]") {
    const Descriptor listener = make_listener();
    const Descriptor client = begin_connect(local_address(listener));
    const Descriptor server = accept_one(listener);
    REQUIRE(write_some(client, "hello") == 5);
    std::string text;
    read_into(text, server);
    const auto info = read_tcp_info(client);
    REQUIRE(info.has_value());
    CHECK(info->rtt_ns > 0);
    CHECK(info->rtt_ns < kSecond);
    CHECK(info->rtt_min_ns <= info->rtt_ns);
    CHECK(info->retransmits == 0);
    CHECK(info->lost == 0);
    CHECK(info->bytes_resent == 0);
}

TEST_CASE("tcp info: what is no TCP socket has none", "[ring][tcp_info]") {
    const Descriptor udp(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    CHECK_FALSE(read_tcp_info(udp).has_value());
    CHECK_FALSE(read_tcp_info(-1).has_value());
}
