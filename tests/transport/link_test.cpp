#include "transport/link.hpp"

#include <cerrno>
#include <set>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::transport;

TEST_CASE("link: every errno of a socket has its cause", "[transport][link]") {
    CHECK(cause_of(ECONNREFUSED) == CloseCause::refused);
    CHECK(cause_of(ENOENT) == CloseCause::no_such_socket);
    for (const int error : {EACCES, EPERM}) CHECK(cause_of(error) == CloseCause::not_permitted);
    for (const int error : {ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN}) {
        CHECK(cause_of(error) == CloseCause::unreachable);
    }
    CHECK(cause_of(ETIMEDOUT) == CloseCause::timed_out);
    for (const int error : {ECONNRESET, ECONNABORTED, EPIPE}) CHECK(cause_of(error) == CloseCause::reset);
    for (const int error : {EADDRINUSE, EADDRNOTAVAIL})
        CHECK(cause_of(error) == CloseCause::no_source_port);
    for (const int error : {ENOMEM, ENOBUFS}) CHECK(cause_of(error) == CloseCause::no_memory);
    CHECK(cause_of(EIO) == CloseCause::socket_error);
}

TEST_CASE("link: every cause has words of its own", "[transport][link]") {
    std::set<std::string_view> words;
    for (const CloseCause cause :
         {CloseCause::local,       CloseCause::peer_closed,    CloseCause::reset,
          CloseCause::refused,     CloseCause::no_such_socket, CloseCause::not_permitted,
          CloseCause::unreachable, CloseCause::timed_out,      CloseCause::no_source_port,
          CloseCause::no_memory,   CloseCause::socket_error,   CloseCause::proxy_refused,
          CloseCause::proxy_login, CloseCause::proxy_broken,   CloseCause::tls_untrusted,
          CloseCause::tls_expired, CloseCause::tls_wrong_name, CloseCause::tls_alert,
          CloseCause::tls_missing, CloseCause::tls_broken}) {
        CHECK(words.insert(to_text(cause)).second);
    }
    CHECK(words.count("unknown") == 0);
}

TEST_CASE("link: zeroed memory is a free link without a send", "[transport][link]") {
    Link link{};
    CHECK(link.state == LinkState::free);
    CHECK(link.send_index() == kNoSend);
    CHECK_FALSE(link.receives());
    link.set_send_index(0);
    CHECK(link.send_index() == 0);
    link.set_send_index(kNoSend);
    CHECK(link.send_index() == kNoSend);
}

TEST_CASE("link: a close cancels what may wait for the peer, and only what is in flight",
          "[transport][link]") {
    Link link{};
    link.generation = 5;
    CHECK(cancellable(link, 7).view().empty());
    for (const InFlight what : {InFlight::accept, InFlight::shutdown, InFlight::close, InFlight::inspect}) {
        link.add(what);
    }
    CHECK(cancellable(link, 7).view().empty());
    for (const InFlight what : {InFlight::connect, InFlight::receive, InFlight::send_rest}) link.add(what);
    CHECK(cancellable(link, 7).view().size() == 3);
    for (const InFlight what : {InFlight::connect, InFlight::send_rest}) link.remove(what);
    REQUIRE(cancellable(link, 7).view().size() == 1);
    CHECK(cancellable(link, 7).view()[0].pack() == ring::UserData{ring::Op::receive, 5, 7}.pack());
}

TEST_CASE("link: requests in flight are a set", "[transport][link]") {
    Link link{};
    link.add(InFlight::receive);
    link.add(InFlight::close);
    link.add(InFlight::receive);
    CHECK(link.has(InFlight::receive));
    CHECK(link.has(InFlight::close));
    CHECK_FALSE(link.has(InFlight::send_rest));
    link.remove(InFlight::receive);
    CHECK_FALSE(link.has(InFlight::receive));
    CHECK(link.has(InFlight::close));
    link.remove(InFlight::close);
    CHECK(link.in_flight == 0);
}

TEST_CASE("link: its owner hears of bytes while it is open for reading", "[transport][link]") {
    Link link{};
    link.state = GENERATE(LinkState::accepting, LinkState::connecting, LinkState::open,
                          LinkState::half_closed, LinkState::draining, LinkState::closing);
    const bool open = link.state == LinkState::open || link.state == LinkState::half_closed;
    CHECK(link.receives() == open);
}

TEST_CASE("link: a generation goes into user data with its low 24 bits", "[transport][link]") {
    Link link{};
    link.generation = ring::kGenerationMask + 6;
    const ring::UserData data = link.user_data(ring::Op::close, 9);
    CHECK(data.generation == 5);
    CHECK(data.slot == 9);
    CHECK(data.op == ring::Op::close);
}
