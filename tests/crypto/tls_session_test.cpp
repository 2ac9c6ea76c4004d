#include "crypto/tls_session.hpp"

#include <catch2/catch.hpp>

#include "tests/support/every_split.hpp"
#include "tests/support/tls_ends.hpp"

namespace wsblast::crypto {

namespace {

using test::localhost_client;
using test::localhost_server;
using test::TlsEnds;

constexpr std::uint8_t kBadRecordMac = 20;
constexpr std::uint8_t kUnknownCa = 48;
constexpr std::uint8_t kProtocolVersion = 70;
constexpr std::uint8_t kCertificateRequired = 116;

std::unique_ptr<TlsContext> client_of(const TlsClientOptions& options) {
    auto made = TlsContext::client(options, 1);
    REQUIRE(made);
    return std::move(*made);
}
std::unique_ptr<TlsContext> server_of(const TlsServerOptions& options) {
    auto made = TlsContext::server(options);
    REQUIRE(made);
    return std::move(*made);
}

TlsTerms only(TlsVersion version) {
    return {.version_min = version, .version_max = version};
}

// A client and a server that have shaken hands.
struct Open {
    explicit Open(TlsVersion version = TlsVersion::tls_1_3) {
        TlsClientOptions options = localhost_client();
        options.terms = only(version);
        client = client_of(options);
        server = server_of(localhost_server());
        ends.emplace(*client, *server);
        ends->shake_hands();
        REQUIRE(ends->client.shaken == TlsStatus::done);
        REQUIRE(ends->server.shaken == TlsStatus::done);
    }

    std::unique_ptr<TlsContext> client;
    std::unique_ptr<TlsContext> server;
    std::optional<TlsEnds> ends;
};

std::vector<std::uint8_t> say(test::TlsEnd& end, std::string_view text) {
    REQUIRE(end.session.write(as_bytes(text)) == TlsStatus::done);
    return end.take_output();
}

}  // namespace

TEST_CASE("tls session: both versions shake hands and carry text both ways", "[crypto][tls]") {
    const auto version = GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3);
    Open open(version);
    const TlsFacts facts = open.ends->client.session.facts();
    CHECK(facts.version == static_cast<std::uint16_t>(version));
    CHECK(facts.cipher == open.ends->server.session.facts().cipher);
    CHECK_FALSE(facts.resumed);
    open.ends->server.hear(say(open.ends->client, "over"));
    CHECK(open.ends->server.heard == "over");
    open.ends->client.hear(say(open.ends->server, "and back"));
    CHECK(open.ends->client.heard == "and back");
}

TEST_CASE("tls session: records are read wherever the network cuts them", "[crypto][tls]") {
    Open open(GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3));
    constexpr std::string_view kText = "seventeen letters";
    // A stream has one life: each way of cutting reads a record of its own, of the same length.
    const std::vector<std::uint8_t> model = say(open.ends->client, kText);
    open.ends->server.hear(model);
    std::string expected(kText);
    test::for_every_split(model, [&](test::SplitInput& cuts) {
        const auto bytes = say(open.ends->client, kText);
        REQUIRE(bytes.size() == model.size());
        for (std::size_t at = 0; !cuts.done();) {
            const std::size_t size = cuts.next().size();
            open.ends->server.hear(ByteView(bytes).subspan(at, size));
            at += size;
        }
        expected += kText;
        REQUIRE(open.ends->server.heard == expected);
    });
}

TEST_CASE("tls session: a handshake goes on at every byte", "[crypto][tls]") {
    const auto client = client_of(localhost_client());
    const auto server = server_of(localhost_server());
    TlsEnds ends(*client, *server);
    const auto drip = [](const std::vector<std::uint8_t>& bytes, test::TlsEnd& to) {
        std::vector<std::uint8_t> answer;
        for (const std::uint8_t& byte : bytes) {
            const auto more = to.hear({&byte, 1});
            answer.insert(answer.end(), more.begin(), more.end());
        }
        return answer;
    };
    for (auto bytes = ends.client.hear({}); !bytes.empty();)
        bytes = drip(drip(bytes, ends.server), ends.client);
    CHECK(ends.client.shaken == TlsStatus::done);
    CHECK(ends.server.shaken == TlsStatus::done);
}

TEST_CASE("tls session: a certificate must be trusted, and be of that name", "[crypto][tls]") {
    const auto server = server_of(localhost_server());
    const auto refused = [&](const TlsClientOptions& options, const std::string& name) {
        const auto client = client_of(options);
        TlsEnds ends(*client, *server, name);
        ends.shake_hands();
        CHECK(ends.client.shaken == TlsStatus::failed);
        return ends.client.session.fault();
    };
    CHECK(refused({}, "localhost").failure == TlsFailure::untrusted);
    CHECK(refused(localhost_client(), "elsewhere").failure == TlsFailure::wrong_name);
    CHECK(refused(localhost_client(), "127.0.0.2").failure == TlsFailure::wrong_name);
    const auto name = GENERATE("localhost", "127.0.0.1", "::1");
    const auto client = client_of(localhost_client());
    TlsEnds ends(*client, *server, name);
    ends.shake_hands();
    CHECK(ends.client.shaken == TlsStatus::done);
}

