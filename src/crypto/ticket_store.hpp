// Tickets of TLS: what connections are resumed with (RFC 5077, RFC 8446 2.2). One worker thread.
#pragma once

#include <utility>
#include <vector>

#include "crypto/tls_options.hpp"

struct ssl_session_st;

namespace wsblast::crypto {

// Sessions that connections to one server can be resumed with, the newest last. A ticket is used once where
// there is another one (RFC 8446 C.4).
class TicketStore {
  public:
    TicketStore() = default;
    ~TicketStore();
    TicketStore(TicketStore&& other) noexcept : sessions_(std::move(other.sessions_)) {
        other.sessions_.clear();
    }
    TicketStore& operator=(TicketStore&&) = delete;

    // Takes the reference over; the oldest goes when there are limits::kTlsTicketsMax.
    void put(ssl_session_st* session);
    // The newest, with a reference that is the caller's; null when there is none.
    [[nodiscard]] ssl_session_st* take();

  private:
    std::vector<ssl_session_st*> sessions_;
};

// Random ones, for the life of a server.
[[nodiscard]] TicketKeys draw_ticket_keys();

}  // namespace wsblast::crypto
