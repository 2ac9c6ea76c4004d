// What a person asked of the built-in target: the options of `serve` with their defaults, and what it is to
// do wrong on purpose.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "crypto/tls_options.hpp"
#include "proto/permessage_deflate.hpp"

namespace wsblast::plan {

enum class DelayLaw : std::uint8_t {
    none,
    fixed,        // first_ns
    uniform,      // first_ns .. second_ns
    exponential,  // of mean first_ns
    bimodal,      // second_ns for a share of all, else first_ns
};

// How long an answer is held back.
struct DelayPlan {
    DelayLaw law = DelayLaw::none;
    TimeNs first_ns = 0;
    TimeNs second_ns = 0;
    double share = 0;
};

// Answers pass a queue, first come first served over all connections, in front of `servers` that each take
// a time of this law for an answer. Law none: there is no queue.
struct ServicePlan {
    DelayPlan time;
    std::uint32_t servers = 1;

    [[nodiscard]] bool any() const { return time.law != DelayLaw::none; }
};

// Above so many messages a second to a core, `cpu_ns` are burnt for each answer; 0: never.
struct BurnPlan {
    TimeNs cpu_ns = 0;
    double above_per_s = 0;
};

// For the last `length_ns` of each `period_ns` since the start nothing is answered; all zeros: never.
struct StallPlan {
    TimeNs length_ns = 0;
    TimeNs period_ns = 0;
};

// A share of all upgrades is answered with an HTTP status instead.
struct Rejection {
    std::uint16_t status = 0;
    double share = 0;
};

// Shares are 0 .. 1; those of one answer add up to at most 1, as do those of the rejections.
struct FaultPlan {
    ServicePlan service;
    BurnPlan burn;
    DelayPlan delay;
    StallPlan stall;
    double drop = 0;
    double duplicate = 0;
    double reorder = 0;
    std::vector<Rejection> rejections;
    std::optional<std::uint64_t> close_after_answers;
    TimeNs close_after_ns = 0;  // after the upgrade; 0: never
    double pushes_per_s = 0;    // unasked messages to each connection
    double accepts_per_s = 0;   // connections that are accepted, on all cores together; 0: as they come
    std::uint64_t seed = 0;

    // Answers pass the faults only where one of these is wanted.
    [[nodiscard]] bool touch_answers() const {
        return service.any() || burn.cpu_ns > 0 || delay.law != DelayLaw::none || stall.period_ns > 0 ||
               drop > 0 || duplicate > 0 || reorder > 0 || close_after_answers || pushes_per_s > 0;
    }
    [[nodiscard]] bool any() const {
        return touch_answers() || !rejections.empty() || close_after_ns > 0 || accepts_per_s > 0;
    }
};

// What becomes of an upgrade when as many connections are open as there may be.
enum class AtLimit : std::uint8_t {
    refuse,  // with 503
    reset,   // with a TCP reset
    wait,    // it is answered when there is a place
};

// Whether and as whom a server speaks TLS.
struct ServeTls {
    bool on = false;
    std::string certificate_file{};  // PEM; empty: one that signs itself is made at the start
    std::string key_file{};          // PEM
    std::string client_ca_file{};    // PEM; clients must have a certificate of these; empty: they need none
    crypto::TlsTerms terms{};
};

// One deflater a core instead of 256 KiB a connection.
inline constexpr proto::DeflateParameters kUsualDeflateAnswer{.server_no_context_takeover = true};

// What it takes and how it answers.
struct ServeMessageOptions {
    std::optional<proto::DeflateParameters> deflate{};  // what it wants of permessage-deflate, if it has it
    std::uint64_t size_max = limits::kMessageBytesMax;  // of a message that comes, inflated too
    std::vector<std::string> subprotocols{};            // that it speaks; empty: any
};

struct ServeOptions {
    std::vector<std::string> hosts{"127.0.0.1", "::1"};
    std::uint16_t port = 8000;  // 0: one that is free
    std::uint32_t cores = 0;    // 0: all that the process may use, or one where there is a service time
    std::uint32_t connections_max = 1'000'000;  // upgraded
    AtLimit at_limit = AtLimit::refuse;
    int backlog = limits::kListenBacklog;  // of each listening socket (listen(2))
    std::optional<std::uint64_t> seed{};   // of the faults; empty: random
    FaultPlan faults{};
    ServeTls tls{};
    ServeMessageOptions message{};
};

}  // namespace wsblast::plan
