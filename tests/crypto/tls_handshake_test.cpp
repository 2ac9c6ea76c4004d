#include "crypto/tls_handshake.hpp"

#include <catch2/catch.hpp>

#include "tests/crypto/openssl_end.hpp"

namespace wsblast::crypto {

namespace {

using test::OpensslEnd;
using test::OpensslOptions;

constexpr std::uint32_t kNeverUpdated = ~0u;

// Ours against OpenSSL's, until nobody has anything to say.
struct Met {
    Met(TlsRole role, const OpensslOptions& options, TicketStore* tickets = nullptr)
        : client(test::openssl_client(options)),
          server(test::openssl_server(options)),
          theirs(role == TlsRole::client ? server.get() : client.get()) {
        SSL_CTX* const own = role == TlsRole::client ? client.get() : server.get();
        TlsHandshake::prepare(own);
        if (tickets != nullptr) TlsHandshake::prepare_tickets(own);
        ours.emplace(own, pipe);
        REQUIRE(ours->valid());
        role == TlsRole::client ? ours->begin_client("localhost", tickets) : ours->begin_server();
        std::vector<std::uint8_t> bytes;
        for (TlsStatus status = TlsStatus::need_more; status == TlsStatus::need_more;) {
            pipe.in = bytes;
            status = ours->shake_hands();
            REQUIRE(status != TlsStatus::failed);
            rest.assign(pipe.in.begin(), pipe.in.end());
            bytes = theirs.hear(take_output());
        }
        rest.insert(rest.end(), bytes.begin(), bytes.end());
    }

    std::vector<std::uint8_t> take_output() { return std::exchange(pipe.out, {}); }

    // What OpenSSL of ours reads of these bytes.
    std::string hear_before(ByteView bytes) {
        pipe.in = bytes;
        std::vector<std::uint8_t> out(limits::kTlsRecordBytes);
        const TlsRead read = ours->read(out);
        return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(read.size)};
    }

    test::ContextOwner client;
    test::ContextOwner server;
    OpensslEnd theirs;
    TlsPipe pipe;
    std::optional<TlsHandshake> ours;
    std::vector<std::uint8_t> rest;  // what came after our handshake: tickets
};

std::string hear(RecordLayer& layer, TlsPipe& pipe, ByteView bytes) {
    pipe.in = bytes;
    std::string heard;
    std::vector<std::uint8_t> out(limits::kTlsRecordBytes);
    for (;;) {
        const TlsRead read = layer.read(out);
        if (read.status != TlsStatus::done) return heard;
        heard.append(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(read.size));
    }
}

// Talks both ways, changes the keys of both where there are such changes, and ends. Returns what they
// heard.
std::size_t talk(Met& met) {
    const auto start = met.ours->leave();
    REQUIRE(start);
    RecordCiphers ciphers;
    const auto layer = RecordLayer::begin(*start, met.pipe, ciphers);
    REQUIRE(layer != nullptr);
    met.ours.reset();
    CHECK(hear(*layer, met.pipe, met.rest).empty());
    const bool modern = start->suite.version == TlsVersion::tls_1_3;
    std::string expected;
    for (const std::size_t size : {1u, 100u, 16'384u, 40'000u}) {
        const std::string text(size, 'x');
        if (modern && size == 100) SSL_key_update(met.theirs.ssl(), SSL_KEY_UPDATE_REQUESTED);
        CHECK(hear(*layer, met.pipe, met.theirs.say(text)) == text);
        const std::uint32_t update_after = size == 40'000 ? 0 : kNeverUpdated;
        REQUIRE(layer->write(as_bytes(text), update_after) == TlsStatus::done);
        met.theirs.hear(met.take_output());
        expected += text;
        REQUIRE(met.theirs.heard == expected);
    }
    layer->close_notify();
    met.theirs.hear(met.take_output());
    CHECK((SSL_get_shutdown(met.theirs.ssl()) & SSL_RECEIVED_SHUTDOWN) != 0);
    SSL_shutdown(met.theirs.ssl());
    CHECK(hear(*layer, met.pipe, met.theirs.take_output()).empty());
    std::vector<std::uint8_t> out(limits::kTlsRecordBytes);
    CHECK(layer->read(out).status == TlsStatus::closed);
    return expected.size();
}

}  // namespace

