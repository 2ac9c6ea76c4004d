#include "target/identity.hpp"

#include <catch2/catch.hpp>

#include "tests/support/tls_ends.hpp"

namespace wsblast::target {

namespace {

// Whether a client that trusts the certificate alone takes it for that host's.
bool is_good_for(const crypto::TlsServerOptions& identity, const std::string& host) {
    const test::TextFile ca(identity.certificate);
    const auto client = crypto::TlsContext::client({.ca_file = ca.path()}, 1);
    const auto server = crypto::TlsContext::server(identity);
    REQUIRE(client);
    REQUIRE(server);
    test::TlsEnds ends(**client, **server, host);
    ends.shake_hands();
    return ends.client.shaken == crypto::TlsStatus::done;
}

}  // namespace

TEST_CASE("identity: one of its own is good for where the server listens", "[target][tls]") {
    plan::ServeOptions options;
    options.hosts = {"127.0.0.1", "10.1.2.3"};
    const auto identity = find_identity(options);
    REQUIRE(identity);
    for (const char* host : {"localhost", "127.0.0.1", "::1", "10.1.2.3"})
        CHECK(is_good_for(*identity, host));
    CHECK_FALSE(is_good_for(*identity, "10.1.2.4"));
    CHECK_FALSE(is_good_for(*identity, "example.org"));
}

TEST_CASE("identity: tickets of one server are not those of another", "[target][tls]") {
    const auto one = find_identity({});
    const auto other = find_identity({});
    REQUIRE(one);
    REQUIRE(other);
    CHECK(one->ticket_keys != other->ticket_keys);
    CHECK(one->certificate != other->certificate);
}

TEST_CASE("identity: files are read, and named when they cannot be", "[target][tls]") {
    const test::TextFile certificate(test::localhost_identity().certificate);
    const test::TextFile key(test::localhost_identity().key);
    plan::ServeOptions options;
    options.tls.certificate_file = certificate.path();
    options.tls.key_file = key.path();
    const auto identity = find_identity(options);
    REQUIRE(identity);
    CHECK(identity->certificate == test::localhost_identity().certificate);
    options.tls.key_file = "/nowhere/key.pem";
    const auto missing = find_identity(options);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().what.find("/nowhere/key.pem") != std::string::npos);
    options.tls.key_file = certificate.path();
    CHECK_FALSE(find_identity(options));
}

}  // namespace wsblast::target
