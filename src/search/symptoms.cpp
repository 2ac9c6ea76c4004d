#include "search/symptoms.hpp"

#include <algorithm>
#include <numeric>

namespace wsblast::search {

namespace {

using stats::CounterValues;
using stats::ErrorKind;

std::uint64_t sum(const CounterValues& counters, std::initializer_list<ErrorKind> kinds) {
    std::uint64_t count = 0;
    for (const ErrorKind kind : kinds) count += counters.error(kind);
    return count;
}

constexpr std::initializer_list<ErrorKind> kOfProxies{ErrorKind::proxy_refused, ErrorKind::proxy_login,
                                                      ErrorKind::proxy_broken};
constexpr std::initializer_list<ErrorKind> kOfTls{ErrorKind::tls_untrusted,  ErrorKind::tls_expired,
                                                  ErrorKind::tls_wrong_name, ErrorKind::tls_alert,
                                                  ErrorKind::tls_missing,    ErrorKind::tls_broken};
constexpr std::initializer_list<ErrorKind> kOfUpgrades{
    ErrorKind::upgrade_not_http,        ErrorKind::upgrade_head_too_large, ErrorKind::upgrade_headers,
    ErrorKind::wrong_accept_key,        ErrorKind::unrequested_extension,  ErrorKind::unsound_extension,
    ErrorKind::unrequested_subprotocol, ErrorKind::redirect_refused,       ErrorKind::redirect_loop};

// Timeouts after TCP was established: of those that were, neither opened nor failed in another way then.
std::uint64_t established_and_timed_out(const Evidence& evidence, std::uint64_t timeouts) {
    const CounterValues& counters = evidence.counters;
    const std::uint64_t others = counters.successful + sum(counters, kOfProxies) + sum(counters, kOfTls) +
                                 sum(counters, kOfUpgrades) +
                                 sum(counters, {ErrorKind::reset_in_handshake,
                                                ErrorKind::closed_in_handshake, ErrorKind::upgrade_status});
    return evidence.established > others ? std::min(evidence.established - others, timeouts) : 0;
}

}  // namespace

Symptoms symptoms_of(const Evidence& evidence) {
    const CounterValues& counters = evidence.counters;
    Symptoms symptoms;
    const auto set = [&symptoms](Symptom symptom, std::uint64_t count) {
        symptoms.counts[static_cast<std::size_t>(symptom)] = count;
    };
    const std::uint64_t timeouts = sum(counters, {ErrorKind::connect_timeout, ErrorKind::timed_out});
    const std::uint64_t established = established_and_timed_out(evidence, timeouts);
    set(Symptom::no_source_port, counters.error(ErrorKind::no_free_source_port));
    set(Symptom::no_memory,
        sum(counters, {ErrorKind::no_memory, ErrorKind::spill_exhausted, ErrorKind::inflate_memory}));
    set(Symptom::socket_error, sum(counters, {ErrorKind::socket_error, ErrorKind::connection_io_error}));
    set(Symptom::unreachable, counters.error(ErrorKind::unreachable));
    set(Symptom::refused,
        sum(counters, {ErrorKind::refused, ErrorKind::no_such_socket, ErrorKind::not_permitted}));
    set(Symptom::syn_unanswered, timeouts - established);
    set(Symptom::upgrade_unanswered, established + counters.error(ErrorKind::setup_timeout));
    set(Symptom::reset_in_handshake, counters.error(ErrorKind::reset_in_handshake));
    set(Symptom::closed_in_handshake, counters.error(ErrorKind::closed_in_handshake));
    set(Symptom::proxy_failed, sum(counters, kOfProxies));
    set(Symptom::tls_failed, sum(counters, kOfTls));
    set(Symptom::upgrade_status, counters.error(ErrorKind::upgrade_status));
    set(Symptom::upgrade_broken, sum(counters, kOfUpgrades) + counters.error(ErrorKind::setup_refused));
    set(Symptom::closed_later, counters.error(ErrorKind::closed_by_peer));
    set(Symptom::reset_later, sum(counters, {ErrorKind::connection_reset, ErrorKind::tls_lost}));
    set(Symptom::timed_out_later,
        sum(counters, {ErrorKind::connection_timed_out, ErrorKind::pong_timeout, ErrorKind::send_timeout}));
    set(Symptom::protocol_broken, stats::protocol_errors(counters));
    set(Symptom::no_answer, evidence.unanswered);
    return symptoms;
}

std::uint64_t Symptoms::total() const {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

Symptom Symptoms::worst() const {
    auto weights = counts;
    auto& syn = weights[static_cast<std::size_t>(Symptom::syn_unanswered)];
    auto& upgrade = weights[static_cast<std::size_t>(Symptom::upgrade_unanswered)];
    if (syn > 0 && upgrade > 0) {
        upgrade += syn;
        syn = 0;
    }
    const auto most = std::max_element(weights.begin(), weights.end());
    return static_cast<Symptom>(most - weights.begin());
}

}  // namespace wsblast::search
