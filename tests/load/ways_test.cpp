#include "load/ways.hpp"

#include <catch2/catch.hpp>

namespace wsblast::load {

namespace {

constexpr auto kAlert = stats::TlsFaultKey{stats::TlsFaultKind::alert, 40};
constexpr auto kTruncation = stats::TlsFaultKey{stats::TlsFaultKind::truncation, 0};

}  // namespace

TEST_CASE("ways: handshakes by what they agreed on, and how TLS ended", "[load][ways]") {
    constexpr std::uint32_t kKey = stats::TlsKey{0x0304, 0x1302}.pack();
    stats::Snapshot totals;
    totals.tls_full = {{kKey, 3}};
    totals.tls_resumed = {{kKey, 4}};
    totals.tls_faults = {{kAlert.pack(), 1}, {kTruncation.pack(), 2}};
    plan::RunOptions options;
    options.urls = {"ws://a/"};
    CHECK_FALSE(tls_result(totals, options));
    options.urls.emplace_back("wss://a/");
    const auto tls = tls_result(totals, options);
    REQUIRE(tls);
    CHECK(tls->verified);
    CHECK(tls->full() == 3);
    CHECK(tls->resumed() == 4);
    REQUIRE(tls->agreements.size() == 1);
    CHECK(tls->agreements[0].cipher == "TLS_AES_256_GCM_SHA384");
    REQUIRE(tls->faults.size() == 2);
    CHECK(tls->faults[0].what == "handshake failure");
    CHECK(tls->faults[1].what == "FIN without close_notify");
}

TEST_CASE("ways: a proxy's answers are statuses or replies", "[load][ways]") {
    stats::Snapshot totals;
    totals.proxy_answers = {{2, 5}};
    plan::RunOptions options;
    CHECK(proxy_answers(totals, options).empty());
    options.access.proxy = proto::ProxyUrl{.kind = proto::ProxyKind::socks5};
    REQUIRE(proxy_answers(totals, options).size() == 1);
    CHECK(proxy_answers(totals, options)[0].what == "SOCKS5 reply 2, not allowed by its rules");
    CHECK(proxy_answers(totals, options)[0].count == 5);
    options.access.proxy->kind = proto::ProxyKind::http_connect;
    totals.proxy_answers = {{403, 5}};
    CHECK(proxy_answers(totals, options)[0].what == "HTTP status 403");
}

TEST_CASE("ways: subprotocols by name, those without one last", "[load][ways]") {
    stats::Snapshot totals;
    totals.subprotocols = {{stats::subprotocol_key(std::nullopt), 2}, {stats::subprotocol_key(1), 998}};
    plan::RunOptions options;
    CHECK_FALSE(subprotocols(totals, options));
    options.subprotocols = {"superchat", "chat"};
    const auto counts = subprotocols(totals, options);
    REQUIRE(counts);
    REQUIRE(counts->size() == 2);
    CHECK((*counts)[0].name == "chat");
    CHECK((*counts)[0].count == 998);
    CHECK((*counts)[1].name.empty());
}

}  // namespace wsblast::load
