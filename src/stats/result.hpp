// A RunResult is everything that is known of a run at its end: plain data, from which every report is made.
// What is unknown, or has no samples, is empty and never 0. A Progress is what is known while it runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "stats/counters.hpp"
#include "stats/histogram.hpp"
#include "stats/misbehaving.hpp"
#include "stats/shard.hpp"
#include "stats/slo.hpp"
#include "stats/timeline.hpp"
#include "stats/verdict.hpp"

namespace wsblast::stats {

struct TargetInfo {
    std::vector<std::string> urls{};
    bool builtin = false;
};

struct WorkloadInfo {
    Loop loop = Loop::open;
    std::uint32_t cores = 0;
    std::uint64_t connections = 0;
    std::optional<std::uint64_t> messages_per_connection{};
    std::optional<double> interval_s{};
    std::optional<double> rate_per_s{};       // where a ramp begins
    std::optional<double> rate_to_per_s{};    // where it ends
    std::string_view arrivals{};              // of a rate: "uniform", "poisson"
    std::optional<std::uint64_t> pipeline{};  // none: unlimited
    std::optional<double> duration_s{};
    std::optional<double> warmup_s{};
    std::uint64_t listeners = 0;
    std::string_view match{};
    std::string extension_offer{};  // of permessage-deflate; empty: none
    std::optional<double> ping_interval_s{};
    std::string_view timestamps = "user";  // whose clock says when answers came
};

// What was sent and left out of the result.
struct WarmUp {
    double duration_s = 0;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t lost = 0;
};

// The messages of one type.
struct TypeResult {
    std::string type{};
    CounterValues counters{};
    std::optional<Summary> latency{};
};

// What came of messages that were pushed to listening connections.
struct FanOut {
    std::uint64_t listeners = 0;
    std::uint64_t published = 0;
    std::uint64_t expected = 0;   // deliveries: one for each listener of a message's channel
    std::uint64_t delivered = 0;  // each once
    std::uint64_t duplicates = 0;
    std::uint64_t out_of_order = 0;
    std::uint64_t untimed = 0;     // deliveries that are in no latency: their message was forgotten by then
    std::uint64_t incomplete = 0;  // messages that had not come to all when they were forgotten
    std::optional<Summary> latency{};  // due at the publisher -> at a listener
    std::optional<Summary> spread{};   // of a message: first -> last delivery
};

// What TCP_INFO says of some of the connections.
struct TcpSample {
    std::uint64_t sampled = 0;
    std::uint64_t retransmits = 0;      // segments, SYNs included
    std::uint64_t syn_retransmits = 0;  // until established
    std::optional<Summary> rtt{};       // the kernel's smoothed round trip
};

// How the kernel's clock and that of user space differ.
struct StampInfo {
    std::optional<Summary> receive_delay{};  // the kernel's receive stamp -> user space
    std::uint64_t shared = 0;                // answers whose receive had a later one: user-space time
};

// What opening a connection took, by its parts.
struct ConnectTimes {
    std::optional<Summary> name_lookup{};
    std::optional<Summary> tcp{};
    std::optional<Summary> proxy{};
    std::optional<Summary> tls{};
    std::optional<Summary> upgrade{};
    std::optional<Summary> total{};
};

// Handshakes with one version and cipher.
struct TlsAgreement {
    std::string version{};
    std::string cipher{};
    std::uint64_t full = 0;
    std::uint64_t resumed = 0;
};

// Connections that an alert, what is wrong with a certificate, or a bare FIN has ended.
struct TlsFaultCount {
    TlsFaultKind kind = TlsFaultKind::alert;
    std::string what{};
    std::uint64_t count = 0;
};

// Of a run with secure URLs.
struct TlsResult {
    bool verified = true;  // certificates were checked
    bool resumption = false;
    std::vector<TlsAgreement> agreements{};
    std::vector<TlsFaultCount> faults{};

