#include "crypto/record_layer.hpp"

#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/crypto/rfc8448.hpp"
#include "tests/support/every_split.hpp"

namespace wsblast::crypto {

namespace {

using test::TestBytes;

constexpr std::uint32_t kNever32 = ~0u;
constexpr RecordSuite kSuite13{};
constexpr RecordSuite kSuite12{TlsVersion::tls_1_2, Aead::aes_128_gcm, "SHA256"};

RecordKeys keys_for_1_2() {
    RecordKeys keys;
    keys.client.key[0] = 1;
    keys.server.key[0] = 2;
    return keys;
}

// A record layer, and a peer that seals and opens by hand whatever a test wants it to.
class Rig {
  public:
    explicit Rig(const RecordSuite& suite, TlsRole role = TlsRole::client) : suite_(suite) {
        RecordLayer::Start start;
        start.role = role;
        start.suite = suite;
        start.secrets = test::rfc8448_secrets();
        start.keys = suite.version == TlsVersion::tls_1_3 ? *keys_of(start.secrets, suite) : keys_for_1_2();
        layer_ = RecordLayer::begin(start, pipe, ciphers_);
        REQUIRE(layer_ != nullptr);
        const bool is_client = role == TlsRole::client;
        const evp_cipher_st* const cipher = ciphers_.find(suite.aead);
        REQUIRE(sealer.begin(suite, cipher, RecordCipher::Direction::sealing));
        REQUIRE(opener.begin(suite, cipher, RecordCipher::Direction::opening));
        REQUIRE(sealer.use_key(is_client ? start.keys.server : start.keys.client, 0));
        REQUIRE(opener.use_key(is_client ? start.keys.client : start.keys.server, 0));
        peers_ = is_client ? start.secrets.server : start.secrets.client;
    }

    RecordLayer& layer() { return *layer_; }
    void drop_layer() { layer_.reset(); }

    TestBytes sealed(ContentType type, ByteView content) {
        TestBytes record;
        REQUIRE(sealer.seal(type, content, record));
        return record;
    }
    // What the layer reads of these bytes, and how the last call ended.
    std::string hear(ByteView bytes) {
        pipe.in = bytes;
        std::string heard;
        TestBytes out(limits::kTlsRecordBytes);
        do {
            last = layer_->read(out);
            heard.append(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(last.size));
        } while (last.status == TlsStatus::done);
        CHECK(pipe.in.empty());
        return heard;
    }
    std::string hear(ContentType type, ByteView content) { return hear(sealed(type, content)); }
    std::string hear(ContentType type, std::initializer_list<std::uint8_t> content) {
        return hear(type, ByteView(content.begin(), content.size()));
    }
    // What the layer has written since: "21:" and the numbers of an alert, and so on; "" is nothing.
    std::string said() {
        std::string text;
        for (ByteView rest = pipe.out; !rest.empty();) {
            const std::size_t size = kRecordHeaderBytes + (std::size_t{rest[3]} << 8 | rest[4]);
            TestBytes out(size);
            const auto opened = opener.open(rest.first(size), out);
            if (!opened) return text + "?";
            text += (text.empty() ? "" : ", ") + std::to_string(static_cast<int>(opened->type)) + ":";
            for (std::size_t i = 0; i < opened->size; ++i) text += ' ' + std::to_string(out[i]);
            rest = rest.subspan(size);
        }
        pipe.out.clear();
        return text;
    }
    // The peer's keys are the next ones.
    void change_peers_key() {
        peers_ = *next_of(peers_, suite_);
        REQUIRE(sealer.use_key(*key_of(peers_, suite_), 0));
    }

    TlsPipe pipe;
    RecordCipher sealer;
    RecordCipher opener;
    TlsRead last;

