#include "crypto/tls_context.hpp"

#include <catch2/catch.hpp>

#include "tests/support/tls_ends.hpp"

namespace wsblast::crypto {

namespace {

using test::localhost_identity;
using test::localhost_server;
using test::TextFile;

void check_usage(const Result<std::unique_ptr<TlsContext>>& made, const std::string& names) {
    REQUIRE_FALSE(made);
    CHECK(made.error().fault == Fault::usage);
    INFO(made.error().what);
    CHECK(made.error().what.find(names) != std::string::npos);
}

}  // namespace

TEST_CASE("tls context: a file that is none is named", "[crypto][tls]") {
    const TextFile garbage("garbage");
    check_usage(TlsContext::client({.ca_file = "/nowhere/ca.pem"}, 1), "/nowhere/ca.pem");
    check_usage(TlsContext::client({.ca_file = garbage.path()}, 1), garbage.path());
    check_usage(TlsContext::client({.certificate_file = garbage.path(), .key_file = garbage.path()}, 1),
                garbage.path());
    const std::string folder = std::filesystem::temp_directory_path();
    check_usage(TlsContext::client({.ca_file = folder}, 1), "is a directory: give one file, of PEM");
    TlsServerOptions server = localhost_server();
    server.client_ca_file = folder;
    check_usage(TlsContext::server(server), "is a directory");
    server.client_ca_file = "/nowhere/clients.pem";
    check_usage(TlsContext::server(server), "/nowhere/clients.pem");
}

TEST_CASE("tls context: a key must be the certificate's", "[crypto][tls]") {
    const auto other = make_self_signed({"other"});
    REQUIRE(other);
    const TextFile certificate(localhost_identity().certificate);
    const TextFile key(other->key);
    check_usage(TlsContext::client({.certificate_file = certificate.path(), .key_file = key.path()}, 1),
                "key values mismatch");
    TlsServerOptions server = localhost_server();
    server.key = other->key;
    check_usage(TlsContext::server(server), "--tls-key");
    server.certificate = "";
    check_usage(TlsContext::server(server), "--tls-cert");
}

TEST_CASE("tls context: ciphers of both versions stand in one list", "[crypto][tls]") {
    const auto with = [](const char* ciphers) {
        TlsClientOptions options;
        options.terms.ciphers = ciphers;
        return TlsContext::client(options, 1);
    };
    CHECK(with("TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256"));
    check_usage(with("TLS_NO_SUCH_THING"), "TLS_NO_SUCH_THING");
    check_usage(with("NO-SUCH-THING"), "NO-SUCH-THING");
}

TEST_CASE("tls context: the cipher that was asked for is used", "[crypto][tls]") {
    TlsClientOptions options = test::localhost_client();
    options.terms.ciphers = "TLS_CHACHA20_POLY1305_SHA256";
    const auto client = TlsContext::client(options, 1);
    const auto server = TlsContext::server(localhost_server());
    REQUIRE(client);
    REQUIRE(server);
    test::TlsEnds ends(**client, **server);
    ends.shake_hands();
    CHECK(tls_cipher_name(ends.server.session.facts().cipher) == "TLS_CHACHA20_POLY1305_SHA256");
}

TEST_CASE("tls context: the pipe holds what no call has taken", "[crypto][tls]") {
    const auto client = TlsContext::client({.check = PeerCheck::none}, 1);
    REQUIRE(client);
    TlsSession session = TlsSession::connect(**client, 0, "localhost");
    CHECK((*client)->output().empty());
    CHECK(session.shake_hands() == TlsStatus::need_more);
    CHECK((*client)->output().size() > 100);
    (*client)->clear_output();
    CHECK((*client)->output().empty());
    CHECK((*client)->all_read());
    session.end();
    CHECK_FALSE(session.valid());
    session.end();
}

}  // namespace wsblast::crypto
