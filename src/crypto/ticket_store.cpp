#include "crypto/ticket_store.hpp"

#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "base/limits.hpp"

namespace wsblast::crypto {

TicketStore::~TicketStore() {
    for (SSL_SESSION* session : sessions_) SSL_SESSION_free(session);
}

void TicketStore::put(SSL_SESSION* session) {
    if (sessions_.size() == limits::kTlsTicketsMax) {
        SSL_SESSION_free(sessions_.front());
        sessions_.erase(sessions_.begin());
    }
    sessions_.push_back(session);
}

SSL_SESSION* TicketStore::take() {
    if (sessions_.empty()) return nullptr;
    SSL_SESSION* const session = sessions_.back();
    if (sessions_.size() > 1) {
        sessions_.pop_back();
    } else {
        SSL_SESSION_up_ref(session);
    }
    return session;
}

TicketKeys draw_ticket_keys() {
    TicketKeys keys{};
    RAND_bytes(keys.data(), static_cast<int>(keys.size()));
    return keys;
}

}  // namespace wsblast::crypto
