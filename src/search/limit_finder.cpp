#include "search/limit_finder.hpp"

#include <string_view>
#include <utility>

#include "host/resources.hpp"
#include "host/sysctls.hpp"
#include "search/symptoms.hpp"
#include "text/format.hpp"

namespace wsblast::search {

namespace {

using stats::BackendPresence;
using stats::Limit;
using stats::LimitKind;
using text::format;

constexpr std::uint64_t kPercent = 100;
// A table that is so full is full: entries come and go while it is read.
constexpr std::uint64_t kFullPercent = 99;
// A process that has so much of its file limit in use may not get the next one: accept(2) fails, and what
// it keeps free for that is a handful.
constexpr std::uint64_t kFilesPercent = 97;
// So many of the unanswered handshakes were established: somebody is there, and takes no more.
constexpr std::uint64_t kEstablishedPercent = 5;

bool reaches(std::uint64_t part, std::uint64_t whole, std::uint64_t percent) {
    return part * kPercent >= whole * percent && whole > 0;
}

std::string count(std::uint64_t value) {
    return with_thousands(value);
}

host::NetworkCounters network_between(const Evidence& evidence) {
    return host::difference(evidence.after.network, evidence.before.network);
}

// --- what is known besides, as lines ---------------------------------------------------------------

void add_syn_retransmits(const Evidence& evidence, Limit& limit) {
    const std::uint64_t again = network_between(evidence).syn_retransmits;
    if (again == 0) return;
    limit.evidence.push_back(format("{} SYNs were sent again (TcpExt TCPSynRetrans)", count(again)));
}

std::optional<std::string> full_files(const Evidence& evidence) {
    const auto& files = evidence.target.files;
    if (!files || !reaches(files->fullest_open, files->fullest_limit, kFilesPercent)) return std::nullopt;
    return format("the target's process has {} of {} files open", count(files->fullest_open),
                  count(files->fullest_limit));
}

void add_target_cpu(const Evidence& evidence, Limit& limit) {
    const auto cpu = evidence.target.cpu();
    if (cpu) limit.evidence.push_back(format("the target's process used {:.2f} cores meanwhile", *cpu));
}

void add_statuses(const Evidence& evidence, Limit& limit) {
    constexpr std::uint32_t kSwitchingProtocols = 101;
    for (const auto& [status, times] : evidence.upgrade_status) {
        if (status == kSwitchingProtocols) continue;
        std::string line = format("{} answers with HTTP status {}", count(times), status);
        for (const stats::Excerpt& excerpt : evidence.excerpts) {
            const std::string words = excerpt.text.substr(0, excerpt.text.find_last_not_of("\r\n ") + 1);
            if (excerpt.status == status && !words.empty()) line += ": " + words;
        }
        limit.evidence.push_back(std::move(line));
    }
}

void add_closes(const Evidence& evidence, Limit& limit) {
    for (const auto& [packed, times] : evidence.closes) {
        const stats::CloseKey key = stats::CloseKey::unpack(packed);
        if (key.by != stats::CloseBy::peer) continue;
        limit.evidence.push_back(format("{} closes with code {}", count(times), key.code));
    }
}

void add_memory(const Evidence& evidence, Limit& limit) {
    if (evidence.after.memory_available_bytes == 0) return;
    limit.evidence.push_back(format("{} MiB of memory are available, {} MiB were before",
                                    count(evidence.after.memory_available_bytes / kMiB),
                                    count(evidence.before.memory_available_bytes / kMiB)));
}

// --- causes behind a symptom, or none ---------------------------------------------------------------

std::optional<Limit> full_conntrack(const Evidence& evidence) {
    const auto& table = evidence.after.conntrack;
    const std::uint64_t drops = network_between(evidence).tracking_drops;
    if (!table || drops == 0 || !reaches(table->entries, table->entries_max, kFullPercent)) return {};
    return Limit{
        LimitKind::conntrack,
        evidence.open,
        {format("nf_conntrack_count is {} of nf_conntrack_max {}", count(table->entries),
                count(table->entries_max)),
         format("{} packets found no place in it (/proc/net/stat/nf_conntrack drop)", count(drops))}};
}

std::optional<Limit> full_neighbours(const Evidence& evidence) {
    const std::uint64_t overflows = network_between(evidence).neighbour_overflows;
    if (overflows == 0) return {};
    return Limit{LimitKind::neighbours,
                 evidence.open,
                 {format("{} times no place for a neighbour (/proc/net/stat/arp_cache table_fulls)",
                         count(overflows))}};
}

// SYNs that went nowhere because this host itself did not let them out.
std::optional<Limit> own_packet_filter(const Evidence& evidence, std::uint64_t unanswered) {
    constexpr std::uint64_t kMostPercent = 50;
    const std::uint64_t refused = network_between(evidence).send_refusals;
    if (!reaches(refused, unanswered, kMostPercent)) return {};
    return Limit{LimitKind::packet_filter,
                 evidence.open,
                 {format("{} segments could not leave this host (TcpExt TCPRetransFail)", count(refused))}};
}

std::optional<Limit> short_tcp_memory(const Evidence& evidence) {
    const host::NetworkCounters between = network_between(evidence);
    const std::uint64_t dropped = between.receive_drops + between.memory_aborts;
    const auto& sockets = evidence.after.sockets;
    const auto& pages_max = evidence.after.tcp_memory_max_pages;
    const bool full = sockets && pages_max && sockets->tcp_memory_pages >= *pages_max;
    // The setting is not to be seen in every network namespace; its effect is.
    const bool felt = !pages_max && between.memory_pressures + between.memory_aborts > 0;
    if (!full && !felt) return {};
    Limit limit{LimitKind::tcp_memory, evidence.open, {}};
    if (full) {
        limit.evidence.push_back(format("TCP holds {} pages of memory, net.ipv4.tcp_mem allows {}",
                                        count(sockets->tcp_memory_pages), count(*pages_max)));
    } else {
        limit.evidence.push_back(format("TCP ran short of memory {} times (TcpExt TCPMemoryPressures)",
                                        count(between.memory_pressures)));
    }
    if (between.retransmits > 0) {
        limit.evidence.push_back(
            format("{} segments were sent again (Tcp RetransSegs)", count(between.retransmits)));
    }
    if (dropped > 0) {
        limit.evidence.push_back(
            format("{} segments or connections were given up for it (TcpExt TCPRcvQDrop, TCPAbortOnMemory)",
                   count(dropped)));
    }
    return limit;
}

std::optional<Limit> target_is_gone(const Evidence& evidence) {
    if (evidence.target.presence != BackendPresence::gone) return {};
    return Limit{
        LimitKind::target_gone, evidence.open, {"none of the target's processes is there any more"}};
}

std::optional<Limit> target_is_out_of_files(const Evidence& evidence) {
    const auto files = full_files(evidence);
    if (!files) return {};
    return Limit{LimitKind::target_files, evidence.open, {*files}};
}

// Where the target is on this host its listeners' counters are ours.
std::optional<Limit> full_listen_queue(const Evidence& evidence) {
    const host::NetworkCounters between = network_between(evidence);
    if (evidence.target.presence == BackendPresence::unwatched || between.listen_drops == 0) return {};
    return Limit{
        LimitKind::listen_queue,
        evidence.open,
        {format("{} times the listen queue was full, {} SYNs were dropped (TcpExt ListenOverflows, "
                "ListenDrops)",
                count(between.listen_overflows), count(between.listen_drops))}};
}

// --- a limit for each symptom ------------------------------------------------------------------------

// What may stand behind any symptom of the target's.
std::optional<Limit> cause_at_target(const Evidence& evidence) {
    if (auto limit = target_is_gone(evidence)) return limit;
    return target_is_out_of_files(evidence);
}

Limit plain(LimitKind kind, const Evidence& evidence) {
    return {kind, evidence.open, {}};
}

Limit unanswered_handshakes(const Evidence& evidence, const Symptoms& symptoms) {
    const std::uint64_t established = symptoms[Symptom::upgrade_unanswered];
    const std::uint64_t all = symptoms[Symptom::syn_unanswered] + established;
    if (auto limit = full_conntrack(evidence)) return *limit;
    if (auto limit = full_neighbours(evidence)) return *limit;
    if (auto limit = own_packet_filter(evidence, all)) return *limit;
    if (auto limit = short_tcp_memory(evidence)) return *limit;
    if (auto limit = cause_at_target(evidence)) return *limit;
    const bool taken = reaches(established, all, kEstablishedPercent);
    if (!taken) {
        if (auto limit = full_listen_queue(evidence)) return *limit;
    }
    Limit limit = plain(taken ? LimitKind::upgrade_unanswered : LimitKind::syn_unanswered, evidence);
    if (const auto queue = full_listen_queue(evidence)) limit.evidence = queue->evidence;
    return limit;
}

Limit unanswered_messages(const Evidence& evidence) {
    if (auto limit = short_tcp_memory(evidence)) return *limit;
    if (auto limit = cause_at_target(evidence)) return *limit;
    Limit limit = plain(LimitKind::no_answer, evidence);
    add_target_cpu(evidence, limit);
    return limit;
}

Limit at_target(LimitKind kind, const Evidence& evidence) {
    return cause_at_target(evidence).value_or(plain(kind, evidence));
}

Limit limit_of(Symptom worst, const Evidence& evidence, const Symptoms& symptoms) {
    switch (worst) {
        case Symptom::no_source_port: return plain(LimitKind::source_ports, evidence);
        case Symptom::no_memory: return plain(LimitKind::memory, evidence);
        case Symptom::socket_error: return plain(LimitKind::socket_error, evidence);
        case Symptom::unreachable: return plain(LimitKind::unreachable, evidence);
        case Symptom::timed_out_later: return plain(LimitKind::path_lost, evidence);
        case Symptom::syn_unanswered:
        case Symptom::upgrade_unanswered: return unanswered_handshakes(evidence, symptoms);
        case Symptom::no_answer: return unanswered_messages(evidence);
        case Symptom::refused: return at_target(LimitKind::refused, evidence);
        case Symptom::reset_in_handshake: return at_target(LimitKind::reset_in_handshake, evidence);
        case Symptom::closed_in_handshake: return at_target(LimitKind::closed_in_handshake, evidence);
        case Symptom::proxy_failed: return plain(LimitKind::proxy_failed, evidence);
        case Symptom::tls_failed: return plain(LimitKind::tls_failed, evidence);
        case Symptom::upgrade_status: return plain(LimitKind::upgrade_status, evidence);
        case Symptom::upgrade_broken: return plain(LimitKind::upgrade_broken, evidence);
        case Symptom::closed_later: return at_target(LimitKind::closed_later, evidence);
        case Symptom::reset_later: return at_target(LimitKind::reset_later, evidence);
        case Symptom::protocol_broken: return plain(LimitKind::protocol_broken, evidence);
    }
    return plain(LimitKind::socket_error, evidence);
}

// --- what happened, in words -------------------------------------------------------------------------

std::string what_happened(Symptom symptom, std::uint64_t times, const Evidence& evidence) {
    const std::string many = count(times);
    switch (symptom) {
        case Symptom::no_source_port:
            return format("{} attempts found no free pair of source address and port", many);
        case Symptom::no_memory: return format("{} times the kernel had no memory", many);
        case Symptom::socket_error: return format("{} sockets failed", many);
        case Symptom::unreachable: return format("{} attempts found no way to the target", many);
        case Symptom::refused: return format("{} attempts were refused", many);
        case Symptom::syn_unanswered:
            return format("{} attempts had no answer to their SYN within {}", many,
                          to_duration_text(evidence.connect_timeout_ns));
        case Symptom::upgrade_unanswered:
            return format("{} attempts were established, and had no answer to their upgrade within {}",
                          many, to_duration_text(evidence.connect_timeout_ns));
        case Symptom::reset_in_handshake:
            return format("{} connections were reset before their upgrade was answered", many);
        case Symptom::closed_in_handshake:
            return format("{} connections were closed before their upgrade was answered", many);
        case Symptom::proxy_failed: return format("{} connections did not come through their proxy", many);
        case Symptom::tls_failed: return format("{} TLS handshakes failed", many);
        case Symptom::upgrade_status: return format("{} upgrades were refused", many);
        case Symptom::upgrade_broken: return format("{} answers were no upgrade", many);
        case Symptom::closed_later: return format("{} open connections were closed by the target", many);
        case Symptom::reset_later: return format("{} open connections were reset", many);
        case Symptom::timed_out_later: return format("{} open connections timed out in TCP", many);
        case Symptom::protocol_broken: return format("{} connections broke the protocol", many);
        case Symptom::no_answer:
            return format("{} messages had no answer within {}", many,
                          to_duration_text(evidence.answer_timeout_ns));
    }
    return "";
}

void add_details(Symptom worst, const Evidence& evidence, Limit& limit) {
    if (worst == Symptom::upgrade_status) add_statuses(evidence, limit);
    if (worst == Symptom::closed_later) add_closes(evidence, limit);
    if (worst == Symptom::no_memory) add_memory(evidence, limit);
    if (worst == Symptom::syn_unanswered) add_syn_retransmits(evidence, limit);
    if (worst == Symptom::upgrade_unanswered) add_target_cpu(evidence, limit);
}

}  // namespace

HostState read_host_state() {
    const host::HostFiles files;
    HostState state;
    state.network = host::read_network_counters();
    state.sockets = host::read_socket_counts(files);
    state.conntrack = host::read_conntrack(files);
    constexpr std::size_t kMostAt = 2;
    const auto tcp_memory = host::sysctl_numbers(files, "net.ipv4.tcp_mem");
    if (tcp_memory && tcp_memory->size() > kMostAt) state.tcp_memory_max_pages = (*tcp_memory)[kMostAt];
    state.memory_available_bytes = host::memory_available_bytes();
    return state;
}

std::uint64_t failures(const Evidence& evidence) {
    return symptoms_of(evidence).total();
}

std::optional<Limit> find_limit(const Evidence& evidence) {
    const Symptoms symptoms = symptoms_of(evidence);
    if (symptoms.total() == 0) return std::nullopt;
    const Symptom worst = symptoms.worst();
    Limit limit = limit_of(worst, evidence, symptoms);
    add_details(worst, evidence, limit);
    std::vector<std::string> happened;
    for (std::size_t i = 0; i < kSymptoms; ++i) {
        const auto symptom = static_cast<Symptom>(i);
        if (symptoms[symptom] > 0) happened.push_back(what_happened(symptom, symptoms[symptom], evidence));
    }
    limit.evidence.insert(limit.evidence.begin(), happened.begin(), happened.end());
    return limit;
}

}  // namespace wsblast::search