    [[nodiscard]] std::uint64_t full() const {
        std::uint64_t sum = 0;
        for (const TlsAgreement& agreement : agreements) sum += agreement.full;
        return sum;
    }
    [[nodiscard]] std::uint64_t resumed() const {
        std::uint64_t sum = 0;
        for (const TlsAgreement& agreement : agreements) sum += agreement.resumed;
        return sum;
    }
};

// Connections that a proxy led nowhere, with the same answer.
struct ProxyAnswer {
    std::uint32_t code = 0;  // an HTTP status, or a SOCKS5 reply
    std::string what{};
    std::uint64_t count = 0;
};

// Connections that agreed on the same subprotocol.
struct SubprotocolCount {
    std::string name{};  // empty: the server chose none
    std::uint64_t count = 0;
};

// What opening connections cost: CPU time of the generator for each of the first and of the last `window`.
struct Ramp {
    double connections_per_s = 0;
    std::uint64_t window = 0;
    std::optional<double> cpu_us_first{};
    std::optional<double> cpu_us_last{};
};

enum class GeneratorStatus : std::uint8_t { ok, suspect, saturated };
[[nodiscard]] std::string_view to_text(GeneratorStatus status);

struct CoreUse {
    std::uint32_t cpu = 0;
    double busy = 0;                  // CPU time / wall time
    std::optional<double> waiting{};  // share of the time that the thread was runnable and did not run
};

// Whether the generator itself can be trusted.
struct GeneratorHealth {
    GeneratorStatus status = GeneratorStatus::ok;
    std::vector<std::string> reasons{};
    std::vector<CoreUse> cores{};
    std::optional<Summary> send_lag{};
    std::optional<Summary> own_lag{};  // the send lag of messages that were not blocked
    std::optional<Summary> loop_lag{};
    std::uint64_t involuntary_switches = 0;
    std::optional<double> steal{};  // share of the time that the hypervisor took from the used CPUs
    std::uint64_t buffers_exhausted = 0;
    TimeNs wait_max_ns = 0;  // the longest that a batch of answers was waited for
    std::uint64_t cq_overflow = 0;
    std::uint64_t rss_bytes = 0;
    double cpu_user_s = 0;
    double cpu_system_s = 0;
};

// Of the virtual users of a scenario file: created = completed + failed + interrupted.
struct UserTotals {
    std::uint64_t created = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    std::uint64_t interrupted = 0;  // were at work when the run was
    std::uint64_t skipped = 0;      // never began: there were maxVusers of them
    std::uint64_t peak = 0;         // at the same time
};

struct RunResult {
    std::string version{};
    std::string command = "run";
    std::string started_at{};
    double duration_s = 0;  // first connect -> last measured message settled
    int exit_status = 0;
    bool interrupted = false;
    std::uint64_t seed = 0;

    TargetInfo target;
    WorkloadInfo workload;
    std::optional<double> offered_per_s{};  // none when nothing was due

    // set_totals() fills these (of `connect` and `generator`: what the workers recorded).
    CounterValues counters;
    std::optional<Summary> latency{};
    std::optional<Summary> service_time{};
    Snapshot totals;  // what the summaries were made from
    ConnectTimes connect;
    std::optional<TcpSample> tcp{};
    std::optional<TlsResult> tls{};  // with a secure URL
    std::vector<ProxyAnswer> proxy_answers{};
    std::optional<std::vector<SubprotocolCount>> subprotocols{};  // where some were asked for
    std::optional<StampInfo> stamps{};                            // with kernel stamps
    std::vector<TypeResult> by_type{};
    std::optional<WarmUp> warm_up{};
    std::optional<FanOut> fan_out{};
    KeyCountValues closes;
    KeyCountValues upgrade_status;
    std::vector<Excerpt> excerpts{};
    std::vector<Excerpt> redirect_failures{};  // by ErrorKind: the first place, or Location
    std::vector<Misbehaving> misbehaving{};
    std::optional<UserTotals> users{};  // of `script`

    std::optional<Ramp> ramp{};
    GeneratorHealth generator;
    Verdict verdict;
    std::vector<SloResult> slos{};
    std::optional<std::string> aborted{};  // the check that ended the run
    std::vector<TimelineRow> timeline{};
    double timeline_step_s = 1;
    std::vector<std::string> warnings{};
};

// Puts in what all workers together have counted and recorded.
void set_totals(RunResult& result, const Snapshot& totals);

// What judge() wants to know of a result.
[[nodiscard]] VerdictInput verdict_input(const RunResult& result);

// Answers a second; none without an answer or a loss (nothing was sent, or nothing is awaited).
[[nodiscard]] std::optional<double> received_per_s(const RunResult& result);

struct ErrorCount {
    ErrorKind kind;
    std::uint64_t count;
};

// The kinds that happened, the most frequent first, else in the order of the enum.
[[nodiscard]] std::vector<ErrorCount> errors_by_count(const CounterValues& counters);

enum class RunPhase : std::uint8_t { ramp, messages, settling, holding, closing };

struct Progress {
    RunPhase phase = RunPhase::ramp;
    TimeNs elapsed_ns = 0;
    std::uint64_t open = 0;
    std::uint64_t wanted = 0;  // connections
    double messages_per_s = 0;
    std::optional<TimeNs> p50_ns{};
    std::optional<TimeNs> p99_ns{};
    std::uint64_t errors = 0;
    std::optional<TimeNs> left_ns{};  // where it is known
};

}  // namespace wsblast::stats
