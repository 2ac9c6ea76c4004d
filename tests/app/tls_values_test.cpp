#include "app/tls_values.hpp"

#include <catch2/catch.hpp>

#include "tests/support/tls_ends.hpp"

namespace wsblast::app {

namespace {

plan::RunOptions secure() {
    plan::RunOptions options;
    options.urls = {"wss://localhost/ws"};
    return options;
}

void check_refused(const Result<void>& result, const std::string& names) {
    REQUIRE_FALSE(result);
    CHECK(result.error().fault == Fault::usage);
    INFO(result.error().what);
    CHECK(result.error().what.find(names) != std::string::npos);
}

}  // namespace

TEST_CASE("tls values: versions are 1.2 and 1.3", "[app][tls]") {
    CHECK(*parse_tls_version("1.2") == crypto::TlsVersion::tls_1_2);
    CHECK(*parse_tls_version("1.3") == crypto::TlsVersion::tls_1_3);
    for (const char* other : {"1.1", "1", "", "tls1.3"}) CHECK_FALSE(parse_tls_version(other));
}

TEST_CASE("tls values: without a secure URL nothing may be asked of TLS", "[app][tls]") {
    plan::RunOptions options;
    CHECK(check_tls(options));
    options.tls.check = crypto::PeerCheck::none;
    check_refused(check_tls(options), "wss://");
    options.urls.push_back("wss://localhost/ws");
    CHECK(check_tls(options));
}

TEST_CASE("tls values: the built-in target speaks TLS to who does not check it", "[app][tls]") {
    plan::RunOptions options;
    options.target = plan::TargetChoice::built_in;
    options.tls.terms.version_min = crypto::TlsVersion::tls_1_3;
    check_refused(check_tls(options), "--tls-insecure");
    options.tls.check = crypto::PeerCheck::none;
    CHECK(check_tls(options));
    options.tls.terms.version_max = crypto::TlsVersion::tls_1_2;
    check_refused(check_tls(options), "--tls-min-version");
}

TEST_CASE("tls values: a redirect may lead to where TLS is", "[app][tls]") {
    plan::RunOptions options;
    options.urls = {"ws://localhost:1/"};
    options.tls.check = crypto::PeerCheck::none;
    check_refused(check_tls(options), "wss://");
    options.access.redirects = plan::Redirects::follow;
    CHECK(check_tls(options));
    options.tls.certificate_file = "cert.pem";
    check_refused(check_tls(options), "--tls-key");
}

TEST_CASE("tls values: a certificate goes with its key", "[app][tls]") {
    const test::TextFile certificate(test::localhost_identity().certificate);
    const test::TextFile key(test::localhost_identity().key);
    plan::RunOptions options = secure();
    options.tls.certificate_file = certificate.path();
    check_refused(check_tls(options), "--tls-key");
    options.tls.key_file = key.path();
    CHECK(check_tls(options));
    options.tls.key_file = certificate.path();
    check_refused(check_tls(options), "--tls-key");
}

TEST_CASE("tls values: some version and some cipher must be left", "[app][tls]") {
    plan::RunOptions options = secure();
    options.tls.terms.version_min = crypto::TlsVersion::tls_1_3;
    options.tls.terms.version_max = crypto::TlsVersion::tls_1_2;
    check_refused(check_tls(options), "--tls-min-version");
    options = secure();
    options.tls.terms.ciphers = "TLS_NOTHING";
    check_refused(check_tls(options), "--tls-ciphers");
}

TEST_CASE("tls values: a certificate turns the target's TLS on, other options need it", "[app][tls]") {
    plan::ServeTls tls;
    CHECK(complete_tls(tls));
    CHECK_FALSE(tls.on);
    tls.client_ca_file = "ca.pem";
    check_refused(complete_tls(tls), "--tls");
    tls.certificate_file = "cert.pem";
    check_refused(complete_tls(tls), "--tls-key");
    tls.key_file = "key.pem";
    CHECK(complete_tls(tls));
    CHECK(tls.on);
}

}  // namespace wsblast::app
