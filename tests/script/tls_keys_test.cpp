#include "script/tls_keys.hpp"

#include <catch2/catch.hpp>

#include "tests/support/test_folder.hpp"

using namespace wsblast;

namespace {

const Place kTlsPlace{std::make_shared<const std::string>("s.yml"), 4};

std::string tls_key_fault(const std::string& key, const Node& value) {
    crypto::TlsClientOptions tls;
    const auto read = script::read_tls_key({key, kTlsPlace, value}, {"config.tls", "."}, tls);
    return read ? "accepted" : read.error().what;
}

}  // namespace

TEST_CASE("tls keys: files are relative to the script, versions and names as Node has them",
          "[script][tls]") {
    const test::TestFolder folder;
    const std::string pem = folder.write("ca.pem", "x");
    const script::TlsPlace where{"config.tls", folder.path("")};
    crypto::TlsClientOptions tls;
    const auto read = [&](const char* key, const Node& value) {
        return script::read_tls_key({key, kTlsPlace, value}, where, tls).ok();
    };
    CHECK(read("ca", Node::of_text("ca.pem", kTlsPlace)));
    CHECK(read("cert", Node::of_text(pem, kTlsPlace)));
    CHECK(read("key", Node::of_text(pem, kTlsPlace)));
    CHECK(read("rejectUnauthorized", Node::of_boolean(0, kTlsPlace)));
    CHECK(read("minVersion", Node::of_text("TLSv1.3", kTlsPlace)));
    CHECK(read("ciphers", Node::of_text("A:B", kTlsPlace)));
    CHECK(read("servername", Node::of_text("n", kTlsPlace)));
    CHECK(read("anything", Node::of_number(1, kTlsPlace)));
    CHECK(tls.ca_file == pem);
    CHECK(tls.certificate_file == pem);
    CHECK(tls.check == crypto::PeerCheck::none);
    CHECK(tls.terms.version_min == crypto::TlsVersion::tls_1_3);
    CHECK(tls.terms.ciphers == "A:B");
    CHECK(tls.server_name == "n");
    CHECK(script::check_tls_keys(tls, kTlsPlace, "config.tls").ok());
}

TEST_CASE("tls keys: each fault names its key", "[script][tls]") {
    CHECK(tls_key_fault("ca", Node::of_text("none.pem", kTlsPlace))
              .find("s.yml:4: config.tls.ca: must be the path of a PEM file; there is no file") == 0);
    CHECK(tls_key_fault("key", Node::of_text("-----BEGIN PRIVATE KEY-----", kTlsPlace)) ==
          "s.yml:4: config.tls.key: must be the path of a PEM file, and is what is in one");
    CHECK(tls_key_fault("cert", Node::of_list(kTlsPlace)).find("must be a text, and is a list") !=
          std::string::npos);
    CHECK(
        tls_key_fault("minVersion", Node::of_text("TLSv1", kTlsPlace)).find("must be TLSv1.2 or TLSv1.3") !=
        std::string::npos);
    CHECK(
        tls_key_fault("rejectUnauthorized", Node::of_text("no", kTlsPlace)).find("must be true or false") !=
        std::string::npos);
    crypto::TlsClientOptions half;
    half.certificate_file = "x";
    CHECK(script::check_tls_keys(half, kTlsPlace, "config.ws").error().what ==
          "s.yml:4: config.ws: cert and key go together: give both, or neither");
    crypto::TlsClientOptions none;
    none.terms = {.version_min = crypto::TlsVersion::tls_1_3, .version_max = crypto::TlsVersion::tls_1_2};
    CHECK_FALSE(script::check_tls_keys(none, kTlsPlace, "config.ws"));
}
