#include "crypto/tls_session.hpp"

#include <memory>

#include "crypto/record_layer.hpp"
#include "crypto/tls_handshake.hpp"

namespace wsblast::crypto {

TlsSession TlsSession::connect(TlsContext& context, std::size_t server, const std::string& name) {
    TlsSession session = begin(context);
    if (!session.valid()) return session;
    const bool resumes = context.resumption_ == Resumption::tickets;
    session.handshake_->begin_client(name, resumes ? &context.tickets_[server] : nullptr);
    return session;
}

TlsSession TlsSession::accept(TlsContext& context) {
    TlsSession session = begin(context);
    if (session.valid()) session.handshake_->begin_server();
    return session;
}

TlsSession TlsSession::begin(TlsContext& context) {
    TlsSession session;
    session.context_ = &context;
    auto handshake = std::make_unique<TlsHandshake>(context.context_, context.pipe_);
    if (handshake->valid()) session.handshake_ = handshake.release();
    return session;
}

TlsStatus TlsSession::shake_hands() {
    const TlsStatus status = handshake_->shake_hands();
    if (status == TlsStatus::done) pass_on();
    return status;
}

void TlsSession::pass_on() {
    const auto start = handshake_->leave();
    if (!start) return;
    records_ = RecordLayer::begin(*start, context_->pipe_, context_->ciphers_).release();
    if (records_ == nullptr) return;
    delete handshake_;
    handshake_ = nullptr;
}

TlsRead TlsSession::read(ByteSpan out) {
    if (records_ != nullptr) return records_->read(out);
    const TlsRead read = handshake_->read(out);
    if (read.status == TlsStatus::done) pass_on();
    return read;
}

bool TlsSession::has_more() const {
    return records_ == nullptr && handshake_->has_more();
}

TlsStatus TlsSession::write(ByteView bytes, std::uint32_t key_update_after) {
    return records_ != nullptr ? records_->write(bytes, key_update_after)
                               : handshake_->write(bytes, key_update_after);
}

void TlsSession::close_notify() {
    records_ != nullptr ? records_->close_notify() : handshake_->close_notify();
}

TlsFacts TlsSession::facts() const {
    return records_ != nullptr ? records_->facts() : handshake_->facts();
}

TlsFault TlsSession::fault() const {
    if (records_ != nullptr) return records_->fault();
    return handshake_ != nullptr ? handshake_->fault() : TlsFault{};
}

void TlsSession::end() {
    delete records_;
    delete handshake_;
    *this = {};
}

}  // namespace wsblast::crypto