  private:
    RecordSuite suite_;
    RecordCiphers ciphers_;
    TrafficSecret peers_;
    std::unique_ptr<RecordLayer> layer_;
};

constexpr auto kData = ContentType::application_data;
constexpr auto kAlert = ContentType::alert;
constexpr auto kHandshake = ContentType::handshake;

}  // namespace

TEST_CASE("record layer: contents come out wherever the network cuts the records", "[crypto][tls]") {
    for (const RecordSuite& suite : {kSuite12, kSuite13}) {
        Rig rig(suite);
        const TestBytes model = rig.sealed(kData, as_bytes("first"));
        rig.hear(model);
        const std::size_t twice = 2 * model.size();
        test::for_every_split(TestBytes(twice), [&](test::SplitInput& cuts) {
            TestBytes both = rig.sealed(kData, as_bytes("first"));
            REQUIRE(rig.sealer.seal(kData, as_bytes("other"), both));
            std::string heard;
            for (std::size_t at = 0; !cuts.done();) {
                const std::size_t size = cuts.next().size();
                heard += rig.hear(ByteView(both).subspan(at, size));
                at += size;
            }
            REQUIRE(heard == "firstother");
        });
    }
}

TEST_CASE("record layer: what is long is several records, and what is empty none", "[crypto][tls]") {
    Rig rig(GENERATE(kSuite12, kSuite13));
    const TestBytes content(2 * kRecordContentMax + 1, 'x');
    REQUIRE(rig.layer().write(content, kNever32) == TlsStatus::done);
    CHECK(rig.pipe.out.size() == content.size() + 3 * rig.sealer.overhead());
    rig.pipe.out.clear();
    CHECK(rig.hear(kData, TestBytes(kRecordContentMax, 'y')) == std::string(kRecordContentMax, 'y'));
    CHECK(rig.hear(kData, {}).empty());
    CHECK(rig.last.status == TlsStatus::need_more);
}

TEST_CASE("record layer: what is no record of the peer's ends it, and the peer is told why",
          "[crypto][tls]") {
    struct Case {
        const char* bytes;
        TlsFailure failure;
        const char* alert13;
        const char* alert12;
    };
    const Case cases[] = {
        {"48 54 54 50 2f", TlsFailure::not_tls, "21: 2 70", "21: 2 70"},
        {"17 03 03 ff ff", TlsFailure::protocol, "21: 2 22", "21: 2 22"},
        {"17 03 03 00 10", TlsFailure::protocol, "21: 2 20", "21: 2 20"},
        {"17 03 03 00 20 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a "
         "1b"
         "1c 1d 1e 1f",
         TlsFailure::protocol, "21: 2 20", "21: 2 20"},
        {"14 03 03 00 01 01", TlsFailure::protocol, "21: 2 20", "21: 2 20"},
    };
    for (const Case& one : cases) {
        Rig modern(kSuite13);
        modern.hear(test::from_hex_text(one.bytes));
        CHECK(modern.last.status == TlsStatus::failed);
        CHECK(modern.layer().fault().failure == one.failure);
        CHECK(modern.said() == one.alert13);
        // It stays so.
        CHECK(modern.hear(kData, as_bytes("too late")).empty());
        CHECK(modern.last.status == TlsStatus::failed);
        CHECK(modern.said().empty());
        Rig old(kSuite12);
        old.hear(test::from_hex_text(one.bytes));
        CHECK(old.last.status == TlsStatus::failed);
        CHECK(old.said() == one.alert12);
    }
}

TEST_CASE("record layer: records longer than allowed are not even decrypted", "[crypto][tls]") {
    Rig rig(GENERATE(kSuite12, kSuite13));
    TestBytes record(kRecordHeaderBytes + kRecordContentMax + 256);
    record[0] = 23;
    record[1] = record[2] = 3;
    record[3] = (kRecordContentMax + 256) >> 8;
    rig.hear(record);
    CHECK(rig.last.status == TlsStatus::failed);
    CHECK(rig.said() == "21: 2 22");
}

TEST_CASE("record layer: the longest record fits into what a read has, and no longer one is read",
          "[crypto][tls]") {
    Rig rig(GENERATE(kSuite12, kSuite13));
    test::GuardedMemory room(limits::kTlsRecordBytes);
    const auto read = [&](std::size_t size) {
        const TestBytes record = rig.sealed(kData, TestBytes(size, 'x'));
        rig.pipe.in = record;
        return rig.layer().read(room.tail(limits::kTlsRecordBytes));
    };
    CHECK(read(kRecordContentMax).size == kRecordContentMax);
    CHECK(read(kRecordContentMax + 1).status == TlsStatus::failed);
    CHECK(rig.said() == "21: 2 22");
}

TEST_CASE("record layer: a beginning takes the memory of what has come of it", "[crypto][tls]") {
    Rig rig(kSuite13);
    while (!rig.pipe.partial.take(ChunkPool::kChunkMax).empty()) continue;
    rig.hear(test::from_hex_text("17 03 03 40 00 00"));
    CHECK(rig.last.status == TlsStatus::failed);
    CHECK(rig.layer().fault().failure == TlsFailure::no_memory);
    CHECK(rig.said().empty());

    Rig other(kSuite13);
    const ByteSpan first = other.pipe.partial.take(ChunkPool::kChunkMin);
    other.hear(test::from_hex_text("17 03 03 40 00 00"));
    const ByteSpan next = other.pipe.partial.take(ChunkPool::kChunkMin);
    CHECK(next.data() - first.data() == 2 * ChunkPool::kChunkMin);
}

TEST_CASE("record layer: alerts", "[crypto][tls]") {
    const auto end_after = [](const RecordSuite& suite, std::initializer_list<std::uint8_t> alert) {
        Rig rig(suite);
        rig.hear(kAlert, alert);
        return std::pair{rig.last.status, rig.layer().fault().code};
    };
    using Pair = std::pair<TlsStatus, std::uint8_t>;
    CHECK(end_after(kSuite13, {1, 0}) == Pair{TlsStatus::closed, 0});
    CHECK(end_after(kSuite12, {1, 0}) == Pair{TlsStatus::closed, 0});
    CHECK(end_after(kSuite13, {2, 40}) == Pair{TlsStatus::failed, 40});
    CHECK(end_after(kSuite13, {1, 40}) == Pair{TlsStatus::failed, 40});
    CHECK(end_after(kSuite12, {1, 100}) == Pair{TlsStatus::need_more, 0});
    CHECK(end_after(kSuite13, {1, 90}) == Pair{TlsStatus::need_more, 0});
    CHECK(end_after(kSuite12, {2, 48}) == Pair{TlsStatus::failed, 48});
    CHECK(end_after(kSuite13, {1}) == Pair{TlsStatus::failed, 0});
    CHECK(end_after(kSuite13, {}) == Pair{TlsStatus::failed, 0});
}

TEST_CASE("record layer: after a close_notify nothing is heard, and something may be said",
          "[crypto][tls]") {
    Rig rig(GENERATE(kSuite12, kSuite13));
    TestBytes bytes = rig.sealed(kData, as_bytes("last"));
    constexpr std::uint8_t kGoodbye[] = {1, 0};
    REQUIRE(rig.sealer.seal(kAlert, kGoodbye, bytes));
    REQUIRE(rig.sealer.seal(kData, as_bytes("after"), bytes));
    CHECK(rig.hear(bytes) == "last");
    CHECK(rig.last.status == TlsStatus::closed);
    REQUIRE(rig.layer().write(as_bytes("A"), kNever32) == TlsStatus::done);
    CHECK(rig.said() == "23: 65");
    rig.layer().close_notify();
    rig.layer().close_notify();
    CHECK(rig.said() == "21: 1 0");
}

TEST_CASE("record layer: after our close_notify nothing is said", "[crypto][tls]") {
    const auto closed = [](const RecordSuite& suite) {
        auto rig = std::make_unique<Rig>(suite);
        rig->layer().close_notify();
        CHECK(rig->said() == "21: 1 0");
        CHECK(rig->layer().write(as_bytes("more"), kNever32) == TlsStatus::failed);
        return rig;
    };
    const auto updated = closed(kSuite13);
    updated->hear(kHandshake, {24, 0, 0, 1, 1});
    updated->change_peers_key();
    CHECK(updated->hear(kData, as_bytes("heard")) == "heard");
    CHECK(updated->said().empty());
    const auto again = closed(kSuite12);
    again->hear(kHandshake, {0, 0, 0, 0});
    CHECK(again->hear(kData, as_bytes("heard")) == "heard");
    CHECK(again->said().empty());
    const auto broken = closed(kSuite13);
    broken->hear(test::from_hex_text("48 54 54 50 2f"));
    CHECK(broken->last.status == TlsStatus::failed);
    CHECK(broken->said().empty());
}

TEST_CASE("record layer: tickets are passed over, wherever they are cut", "[crypto][tls]") {
    Rig rig(kSuite13);
    const TestBytes ticket = test::from_hex_text("04 00 00 06 01 02 03 04 05 06 04 00 00 01 09");
    test::for_every_split(ticket, [&](test::SplitInput& cuts) {
        while (!cuts.done()) {
            const ByteView piece = cuts.next();
            if (!piece.empty()) REQUIRE(rig.hear(kHandshake, piece).empty());
        }
        REQUIRE(rig.hear(kData, as_bytes("x")) == "x");
    });
}

TEST_CASE("record layer: messages after the handshake that must not be", "[crypto][tls]") {
    const auto alert_after = [](TlsRole role, std::string_view message) {
        Rig rig(kSuite13, role);
        rig.hear(kHandshake, test::from_hex_text(message));
        CHECK(rig.last.status == TlsStatus::failed);
        return rig.said();
    };
    CHECK(alert_after(TlsRole::server, "04 00 00 01 00") == "21: 2 10");
    CHECK(alert_after(TlsRole::client, "0d 00 00 01 00") == "21: 2 10");
    CHECK(alert_after(TlsRole::client, "18 00 00 02 00 00") == "21: 2 50");
    CHECK(alert_after(TlsRole::client, "18 00 00 01 02") == "21: 2 47");
    CHECK(alert_after(TlsRole::client, "18 00 00 01 00 04") == "21: 2 10");
    CHECK(alert_after(TlsRole::client, "") == "21: 2 10");
    Rig cut(kSuite13);
    cut.hear(kHandshake, {4, 0, 0, 9});
    cut.hear(kData, as_bytes("between the parts of a message"));
    CHECK(cut.last.status == TlsStatus::failed);
    CHECK(cut.said() == "21: 2 10");
}

TEST_CASE("record layer: the peer changes its keys, and ours where it asks for that", "[crypto][tls]") {
    Rig rig(kSuite13, GENERATE(TlsRole::client, TlsRole::server));
    rig.hear(kHandshake, {24, 0, 0, 1, 0});
    rig.change_peers_key();
    CHECK(rig.said().empty());
    CHECK(rig.hear(kData, as_bytes("with new keys")) == "with new keys");
    rig.hear(kHandshake, {24, 0, 0, 1, 1});
    rig.change_peers_key();
    CHECK(rig.hear(kData, as_bytes("and newer ones")) == "and newer ones");
    CHECK(rig.said() == "22: 24 0 0 1 0");  // under the old key
    REQUIRE(rig.layer().write(as_bytes("B"), kNever32) == TlsStatus::done);
    CHECK(rig.said() == "?");
}

TEST_CASE("record layer: who wants another handshake in 1.2 is told no", "[crypto][tls]") {
    Rig client(kSuite12);
    client.hear(kHandshake, {0, 0, 0, 0});
    CHECK(client.last.status == TlsStatus::need_more);
    CHECK(client.said() == "21: 1 100");
    Rig server(kSuite12, TlsRole::server);
    server.hear(kHandshake, {1, 0, 0, 2, 3, 3});
    CHECK(server.last.status == TlsStatus::need_more);
    CHECK(server.said() == "21: 1 100");
    server.hear(kHandshake, {1, 0, 0, 4, 3});  // in two records
    CHECK(server.said() == "21: 1 100");
    server.hear(kHandshake, {3, 0, 0});
    CHECK(server.last.status == TlsStatus::need_more);
    CHECK(server.said().empty());
    CHECK(server.hear(kData, as_bytes("on")) == "on");
    server.hear(kHandshake, {24, 0, 0, 1, 0});  // there are none in 1.2
    CHECK(server.last.status == TlsStatus::failed);
    CHECK(server.said() == "21: 2 10");
}

TEST_CASE("record layer: what it keeps of a record goes back to the pool", "[crypto][tls]") {
    Rig rig(kSuite13);
    const TestBytes record = rig.sealed(kData, TestBytes(1'000, 'x'));
    rig.hear(ByteView(record).first(600));
    rig.drop_layer();
    const ByteSpan again = rig.pipe.partial.take(1'000);
    const ByteSpan other = rig.pipe.partial.take(1'000);
    CHECK(again.data() < other.data());  // the free one first
}

}  // namespace wsblast::crypto
