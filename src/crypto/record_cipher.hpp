// The records of one direction of a connection: each is sealed, or opened, with a key and a number that
// goes up (RFC 8446 5.2, 5.3; of TLS 1.2 RFC 5246 6.2.3.3, RFC 5288, RFC 7905).
//
//     type 1 | version 2 | length 2 | ciphertext and tag                1.3: the last byte is the true type
//     type 1 | version 2 | length 2 | nonce 8 | ciphertext and tag      1.2 with AES-GCM
//
// One worker thread. No call but begin() allocates, but for what `out` grows by.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/units.hpp"
#include "crypto/record_keys.hpp"

struct evp_cipher_st;
struct evp_cipher_ctx_st;

namespace wsblast::crypto {

// RFC 8446 5.1.
enum class ContentType : std::uint8_t {
    invalid = 0,
    change_cipher_spec = 20,
    alert = 21,
    handshake = 22,
    application_data = 23,
};

inline constexpr std::size_t kRecordHeaderBytes = 5;
inline constexpr std::size_t kRecordContentMax = 16 * kKiB;
// On the wire, of both versions.
inline constexpr std::uint8_t kRecordVersionMajor = 3;
inline constexpr std::uint8_t kRecordVersionMinor = 3;

// The ciphers of a core, found once: a look-up costs more than a record.
class RecordCiphers {
  public:
    RecordCiphers() = default;
    ~RecordCiphers();
    RecordCiphers(const RecordCiphers&) = delete;
    RecordCiphers& operator=(const RecordCiphers&) = delete;

    // Null: this OpenSSL does not have it.
    [[nodiscard]] const evp_cipher_st* find(Aead aead);

  private:
    std::array<evp_cipher_st*, kAeads> found_{};
};

class RecordCipher {
  public:
    enum class Direction : std::uint8_t { opening, sealing };

    RecordCipher() = default;
    ~RecordCipher();
    RecordCipher(const RecordCipher&) = delete;
    RecordCipher& operator=(const RecordCipher&) = delete;

    // False: no memory, or no such cipher. Then it needs a key.
    [[nodiscard]] bool begin(const RecordSuite& suite, const evp_cipher_st* cipher, Direction direction);
    // The next record has the number `number`. False: no memory.
    [[nodiscard]] bool use_key(const RecordKey& key, std::uint64_t number);

    // What a record has besides its content.
    [[nodiscard]] std::size_t overhead() const;

    // Appends a record; no peer takes more than kRecordContentMax bytes. False: OpenSSL failed, and nothing
    // is appended.
    [[nodiscard]] bool seal(ContentType type, ByteView content, std::vector<std::uint8_t>& out);

    struct Opened {
        ContentType type;
        std::size_t size;  // of the content, without padding
    };
    // `record`: a whole one, of at least overhead() bytes; `out` has room for what it is longer, and a
    // byte. None: it is not what the peer has sealed.
    [[nodiscard]] std::optional<Opened> open(ByteView record, ByteSpan out);

  private:
    using Nonce = std::array<std::uint8_t, 12>;

    [[nodiscard]] bool is_1_3() const { return suite_.version == TlsVersion::tls_1_3; }
    [[nodiscard]] Nonce next_nonce() const;
    // Of 1.2: 13 bytes; of 1.3: the header. Returns the size.
    [[nodiscard]] std::size_t write_extra(ByteView header, std::size_t content_size,
                                          std::array<std::uint8_t, 13>& extra) const;

    evp_cipher_ctx_st* context_ = nullptr;
    std::uint64_t number_ = 0;  // of the next record under this key
    std::array<std::uint8_t, 12> iv_{};
    RecordSuite suite_;
};

}  // namespace wsblast::crypto
