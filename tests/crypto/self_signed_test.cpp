#include "crypto/self_signed.hpp"

#include <catch2/catch.hpp>

#include "tests/support/tls_ends.hpp"

namespace wsblast::crypto {

TEST_CASE("self-signed: each has a key of its own", "[crypto][tls]") {
    const auto one = make_self_signed({"localhost"});
    const auto other = make_self_signed({"localhost"});
    REQUIRE(one);
    REQUIRE(other);
    CHECK(one->certificate.starts_with("-----BEGIN CERTIFICATE-----\n"));
    CHECK(one->key.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    CHECK(one->key != other->key);
    CHECK(one->certificate != other->certificate);
}

TEST_CASE("self-signed: hosts that are neither name nor address are refused", "[crypto][tls]") {
    const auto made = make_self_signed({});
    REQUIRE_FALSE(made);
    CHECK(made.error().fault == Fault::environment);
}

TEST_CASE("self-signed: a PEM file is read whole, or named", "[crypto][tls]") {
    const test::TextFile file("text\nof two lines");
    const auto read = read_pem_file(file.path());
    REQUIRE(read);
    CHECK(*read == "text\nof two lines");
    const auto missing = read_pem_file("/nowhere/key.pem");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().what.find("/nowhere/key.pem") != std::string::npos);
    CHECK(missing.error().fault == Fault::usage);
}

}  // namespace wsblast::crypto
