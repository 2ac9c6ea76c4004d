#include "crypto/record_layer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/limits.hpp"

namespace wsblast::crypto {

namespace {

// RFC 8446 6, and RFC 5246 7.2 for the third.
namespace alerts {
constexpr std::uint8_t kCloseNotify = 0;
constexpr std::uint8_t kUnexpectedMessage = 10;
constexpr std::uint8_t kBadRecordMac = 20;
constexpr std::uint8_t kRecordOverflow = 22;
constexpr std::uint8_t kIllegalParameter = 47;
constexpr std::uint8_t kDecodeError = 50;
constexpr std::uint8_t kProtocolVersion = 70;
constexpr std::uint8_t kUserCanceled = 90;
constexpr std::uint8_t kNoRenegotiation = 100;
}  // namespace alerts
constexpr std::uint8_t kWarning = 1;
constexpr std::uint8_t kFatal = 2;

// Types of handshake messages (RFC 8446 4) that come after the handshake.
constexpr std::uint8_t kHelloRequest = 0;  // of 1.2
constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kNewSessionTicket = 4;
constexpr std::uint8_t kKeyUpdate = 24;
constexpr std::size_t kMessageHeaderBytes = 4;

}  // namespace

RecordLayer::RecordLayer(const Start& start, TlsPipe& pipe)
    : pipe_(pipe), suite_(start.suite), role_(start.role), facts_(start.facts) {}

RecordLayer::~RecordLayer() {
    forget_partial();
}

std::unique_ptr<RecordLayer> RecordLayer::begin(const Start& start, TlsPipe& pipe, RecordCiphers& ciphers) {
    std::unique_ptr<RecordLayer> made(new RecordLayer(start, pipe));
    const evp_cipher_st* const cipher = ciphers.find(start.suite.aead);
    const bool begun = made->opener_.begin(start.suite, cipher, RecordCipher::Direction::opening) &&
                       made->sealer_.begin(start.suite, cipher, RecordCipher::Direction::sealing);
    if (!begun) return nullptr;
    const bool is_client = start.role == TlsRole::client;
    made->own_ = is_client ? start.secrets.client : start.secrets.server;
    made->peers_ = is_client ? start.secrets.server : start.secrets.client;
    const RecordKey& own = is_client ? start.keys.client : start.keys.server;
    const RecordKey& peers = is_client ? start.keys.server : start.keys.client;
    const bool keyed =
        made->sealer_.use_key(own, start.sealed) && made->opener_.use_key(peers, start.opened);
    return keyed ? std::move(made) : nullptr;
}

// --- reading ---------------------------------------------------------------------------------------

TlsRead RecordLayer::read(ByteSpan out) {
    while (incoming_ == Incoming::open) {
        const ByteView record = next_record();
        if (record.empty()) break;
        const std::size_t size = take(record, out);
        if (size > 0) return {TlsStatus::done, size};
    }
    switch (incoming_) {
        case Incoming::open: return {TlsStatus::need_more, 0};
        case Incoming::closed: pipe_.in = {}; return {TlsStatus::closed, 0};  // RFC 8446 6.1: ignored
        case Incoming::failed: break;
    }
    pipe_.in = {};
    return {TlsStatus::failed, 0};
}

// Empty: there is none yet, or what came is none.
ByteView RecordLayer::next_record() {
    if (partial_size_ == 0) {
        const std::size_t size = wanted(pipe_.in);
        if (size <= pipe_.in.size()) {
            const ByteView record = pipe_.in.first(size);
            pipe_.in = pipe_.in.subspan(size);
            return record;
        }
    }
    for (;;) {
        const ByteView begun = ByteView(partial_).first(partial_size_);
        const std::size_t size = wanted(begun);
        if (incoming_ != Incoming::open) return {};
        if (size == partial_size_) return begun;
        if (!gather(size)) return {};
    }
}

// How long a record is that begins so, as far as that is known: at least its header. What is no record
// fails, and is as long as nothing.
std::size_t RecordLayer::wanted(ByteView start) {
    if (start.size() < kRecordHeaderBytes) return kRecordHeaderBytes;
    const std::size_t size = kRecordHeaderBytes + (std::size_t{start[3]} << 8 | start[4]);
    if (start[1] != kRecordVersionMajor) {
        fail(alerts::kProtocolVersion, TlsFailure::not_tls);
    } else if (size > kRecordContentMax + sealer_.overhead()) {
        fail(alerts::kRecordOverflow);
    } else if (size < sealer_.overhead()) {
        fail(alerts::kBadRecordMac);
    } else if (is_1_3() && start[0] != static_cast<std::uint8_t>(ContentType::application_data)) {
        fail(alerts::kUnexpectedMessage);
    }
    return incoming_ == Incoming::open ? size : 0;
}

// Whether so many bytes of the record are together now.
bool RecordLayer::gather(std::size_t size) {
    const std::size_t count = std::min(size - partial_size_, pipe_.in.size());
    if (count == 0) return false;
    // By what has come, not by what the header says is to come.
    const ByteSpan chunk = pipe_.partial.grow(partial_, partial_size_, partial_size_ + count);
    if (chunk.empty()) {
        run_out();
        return false;
    }
    partial_ = chunk;
    std::memcpy(partial_.data() + partial_size_, pipe_.in.data(), count);
    partial_size_ += count;
    pipe_.in = pipe_.in.subspan(count);
    return partial_size_ == size;
}

void RecordLayer::forget_partial() {
    pipe_.partial.give(partial_);
    partial_ = {};
    partial_size_ = 0;
}

// Returns how much content there is in `out`.
std::size_t RecordLayer::take(ByteView record, ByteSpan out) {
    const auto opened = opener_.open(record, out);
    if (partial_size_ > 0) forget_partial();
    if (!opened) {
        fail(alerts::kBadRecordMac);
        return 0;
    }
    const ByteView content = out.first(opened->size);
    switch (opened->type) {
        case ContentType::application_data:
            if (!is_1_3() || !message_.is_partial()) return content.size();
            break;  // RFC 8446 5.1: nothing between the parts of a message
        case ContentType::handshake:
            if (content.empty()) break;
            on_handshake(content);
            return 0;
        case ContentType::alert: on_alert(content); return 0;
        case ContentType::change_cipher_spec:
        case ContentType::invalid: break;
    }
    fail(alerts::kUnexpectedMessage);
    return 0;
}

void RecordLayer::on_alert(ByteView alert) {
    if (alert.size() != 2) return fail(alerts::kDecodeError);
    if (alert[1] == alerts::kCloseNotify) {
        incoming_ = Incoming::closed;
        return;
    }
    // In 1.3 the level says nothing (RFC 8446 6).
    const bool harmless = is_1_3() ? alert[1] == alerts::kUserCanceled : alert[0] == kWarning;
    if (harmless) return;
    incoming_ = Incoming::failed;
    fault_ = {TlsFailure::peer_alert, alert[1]};
}

// --- messages after the handshake ------------------------------------------------------------------

void RecordLayer::on_handshake(ByteView bytes) {
    while (!bytes.empty() && incoming_ == Incoming::open) {
        const std::size_t passed = std::min<std::size_t>(message_.to_skip, bytes.size());
        message_.to_skip -= static_cast<std::uint32_t>(passed);
        bytes = bytes.subspan(passed);
        if (bytes.empty()) return;
        message_.start[message_.size++] = bytes.front();
        bytes = bytes.subspan(1);
        if (message_.size >= kMessageHeaderBytes) on_message_start(bytes.empty());
    }
}

// Tickets are passed over: who wants them keeps OpenSSL until they have come. So is what would begin
// another handshake in 1.2 (RFC 5246 7.4.1.1, 7.2.2), and its sender is told that there is none.
void RecordLayer::on_message_start(bool last_of_record) {
    const auto& start = message_.start;
    const std::uint32_t size = std::uint32_t{start[1]} << 16 | std::uint32_t{start[2]} << 8 | start[3];
    const std::uint8_t again = role_ == TlsRole::client ? kHelloRequest : kClientHello;
    if (is_1_3() && start[0] == kNewSessionTicket && role_ == TlsRole::client) {
        message_ = {.start = {}, .size = 0, .to_skip = size};
    } else if (!is_1_3() && start[0] == again) {
        message_ = {.start = {}, .size = 0, .to_skip = size};
        say_alert(kWarning, alerts::kNoRenegotiation);
    } else if (!is_1_3() || start[0] != kKeyUpdate) {
        fail(alerts::kUnexpectedMessage);
    } else if (size != 1) {
        fail(alerts::kDecodeError);
    } else if (message_.size > kMessageHeaderBytes) {
        const std::uint8_t request = start[kMessageHeaderBytes];
        message_ = {};
        // What follows has other keys: it must not be in this record (RFC 8446 5.1).
        last_of_record ? on_key_update(request) : fail(alerts::kUnexpectedMessage);
    }
}

// RFC 8446 4.6.3, 7.2.
void RecordLayer::on_key_update(std::uint8_t request) {
    if (request > 1) return fail(alerts::kIllegalParameter);
    const auto next = next_of(peers_, suite_);
    const auto key = next ? key_of(*next, suite_) : std::nullopt;
    if (!key || !opener_.use_key(*key, 0)) return run_out();
    peers_ = *next;
    if (request == 1 && outgoing_ == Outgoing::open) change_own_key();
}

// Says so with the old key.
void RecordLayer::change_own_key() {
    const auto next = next_of(own_, suite_);
    const auto key = next ? key_of(*next, suite_) : std::nullopt;
    if (!key) return run_out();
    static constexpr std::uint8_t kNotRequested[] = {kKeyUpdate, 0, 0, 1, 0};
    say(ContentType::handshake, kNotRequested);
    own_ = *next;
    writes_ = 0;
    if (!sealer_.use_key(*key, 0)) run_out();
}

// --- writing ---------------------------------------------------------------------------------------

TlsStatus RecordLayer::write(ByteView bytes, std::uint32_t key_update_after) {
    if (is_1_3() && writes_ >= key_update_after) change_own_key();
    ++writes_;
    while (!bytes.empty() && outgoing_ == Outgoing::open) {
        const std::size_t size = std::min(bytes.size(), kRecordContentMax);
        say(ContentType::application_data, bytes.first(size));
        bytes = bytes.subspan(size);
    }
    return outgoing_ == Outgoing::open ? TlsStatus::done : TlsStatus::failed;
}

void RecordLayer::close_notify() {
    say_alert(kWarning, alerts::kCloseNotify);
    outgoing_ = Outgoing::closed;
}

// After close_notify, nothing.
void RecordLayer::say(ContentType type, ByteView content) {
    if (outgoing_ == Outgoing::open && !sealer_.seal(type, content, pipe_.out)) run_out();
}

void RecordLayer::say_alert(std::uint8_t level, std::uint8_t alert) {
    const std::uint8_t content[] = {level, alert};
    say(ContentType::alert, content);
}

void RecordLayer::fail(std::uint8_t alert, TlsFailure failure) {
    say_alert(kFatal, alert);
    end_with(failure);
}

// Without a word: it would need what there is none of.
void RecordLayer::run_out() {
    end_with(TlsFailure::no_memory);
}

void RecordLayer::end_with(TlsFailure failure) {
    fault_ = {failure, 0};
    incoming_ = Incoming::failed;
    outgoing_ = Outgoing::closed;
}

}  // namespace wsblast::crypto