TEST_CASE("tls session: a common name is no name of a server", "[crypto][tls]") {
    // CN=localhost, without a subjectAltName; for a hundred years.
    TlsServerOptions options;
    options.certificate = R"(-----BEGIN CERTIFICATE-----
MIIBWjCCAQGgAwIBAgIUMleXg/rBFc3qhII5rCmpWwpgAvcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzA0NDc0NloYDzIxMjYxMTAz
MDQ0NzQ2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARDPyu2hrSMp7MIbMneT+FGGJKwb9gpLNoLbVW2GSbQDy0Ky7wGXZFg
kGcrLn6KLwBUpPIA2895wt7hXtrHnH2qoy8wLTAMBgNVHRMEBTADAQH/MB0GA1Ud
DgQWBBTy2q/nA9tEDNpSGLPlqFJZYgQObTAKBggqhkjOPQQDAgNHADBEAiBT8p5B
nalIqW1WIVlfZvPUm7kZxiCqz29e9sZoKb38UgIgeX1oU+h0CqTd2+ASZ1J1PMsf
4xj+ub4yN6HUuCgW3V4=
-----END CERTIFICATE-----
)";
    options.key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8wHp76FFNhN6lwjO
iUu1RrKw42JN4KOpdd9bPc8snE+hRANCAARDPyu2hrSMp7MIbMneT+FGGJKwb9gp
LNoLbVW2GSbQDy0Ky7wGXZFgkGcrLn6KLwBUpPIA2895wt7hXtrHnH2q
-----END PRIVATE KEY-----
)";
    const auto server = server_of(options);
    const test::TextFile ca(options.certificate);
    const auto client = client_of({.ca_file = ca.path()});
    TlsEnds ends(*client, *server, "localhost");
    ends.shake_hands();
    CHECK(ends.client.shaken == TlsStatus::failed);
    CHECK(ends.client.session.fault().failure == TlsFailure::wrong_name);
}

TEST_CASE("tls session: who refuses a certificate tells the server why", "[crypto][tls]") {
    const auto client = client_of({});
    const auto server = server_of(localhost_server());
    TlsEnds ends(*client, *server);
    ends.shake_hands();
    CHECK(ends.server.shaken == TlsStatus::failed);
    CHECK(ends.server.session.fault().failure == TlsFailure::peer_alert);
    CHECK(ends.server.session.fault().code == kUnknownCa);
    CHECK(tls_alert_name(kUnknownCa) == "unknown CA");
}

TEST_CASE("tls session: unchecked, any certificate will do", "[crypto][tls]") {
    const auto client = client_of({.check = PeerCheck::none});
    const auto server = server_of(localhost_server());
    TlsEnds ends(*client, *server, "elsewhere");
    ends.shake_hands();
    CHECK(ends.client.shaken == TlsStatus::done);
}

TEST_CASE("tls session: without a common version the client hears the alert", "[crypto][tls]") {
    TlsClientOptions old = localhost_client();
    old.terms = only(TlsVersion::tls_1_2);
    TlsServerOptions modern = localhost_server();
    modern.terms = only(TlsVersion::tls_1_3);
    const auto client = client_of(old);
    const auto server = server_of(modern);
    TlsEnds ends(*client, *server);
    ends.shake_hands();
    CHECK(ends.server.session.fault().failure == TlsFailure::protocol);
    CHECK(ends.client.session.fault().failure == TlsFailure::peer_alert);
    CHECK(ends.client.session.fault().code == kProtocolVersion);
}

TEST_CASE("tls session: clients are asked for a certificate where there is a CA for it", "[crypto][tls]") {
    const auto own = make_self_signed({"client"});
    REQUIRE(own);
    const test::TextFile certificate(own->certificate);
    const test::TextFile key(own->key);
    TlsServerOptions strict = localhost_server();
    strict.client_ca_file = certificate.path();
    const auto server = server_of(strict);
    TlsClientOptions options = localhost_client();
    const auto stranger = client_of(options);
    TlsEnds refused(*stranger, *server);
    refused.shake_hands();
    CHECK(refused.server.shaken == TlsStatus::failed);
    CHECK(refused.client.last_read == TlsStatus::failed);  // 1.3: its handshake was done before
    CHECK(refused.client.session.fault().failure == TlsFailure::peer_alert);
    CHECK(refused.client.session.fault().code == kCertificateRequired);

    options.certificate_file = certificate.path();
    options.key_file = key.path();
    const auto known = client_of(options);
    TlsEnds ends(*known, *server);
    ends.shake_hands();
    CHECK(ends.server.shaken == TlsStatus::done);
}

