// Any records of a peer of TLS after the handshake, sealed as that peer would, and any bytes between them:
// in pieces they are what they are at once, what is heard is what was said up to there, and an end is
// final.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "crypto/record_layer.hpp"
#include "tests/fuzz/fuzz_entry.hpp"
#include "tests/support/every_split.hpp"

namespace {

using namespace wsblast;
using namespace wsblast::crypto;

constexpr std::uint8_t kBare = 0x80;  // of a type: its content is sent as it is
constexpr std::uint8_t kLong = 0x40;  // of a type: its content is repeated, beyond what a record may have
constexpr int kRepeats = 96;
constexpr std::array<std::uint8_t, 4> kKeyUpdate{24, 0, 0, 1};

RecordLayer::Start start_of(TlsVersion version, TlsRole role) {
    RecordLayer::Start start;
    start.suite.version = version;
    start.role = role;
    start.secrets.client.size = start.secrets.server.size = 32;
    start.secrets.client.bytes[0] = 1;
    start.keys = *keys_of(start.secrets, start.suite);  // good for 1.2 as well
    return start;
}

// What the peer sends, and the contents among it. A record of 1.3 that says no type has another one inside.
struct Sent {
    std::vector<std::uint8_t> bytes;
    std::string contents;
    bool has_hidden_types = false;
};

// The input is type, size, content, and again.
Sent seal_all(ByteView input, const RecordLayer::Start& start, RecordCiphers& ciphers) {
    RecordCipher sealer;
    const bool is_client = start.role == TlsRole::client;
    fuzz::require(
        sealer.begin(start.suite, ciphers.find(start.suite.aead), RecordCipher::Direction::sealing),
        "there is a cipher");
    fuzz::require(sealer.use_key(is_client ? start.keys.server : start.keys.client, 0), "it takes a key");
    TrafficSecret secret = is_client ? start.secrets.server : start.secrets.client;
    Sent sent;
    while (input.size() >= 2) {
        const std::uint8_t type = input[0] & ~(kBare | kLong);
        const ByteView piece = input.subspan(2, std::min<std::size_t>(input[1], input.size() - 2));
        std::vector<std::uint8_t> content;
        for (int i = 0; i < (input[0] & kLong ? kRepeats : 1); ++i)
            content.insert(content.end(), piece.begin(), piece.end());
        const bool is_bare = (input[0] & kBare) != 0;
        input = input.subspan(2 + piece.size());
        if (is_bare) {
            sent.bytes.insert(sent.bytes.end(), content.begin(), content.end());
            continue;
        }
        fuzz::require(sealer.seal(static_cast<ContentType>(type), content, sent.bytes), "it is sealed");
        if (type == static_cast<std::uint8_t>(ContentType::application_data))
            sent.contents += as_text(content);
        sent.has_hidden_types |= type == static_cast<std::uint8_t>(ContentType::invalid);
        const bool changes_key = start.suite.version == TlsVersion::tls_1_3 && content.size() == 5 &&
                                 type == static_cast<std::uint8_t>(ContentType::handshake) &&
                                 std::equal(kKeyUpdate.begin(), kKeyUpdate.end(), content.begin());
        if (!changes_key) continue;
        secret = *next_of(secret, start.suite);
        fuzz::require(sealer.use_key(*key_of(secret, start.suite), 0), "it takes a key");
    }
    return sent;
}

struct Outcome {
    std::string heard{};
    std::vector<std::uint8_t> said{};
    TlsStatus status = TlsStatus::need_more;
    TlsFailure failure = TlsFailure::none;
    std::uint8_t code = 0;

    bool operator==(const Outcome&) const = default;
};

Outcome hear(const RecordLayer::Start& start, RecordCiphers& ciphers, ByteView bytes,
             std::vector<std::size_t> cuts) {
    static TlsPipe pipe;
    pipe.out.clear();
    Outcome outcome;
    const auto layer = RecordLayer::begin(start, pipe, ciphers);
    test::GuardedMemory memory(bytes.size());
    test::GuardedMemory room(limits::kTlsRecordBytes);
    const ByteSpan out = room.tail(limits::kTlsRecordBytes);
    test::SplitInput input(bytes, std::move(cuts), memory);
    while (!input.done()) {
        pipe.in = input.next();
        TlsRead read;
        do {
            read = layer->read(out);
            outcome.heard += as_text(out.first(read.size));
        } while (read.status == TlsStatus::done);
        fuzz::require(pipe.in.empty(), "who needs more has taken all");
        const bool ended = outcome.status != TlsStatus::need_more;
        fuzz::require(!ended || read.status == outcome.status, "an end is final");
        outcome.status = read.status;
    }
    outcome.said = pipe.out;
    outcome.failure = layer->fault().failure;
    outcome.code = layer->fault().code;
    return outcome;
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    using namespace std::string_literals;
    static const std::vector<std::string> all{
        "\x17\x05hello\x17\x00\x17\x05world\x15\x02\x01\x00"s,
        "\x16\x05\x18\x00\x00\x01\x01\x17\x01x\x16\x05\x18\x00\x00\x01\x00\x17\x01y"s,
        "\x16\x09\x04\x00\x00\x05hello\x17\x01x"s,
        "\x16\x03\x04\x00\x00\x16\x03\x02pq\x17\x01x"s,
        "\x16\x04\x00\x00\x00\x00\x16\x06\x01\x00\x00\x02\x03\x03\x15\x02\x01\x64\x15\x02\x02\x28"s,
        "\x80\x05\x17\x03\x03\x00\x20\x17\x01x"s,
        "\x80\x07HTTP/1."s,
        "\x14\x01\x01"s,
        "\x00\x06text\x17\x00\x17\x01x"s,
        "\x57\xab" + std::string(171, 'x') + "\x17\x01x"s,
        "\x57\xaa" + std::string(170, 'x') + "\x17\x01x"s,
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static RecordCiphers ciphers;
    const ByteView bytes(data, size);
    Prng prng = fuzz::chance_of(bytes);
    for (const TlsVersion version : {TlsVersion::tls_1_2, TlsVersion::tls_1_3}) {
        const TlsRole role = prng.chance(1, 2) ? TlsRole::client : TlsRole::server;
        const RecordLayer::Start start = start_of(version, role);
        const Sent sent = seal_all(bytes, start, ciphers);
        const Outcome whole = hear(start, ciphers, sent.bytes, {});
        const Outcome split = hear(start, ciphers, sent.bytes, fuzz::cuts_of(sent.bytes, prng, 6));
        fuzz::require(whole == split, "any split leads to the same end");
        fuzz::require(sent.has_hidden_types || sent.contents.starts_with(whole.heard),
                      "what is heard is what was said up to there");
    }
    return 0;
}
