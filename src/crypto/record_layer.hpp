// A TLS connection after its handshake: the record protocol of RFC 8446 5 and RFC 5246 6, its alerts and
// changes of keys, for the AEAD ciphers. OpenSSL shakes hands; its SSL object, which takes 13 KB of an idle
// connection and makes a small record cost several times what the cipher does, goes then
// (docs/robustness.md).
//
// One worker thread. Nothing allocates but begin(), changes of keys, and `out` of the pipe as it grows.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/units.hpp"
#include "crypto/record_cipher.hpp"
#include "crypto/record_keys.hpp"
#include "crypto/tls_facts.hpp"
#include "crypto/tls_options.hpp"
#include "crypto/tls_pipe.hpp"

namespace wsblast::crypto {

class RecordLayer {
  public:
    // What a handshake leaves.
    struct Start {
        TlsRole role = TlsRole::client;
        RecordSuite suite;
        TlsFacts facts;
        TrafficSecrets secrets;  // of 1.3
        RecordKeys keys;
        std::uint64_t opened = 0;  // records that were read and written with these keys already
        std::uint64_t sealed = 0;
    };
    // Null: no memory, or no such cipher. `pipe` and `ciphers` live longer.
    [[nodiscard]] static std::unique_ptr<RecordLayer> begin(const Start& start, TlsPipe& pipe,
                                                            RecordCiphers& ciphers);

    ~RecordLayer();
    RecordLayer(const RecordLayer&) = delete;
    RecordLayer& operator=(const RecordLayer&) = delete;

    // Reads what is in the pipe, up to the next content; `out` has limits::kTlsRecordBytes. done, need_more
    // (then all was read), closed or failed; the latter two stay.
    [[nodiscard]] TlsRead read(ByteSpan out);
    // done or failed. In 1.3 the keys change after `key_update_after` calls.
    [[nodiscard]] TlsStatus write(ByteView bytes, std::uint32_t key_update_after);
    // Once; later calls do nothing.
    void close_notify();

    [[nodiscard]] const TlsFacts& facts() const { return facts_; }
    // Of the last call that failed.
    [[nodiscard]] TlsFault fault() const { return fault_; }

  private:
    // What may still come of the peer, and of us.
    enum class Incoming : std::uint8_t { open, closed, failed };
    enum class Outgoing : std::uint8_t { open, closed };
    // A handshake message of which a part has come: its first bytes, and how many are still to be passed
    // over.
    struct Message {
        std::array<std::uint8_t, 5> start{};
        std::uint8_t size = 0;
        std::uint32_t to_skip = 0;

        [[nodiscard]] bool is_partial() const { return size > 0 || to_skip > 0; }
    };

    RecordLayer(const Start& start, TlsPipe& pipe);

    [[nodiscard]] ByteView next_record();
    [[nodiscard]] std::size_t wanted(ByteView start);
    [[nodiscard]] bool gather(std::size_t size);
    void forget_partial();
    [[nodiscard]] std::size_t take(ByteView record, ByteSpan out);

    void on_alert(ByteView alert);
    void on_handshake(ByteView bytes);
    // Byte by byte, as messages may be cut anywhere.
    void on_message_start(bool last_of_record);
    void on_key_update(std::uint8_t request);
    void change_own_key();

    void say(ContentType type, ByteView content);
    void say_alert(std::uint8_t level, std::uint8_t alert);
    // Nothing comes and goes any more.
    void fail(std::uint8_t alert, TlsFailure failure = TlsFailure::protocol);
    void run_out();
    void end_with(TlsFailure failure);

    [[nodiscard]] bool is_1_3() const { return suite_.version == TlsVersion::tls_1_3; }

    TlsPipe& pipe_;
    RecordSuite suite_;
    TlsRole role_;
    Incoming incoming_ = Incoming::open;
    Outgoing outgoing_ = Outgoing::open;
    TlsFault fault_{};
    TlsFacts facts_;
    std::uint32_t writes_ = 0;  // since the keys changed
    RecordCipher opener_;
    RecordCipher sealer_;
    TrafficSecret own_;  // of 1.3
    TrafficSecret peers_;
    ByteSpan partial_{};  // a chunk with the beginning of a record
    std::size_t partial_size_ = 0;
    Message message_;
};

}  // namespace wsblast::crypto