TEST_CASE("tls session: tickets resume, where they are wanted", "[crypto][tls]") {
    TlsClientOptions options = localhost_client();
    options.terms = only(GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3));
    options.resumption = GENERATE(Resumption::off, Resumption::tickets);
    const auto client = client_of(options);
    const auto one_core = server_of(localhost_server());
    const auto other_core = server_of(localhost_server());
    for (int i = 0; i < 5; ++i) {
        TlsEnds ends(*client, i % 2 == 0 ? *one_core : *other_core);
        ends.shake_hands();
        REQUIRE(ends.client.shaken == TlsStatus::done);
        REQUIRE(ends.server.shaken == TlsStatus::done);
        CHECK(ends.client.session.facts().resumed == (i > 0 && options.resumption == Resumption::tickets));
        ends.client.hear(say(ends.server, "after that"));
        CHECK(ends.client.heard == "after that");
        ends.server.hear(say(ends.client, "and back"));
        CHECK(ends.server.heard == "and back");
    }
}

TEST_CASE("tls session: OpenSSL leaves when hands are shaken, with tickets too", "[crypto][tls]") {
    TlsClientOptions options = localhost_client();
    options.terms = only(TlsVersion::tls_1_2);
    options.resumption = GENERATE(Resumption::off, Resumption::tickets);
    const auto client = client_of(options);
    const auto server = server_of(localhost_server());
    for (int i = 0; i < 2; ++i) {
        TlsEnds ends(*client, *server);
        ends.shake_hands();
        // The nonce of our own records is their number; OpenSSL begins at random.
        for (test::TlsEnd* end : {&ends.client, &ends.server}) {
            const auto record = say(*end, "text");
            REQUIRE(record.size() > 13);
            CHECK(std::vector<std::uint8_t>(record.begin() + 5, record.begin() + 13) ==
                  std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 1});
            (end == &ends.client ? ends.server : ends.client).hear(record);
        }
        CHECK(ends.client.heard == "text");
        CHECK(ends.server.heard == "text");
    }
}

TEST_CASE("tls session: close_notify ends what is read, and not what is written", "[crypto][tls]") {
    Open open(GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3));
    open.ends->client.session.close_notify();
    open.ends->server.hear(open.ends->client.take_output());
    CHECK(open.ends->server.last_read == TlsStatus::closed);
    open.ends->client.hear(say(open.ends->server, "last words"));
    CHECK(open.ends->client.last_read == TlsStatus::need_more);
    CHECK(open.ends->client.heard == "last words");
    open.ends->server.session.close_notify();
    open.ends->client.hear(open.ends->server.take_output());
    CHECK(open.ends->client.last_read == TlsStatus::closed);
}

TEST_CASE("tls session: keys change after so many sends, in 1.3", "[crypto][tls]") {
    const auto version = GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3);
    Open open(version);
    constexpr std::uint32_t kAfter = 3;
    std::vector<std::size_t> sizes;
    for (int i = 0; i < 7; ++i) {
        REQUIRE(open.ends->client.session.write(as_bytes("x"), kAfter) == TlsStatus::done);
        const auto bytes = open.ends->client.take_output();
        sizes.push_back(bytes.size());
        open.ends->server.hear(bytes);
    }
    CHECK(open.ends->server.heard == "xxxxxxx");
    const std::size_t usual = sizes[0];
    const bool changes = version == TlsVersion::tls_1_3;
    for (std::size_t i = 0; i < sizes.size(); ++i)
        CHECK((sizes[i] > usual) == (changes && (i == 3 || i == 6)));
}

TEST_CASE("tls session: a changed bit is an end, and the other is told", "[crypto][tls]") {
    Open open(GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3));
    auto bytes = say(open.ends->client, "text");
    bytes.back() ^= 1;
    const auto answer = open.ends->server.hear(bytes);
    CHECK(open.ends->server.last_read == TlsStatus::failed);
    CHECK(open.ends->server.session.fault().failure == TlsFailure::protocol);
    CHECK(open.ends->server.heard.empty());
    open.ends->client.hear(answer);
    CHECK(open.ends->client.last_read == TlsStatus::failed);
    CHECK(open.ends->client.session.fault().failure == TlsFailure::peer_alert);
    CHECK(open.ends->client.session.fault().code == kBadRecordMac);
}

TEST_CASE("tls session: what is no TLS is told from a broken one", "[crypto][tls]") {
    const auto client = client_of(localhost_client());
    const auto server = server_of(localhost_server());
    TlsEnds ends(*client, *server);
    ends.client.hear({});
    ends.client.hear(as_bytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
    CHECK(ends.client.shaken == TlsStatus::failed);
    CHECK(ends.client.session.fault().failure == TlsFailure::not_tls);
    ends.server.hear(as_bytes("GET / HTTP/1.1\r\n\r\n"));
    CHECK(ends.server.shaken == TlsStatus::failed);
    CHECK(ends.server.session.fault().failure == TlsFailure::not_tls);
}

}  // namespace wsblast::crypto
