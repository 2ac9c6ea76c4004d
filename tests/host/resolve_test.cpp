#include "host/resolve.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

namespace wsblast::host {

namespace {

constexpr std::uint16_t kPort = 8000;

bool mentions(const Error& error, std::string_view word) {
    return error.what.find(word) != std::string::npos;
}

}  // namespace

TEST_CASE("resolve: an address is itself, with the port, and the lookup took a time", "[host][resolve]") {
    const Result<Lookup> ipv4 = resolve("127.0.0.1", kPort);
    REQUIRE(ipv4.ok());
    CHECK(ipv4->endpoints == std::vector{make_ipv4(0x7f000001, kPort)});
    CHECK(ipv4->lookup_ns > 0);

    const Result<Lookup> ipv6 = resolve("::1", kPort);
    REQUIRE(ipv6.ok());
    REQUIRE(ipv6->endpoints.size() == 1);
    CHECK(to_text(ipv6->endpoints.front()) == "[::1]:8000");
}

TEST_CASE("resolve: localhost leads to this machine, each address once", "[host][resolve]") {
    const Result<Lookup> lookup = resolve("localhost", kPort);
    REQUIRE(lookup.ok());
    for (const Endpoint& endpoint : lookup->endpoints) {
        CHECK(endpoint.is_loopback());
        CHECK(endpoint.port() == kPort);
        CHECK(std::count(lookup->endpoints.begin(), lookup->endpoints.end(), endpoint) == 1);
    }
}

TEST_CASE("resolve: an unknown host is named together with the remedy", "[host][resolve]") {
    const Result<Lookup> lookup = resolve("no-such-host.invalid", kPort);
    REQUIRE_FALSE(lookup.ok());
    CHECK(lookup.error().fault == Fault::environment);
    CHECK(mentions(lookup.error(), "'no-such-host.invalid'"));
    CHECK(mentions(lookup.error(), "address"));
}

TEST_CASE("resolve: loopback is reached from loopback, with no port chosen", "[host][resolve]") {
    const Result<Endpoint> local = local_address_toward(make_ipv4(0x7f000001, kPort));
    REQUIRE(local.ok());
    CHECK(*local == make_ipv4(0x7f000001, 0));
}

TEST_CASE("resolve: a destination without a way is an error that names it", "[host][resolve]") {
    const Result<Endpoint> local = local_address_toward(make_ipv4(0xffffffff, kPort));
    REQUIRE_FALSE(local.ok());
    CHECK(mentions(local.error(), "255.255.255.255:8000"));
}

}  // namespace wsblast::host
