#include "report/tls_report.hpp"

#include <catch2/catch.hpp>

namespace wsblast::report {

namespace {

stats::TlsResult result() {
    stats::TlsResult tls;
    tls.resumption = true;
    tls.agreements = {{"TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 1, 2},
                      {"TLSv1.3", "TLS_AES_256_GCM_SHA384", 10, 20}};
    tls.faults = {{stats::TlsFaultKind::alert, "handshake failure", 3},
                  {stats::TlsFaultKind::certificate, "self-signed certificate", 4},
                  {stats::TlsFaultKind::truncation, "FIN without close_notify", 5}};
    return tls;
}

}  // namespace

TEST_CASE("tls report: nothing is said where no URL was secure", "[report][tls]") {
    CHECK(tls_section(std::nullopt).empty());
    CHECK(tls_json(std::nullopt).is_null());
}

TEST_CASE("tls report: handshakes, what was agreed on, and faults by name", "[report][tls]") {
    CHECK(tls_section(result()) ==
          "\nTLS: 11 full handshakes, 22 resumed\n"
          "  TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256: 3\n"
          "  TLSv1.3 TLS_AES_256_GCM_SHA384: 30\n"
          "  Ended by the server's alert 'handshake failure': 3\n"
          "  Refused certificate 'self-signed certificate': 4\n"
          "  Ended by the server with FIN without close_notify: 5\n");
}

TEST_CASE("tls report: what was not checked is said loudly", "[report][tls]") {
    stats::TlsResult tls;
    tls.verified = false;
    CHECK(tls_section(tls).find("!! CERTIFICATES WERE NOT CHECKED (--tls-insecure)") != std::string::npos);
    CHECK(tls_section(tls).find("--tls-resume is off") != std::string::npos);
    CHECK(tls_json(tls)["verified"] == false);
}

TEST_CASE("tls report: nobody was verified where no handshake came to an end", "[report][tls]") {
    stats::TlsResult tls;
    tls.faults = {{stats::TlsFaultKind::certificate, "self-signed certificate", 4}};
    CHECK(tls_json(tls)["verified"] == false);
    CHECK(tls_section(tls).find("NOT CHECKED") == std::string::npos);
    tls.agreements = {{"TLSv1.3", "TLS_AES_256_GCM_SHA384", 1, 0}};
    CHECK(tls_json(tls)["verified"] == true);
}

TEST_CASE("tls report: the JSON has the sums and their parts", "[report][tls]") {
    const Json json = tls_json(result());
    CHECK(json["verified"] == true);
    CHECK(json["resumption"] == true);
    CHECK(json["full"] == 11);
    CHECK(json["resumed"] == 22);
    CHECK(json["agreed"][1]["cipher"] == "TLS_AES_256_GCM_SHA384");
    CHECK(json["faults"][0]["kind"] == "alert");
    CHECK(json["faults"][1]["what"] == "self-signed certificate");
    CHECK(json["faults"][2]["kind"] == "truncation");
}

}  // namespace wsblast::report
