#include "crypto/tls_facts.hpp"

#include <catch2/catch.hpp>

namespace wsblast::crypto {

TEST_CASE("tls facts: names for people", "[crypto][tls]") {
    CHECK(tls_version_name(0x0304) == "TLSv1.3");
    CHECK(tls_version_name(0x0999) == "0x0999");
    CHECK(tls_cipher_name(0x1301) == "TLS_AES_128_GCM_SHA256");
    CHECK(tls_cipher_name(0xeeee) == "0xeeee");
    CHECK(tls_alert_name(40) == "handshake failure");
    CHECK(tls_alert_name(116) == "certificate required");
    CHECK(tls_alert_name(200) == "number 200");
    CHECK(tls_verify_name(10) == "certificate has expired");
}

}  // namespace wsblast::crypto
