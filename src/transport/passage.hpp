// One connection of a tunnel: how far it has come, and what it keeps meanwhile.
//
//     client: idle -> connecting -> proxying -> securing -> open -> half_closed -> closing -> idle
//     server: idle -> securing -> open -> ...
//
// Any state but `idle` may go to `closing` at once, which waits for the inner transport's on_close.
#pragma once

#include <cstdint>

#include "crypto/tls_session.hpp"
#include "proto/proxy.hpp"
#include "transport/link.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

enum class PassageState : std::uint8_t {
    idle,
    connecting,   // TCP
    proxying,     // talks to the proxy
    securing,     // shakes hands
    open,         // bytes of the protocol pass
    half_closed,  // ours is said; receiving goes on
    closing,      // nothing is told but the end
};

// What waits for room in the inner transport, besides what is encrypted.
enum class ProxyWords : std::uint8_t { none, due };

// All zeros is idle.
struct Passage {
    crypto::TlsSession session;  // none where the route has no TLS
    Spill unsent;                // encrypted; what found no room
    CloseEvent end;              // why, where it is not what the inner transport says
    TargetId target;
    PassageState state;
    ProxyWords words;
    RoomWanted room_wanted;
    AfterSends after_sends;  // what is to be done when nothing is unsent
    proto::ProxyHandshake proxy;

    [[nodiscard]] bool is_open() const {
        return state == PassageState::open || state == PassageState::half_closed;
    }
    // Its bytes are nobody's business here.
    [[nodiscard]] bool passes_through() const { return is_open() && !session.valid(); }
    // Whether its owner may send; if not, there will be an on_room.
    [[nodiscard]] bool ask_for_room() {
        if (state == PassageState::open && !unsent.active()) return true;
        room_wanted = RoomWanted::yes;
        return false;
    }
};
static_assert(sizeof(Passage) <= 128, "two cache lines");

}  // namespace wsblast::transport
