#include "search/limit_finder.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

namespace wsblast::search {

using stats::BackendPresence;
using stats::ErrorKind;
using stats::LimitKind;

namespace {

constexpr std::uint64_t kOpen = 5'000;

Evidence failed(ErrorKind kind, std::uint64_t times) {
    Evidence evidence;
    evidence.open = kOpen;
    evidence.connect_timeout_ns = 10 * kSecond;
    evidence.answer_timeout_ns = 5 * kSecond;
    evidence.counters.error(kind) = times;
    return evidence;
}

Evidence watched(Evidence evidence) {
    evidence.target.presence = BackendPresence::alive;
    return evidence;
}

LimitKind kind_of(const Evidence& evidence) {
    const auto limit = find_limit(evidence);
    REQUIRE(limit.has_value());
    CHECK(limit->count == kOpen);
    REQUIRE_FALSE(limit->evidence.empty());
    return limit->kind;
}

bool tells(const Evidence& evidence, std::string_view words) {
    const auto limit = find_limit(evidence);
    REQUIRE(limit.has_value());
    return std::any_of(limit->evidence.begin(), limit->evidence.end(),
                       [=](const std::string& line) { return line.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("limit finder: where nothing went wrong there is no limit", "[search][limit_finder]") {
    Evidence evidence;
    evidence.open = evidence.counters.successful = evidence.established = kOpen;
    CHECK_FALSE(find_limit(evidence).has_value());
    CHECK(failures(evidence) == 0);
}

TEST_CASE("limit finder: an error without a cause behind it is its own limit", "[search][limit_finder]") {
    struct Row {
        ErrorKind error;
        LimitKind limit;
    };
    const Row row = GENERATE(
        Row{ErrorKind::no_free_source_port, LimitKind::source_ports},
        Row{ErrorKind::no_memory, LimitKind::memory}, Row{ErrorKind::socket_error, LimitKind::socket_error},
        Row{ErrorKind::unreachable, LimitKind::unreachable}, Row{ErrorKind::refused, LimitKind::refused},
        Row{ErrorKind::connect_timeout, LimitKind::syn_unanswered},
        Row{ErrorKind::timed_out, LimitKind::syn_unanswered},
        Row{ErrorKind::reset_in_handshake, LimitKind::reset_in_handshake},
        Row{ErrorKind::closed_in_handshake, LimitKind::closed_in_handshake},
        Row{ErrorKind::proxy_refused, LimitKind::proxy_failed},
        Row{ErrorKind::tls_untrusted, LimitKind::tls_failed},
        Row{ErrorKind::upgrade_status, LimitKind::upgrade_status},
        Row{ErrorKind::redirect_loop, LimitKind::upgrade_broken},
        Row{ErrorKind::wrong_accept_key, LimitKind::upgrade_broken},
        Row{ErrorKind::closed_by_peer, LimitKind::closed_later},
        Row{ErrorKind::connection_reset, LimitKind::reset_later},
        Row{ErrorKind::connection_timed_out, LimitKind::path_lost},
        Row{ErrorKind::bad_utf8, LimitKind::protocol_broken});
    CAPTURE(stats::info(row.error).name);
    CHECK(kind_of(failed(row.error, 100)) == row.limit);
    CHECK(tells(failed(row.error, 1'234), "1,234"));
    CHECK(failures(failed(row.error, 1'234)) == 1'234);
}

TEST_CASE("limit finder: a full table of tracked connections is this host's", "[search][limit_finder]") {
    Evidence evidence = failed(ErrorKind::connect_timeout, 200);
    evidence.after.conntrack = {4'990, 5'000};
    CHECK(kind_of(evidence) == LimitKind::syn_unanswered);  // full, but nothing was dropped for it
    evidence.after.network.tracking_drops = 600;
    CHECK(kind_of(evidence) == LimitKind::conntrack);
    CHECK(tells(evidence, "4,990 of nf_conntrack_max 5,000"));
    evidence.after.conntrack = {2'000, 5'000};
    CHECK(kind_of(evidence) == LimitKind::syn_unanswered);
}

TEST_CASE("limit finder: SYNs that this host kept are not the path's", "[search][limit_finder]") {
    Evidence evidence = failed(ErrorKind::connect_timeout, 200);
    evidence.after.network.send_refusals = 400;
    CHECK(kind_of(evidence) == LimitKind::packet_filter);
    evidence.before.network.send_refusals = 399;
    CHECK(kind_of(evidence) == LimitKind::syn_unanswered);
    evidence.after.network.neighbour_overflows = 3;
    CHECK(kind_of(evidence) == LimitKind::neighbours);
}

TEST_CASE("limit finder: a listener that drops SYNs is the target's, where it is here",
          "[search][limit_finder]") {
    Evidence evidence = failed(ErrorKind::connect_timeout, 200);
    evidence.after.network.listen_drops = 300;
    evidence.after.network.listen_overflows = 300;
    CHECK(kind_of(evidence) == LimitKind::syn_unanswered);  // somebody else's listener
    CHECK(kind_of(watched(evidence)) == LimitKind::listen_queue);
}

TEST_CASE("limit finder: who establishes and does not answer takes no more", "[search][limit_finder]") {
    Evidence evidence = failed(ErrorKind::connect_timeout, 200);
    evidence.established = 128;  // what fits into the backlog
    CHECK(kind_of(evidence) == LimitKind::upgrade_unanswered);
    CHECK(tells(evidence, "128 attempts were established"));
    CHECK(tells(evidence, "72 attempts had no answer to their SYN"));
    evidence.established = 2;  // of 200: chance
    CHECK(kind_of(evidence) == LimitKind::syn_unanswered);
}

TEST_CASE("limit finder: a target that is out of files is named, whatever it then does",
          "[search][limit_finder]") {
    const ErrorKind kind = GENERATE(ErrorKind::connect_timeout, ErrorKind::closed_in_handshake,
                                    ErrorKind::reset_in_handshake, ErrorKind::closed_by_peer);
    Evidence evidence = watched(failed(kind, 200));
    evidence.established = 128;
    evidence.target.files = {1'000, 1'000, 1'000};
    CHECK(kind_of(evidence) == LimitKind::target_files);
    CHECK(tells(evidence, "1,000 of 1,000 files"));
    evidence.target.files = {300, 300, 1'000};
    CHECK(kind_of(evidence) != LimitKind::target_files);
}

TEST_CASE("limit finder: a target that has ended", "[search][limit_finder]") {
    Evidence evidence = failed(ErrorKind::refused, 200);
    evidence.counters.error(ErrorKind::connection_reset) = 5'000;
    evidence.target.presence = BackendPresence::gone;
    CHECK(kind_of(evidence) == LimitKind::target_gone);
}

TEST_CASE("limit finder: a refused upgrade tells its status and what it says", "[search][limit_finder]") {
    Evidence evidence = failed(ErrorKind::upgrade_status, 300);
    evidence.upgrade_status = {{101, kOpen}, {503, 300}};
    evidence.excerpts = {{503, "too many connections"}};
    CHECK(kind_of(evidence) == LimitKind::upgrade_status);
    CHECK(tells(evidence, "300 answers with HTTP status 503: too many connections"));
    CHECK_FALSE(tells(evidence, "101"));
}

TEST_CASE("limit finder: a close tells its code", "[search][limit_finder]") {
    Evidence evidence = failed(ErrorKind::closed_by_peer, 30);
    evidence.closes = {{stats::CloseKey{1013, stats::CloseBy::peer}.pack(), 30},
                       {stats::CloseKey{1000, stats::CloseBy::us}.pack(), 9}};
    CHECK(tells(evidence, "30 closes with code 1013"));
    CHECK_FALSE(tells(evidence, "1000"));
}

TEST_CASE("limit finder: messages without answer are the target's, unless TCP has no memory",
          "[search][limit_finder]") {
    Evidence evidence = failed(ErrorKind::connect_timeout, 0);
    evidence.unanswered = 900;
    CHECK(kind_of(evidence) == LimitKind::no_answer);
    CHECK(tells(evidence, "900 messages had no answer within 5s"));

    evidence.after.sockets = {5'000, 0, 17'000};
    evidence.after.tcp_memory_max_pages = 500'000;
    CHECK(kind_of(evidence) == LimitKind::no_answer);
    evidence.after.tcp_memory_max_pages = 2'000;
    evidence.after.network.retransmits = 10'000;
    CHECK(kind_of(evidence) == LimitKind::tcp_memory);
    CHECK(tells(evidence, "17,000 pages"));

    evidence.after.tcp_memory_max_pages.reset();  // not to be seen from here
    CHECK(kind_of(evidence) == LimitKind::no_answer);
    evidence.after.network.memory_pressures = 2;
    CHECK(kind_of(evidence) == LimitKind::tcp_memory);
}

TEST_CASE("limit finder: of several errors the most frequent decides, and all are told",
          "[search][limit_finder]") {
    Evidence evidence = failed(ErrorKind::refused, 30);
    evidence.counters.error(ErrorKind::upgrade_status) = 200;
    CHECK(kind_of(evidence) == LimitKind::upgrade_status);
    CHECK(tells(evidence, "30 attempts were refused"));
    CHECK(tells(evidence, "200 upgrades were refused"));
}

TEST_CASE("limit finder: the state of this host is read", "[search][limit_finder]") {
    const HostState state = read_host_state();
    REQUIRE(state.sockets.has_value());
    CHECK(state.memory_available_bytes > 0);
}

}  // namespace wsblast::search