TEST_CASE("tls handshake: the record layer goes on with OpenSSL, in each suite and role", "[crypto][tls]") {
    const auto options = GENERATE(OpensslOptions{TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"},
                                  OpensslOptions{TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"},
                                  OpensslOptions{TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256", 0},
                                  OpensslOptions{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"},
                                  OpensslOptions{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"},
                                  OpensslOptions{TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"},
                                  OpensslOptions{.tickets = 10}, OpensslOptions{.groups = "P-384"},
                                  OpensslOptions{.asks_for_certificate = true});
    const TlsRole role = GENERATE(TlsRole::client, TlsRole::server);
    Met met(role, options);
    CHECK(talk(met) == 1 + 100 + 16'384 + 40'000);
}

TEST_CASE("tls handshake: what comes with Finished is not lost", "[crypto][tls]") {
    const auto own = test::openssl_server({});
    const auto context = test::openssl_client({});
    TlsHandshake::prepare(own.get());
    OpensslEnd client(context.get());
    TlsPipe pipe;
    TlsHandshake server(own.get(), pipe);
    server.begin_server();
    auto bytes = client.hear({});
    pipe.in = bytes;
    REQUIRE(server.shake_hands() == TlsStatus::need_more);
    bytes = client.hear(std::exchange(pipe.out, {}));
    const auto first = client.say("first");
    bytes.insert(bytes.end(), first.begin(), first.end());
    pipe.in = bytes;
    REQUIRE(server.shake_hands() == TlsStatus::done);
    const auto start = server.leave();
    REQUIRE(start);
    RecordCiphers ciphers;
    const auto layer = RecordLayer::begin(*start, pipe, ciphers);
    REQUIRE(layer != nullptr);
    CHECK(hear(*layer, pipe, pipe.in) == "first");
}

TEST_CASE("tls handshake: in 1.2 Finished may be several records", "[crypto][tls]") {
    const auto context = test::openssl_server({TLS1_2_VERSION});
    const auto own = test::openssl_client({TLS1_2_VERSION});
    TlsHandshake::prepare(own.get());
    OpensslEnd server(context.get());
    TlsPipe pipe;
    TlsHandshake client(own.get(), pipe);
    client.begin_client("localhost", nullptr);
    REQUIRE(client.shake_hands() == TlsStatus::need_more);
    auto bytes = server.hear(std::exchange(pipe.out, {}));
    pipe.in = bytes;
    REQUIRE(client.shake_hands() == TlsStatus::need_more);
    bytes = server.hear(std::exchange(pipe.out, {}));

    // Its last flight ends with Finished, 16 bytes: sealed again, in two halves.
    const auto suite = suite_of(server.ssl());
    REQUIRE(suite);
    const RecordKey key = keys_of(server.ssl(), *suite)->server;
    RecordCiphers ciphers;
    RecordCipher opener;
    RecordCipher sealer;
    const evp_cipher_st* const cipher = ciphers.find(suite->aead);
    REQUIRE((opener.begin(*suite, cipher, RecordCipher::Direction::opening) && opener.use_key(key, 0)));
    REQUIRE((sealer.begin(*suite, cipher, RecordCipher::Direction::sealing) && sealer.use_key(key, 0)));
    constexpr std::size_t kFinishedBytes = 16;
    const std::size_t flight = bytes.size() - kFinishedBytes - sealer.overhead();
    std::vector<std::uint8_t> finished(kFinishedBytes + 1);
    const auto opened = opener.open(ByteView(bytes).subspan(flight), finished);
    REQUIRE(opened);
    REQUIRE(opened->size == kFinishedBytes);
    bytes.resize(flight);
    REQUIRE(sealer.seal(ContentType::handshake, ByteView(finished).first(8), bytes));
    REQUIRE(sealer.seal(ContentType::handshake, ByteView(finished).subspan(8, 8), bytes));
    pipe.in = bytes;
    REQUIRE(client.shake_hands() == TlsStatus::done);
    const auto start = client.leave();
    REQUIRE(start);
    CHECK(start->opened == 2);
    CHECK(start->sealed == 1);
}

TEST_CASE("tls handshake: with other ciphers OpenSSL stays", "[crypto][tls]") {
    const auto options = GENERATE(OpensslOptions{TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256"},
                                  OpensslOptions{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"},
                                  OpensslOptions{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM"});
    Met met(GENERATE(TlsRole::client, TlsRole::server), options);
    CHECK_FALSE(met.ours->leave());
    REQUIRE(met.ours->write(as_bytes("as before"), kNeverUpdated) == TlsStatus::done);
    met.theirs.hear(met.take_output());
    CHECK(met.theirs.heard == "as before");
}

TEST_CASE("tls handshake: who wants tickets of 1.3 stays until content has come", "[crypto][tls]") {
    TicketStore tickets;
    Met met(TlsRole::client, {}, &tickets);
    CHECK_FALSE(met.ours->leave());
    REQUIRE(met.ours->write(as_bytes("GET"), kNeverUpdated) == TlsStatus::done);
    met.theirs.hear(met.take_output());
    CHECK(met.theirs.heard == "GET");
    std::vector<std::uint8_t> bytes = met.rest;  // two tickets
    const auto answer = met.theirs.say("101");
    bytes.insert(bytes.end(), answer.begin(), answer.end());
    CHECK(met.hear_before(bytes) == "101");
    SSL_SESSION* const ticket = tickets.take();
    CHECK(ticket != nullptr);
    SSL_SESSION_free(ticket);
    const auto start = met.ours->leave();
    REQUIRE(start);
    CHECK(start->opened == 3);
    CHECK(start->sealed == 1);
    met.rest.clear();
    met.theirs.heard.clear();
    CHECK(talk(met) == 1 + 100 + 16'384 + 40'000);
}

TEST_CASE("tls handshake: keys that have changed since are OpenSSL's alone", "[crypto][tls]") {
    TicketStore tickets;
    Met met(TlsRole::client, {}, &tickets);
    std::vector<std::uint8_t> bytes = met.rest;
    SSL_key_update(met.theirs.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED);
    const auto answer = met.theirs.say("101");
    bytes.insert(bytes.end(), answer.begin(), answer.end());
    CHECK(met.hear_before(bytes) == "101");
    CHECK_FALSE(met.ours->leave());
    CHECK(met.hear_before(met.theirs.say("and on")) == "and on");
}

TEST_CASE("tls handshake: clients that ask for shorter records are left to OpenSSL", "[crypto][tls]") {
    const auto own = test::openssl_server({});
    TlsHandshake::prepare(own.get());
    const auto context = test::openssl_client({});
    SSL_CTX_set_tlsext_max_fragment_length(context.get(), TLSEXT_max_fragment_length_512);
    OpensslEnd client(context.get());
    TlsPipe pipe;
    TlsHandshake server(own.get(), pipe);
    server.begin_server();
    for (TlsStatus status = TlsStatus::need_more; status == TlsStatus::need_more;) {
        const auto bytes = client.hear(std::exchange(pipe.out, {}));
        pipe.in = bytes;
        status = server.shake_hands();
        REQUIRE(status != TlsStatus::failed);
    }
    CHECK_FALSE(server.leave());
}

}  // namespace wsblast::crypto
