#include "crypto/ticket_store.hpp"

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

#include "base/limits.hpp"

namespace wsblast::crypto {

namespace {

// A session that says its number.
SSL_SESSION* make_session(std::size_t number) {
    SSL_SESSION* const session = SSL_SESSION_new();
    SSL_SESSION_set_time(session, static_cast<long>(number));
    return session;
}

long take_number(TicketStore& store) {
    SSL_SESSION* const session = store.take();
    REQUIRE(session != nullptr);
    const long number = SSL_SESSION_get_time(session);
    SSL_SESSION_free(session);
    return number;
}

}  // namespace

TEST_CASE("ticket store: the newest is taken, and the last is kept", "[crypto][tls]") {
    TicketStore store;
    CHECK(store.take() == nullptr);
    store.put(make_session(1));
    store.put(make_session(2));
    CHECK(take_number(store) == 2);
    CHECK(take_number(store) == 1);
    CHECK(take_number(store) == 1);
    store.put(make_session(3));
    CHECK(take_number(store) == 3);
    CHECK(take_number(store) == 1);
}

TEST_CASE("ticket store: the oldest goes when there are too many", "[crypto][tls]") {
    TicketStore store;
    for (std::size_t i = 0; i < limits::kTlsTicketsMax + 2; ++i) store.put(make_session(i));
    for (std::size_t i = limits::kTlsTicketsMax + 1; i >= 2; --i)
        CHECK(take_number(store) == static_cast<long>(i));
    CHECK(take_number(store) == 2);
}

TEST_CASE("ticket store: keys of tickets are random", "[crypto][tls]") {
    CHECK(draw_ticket_keys() != draw_ticket_keys());
}

}  // namespace wsblast::crypto
