// What went wrong, sorted by where on its way a connection was: the first half of finding a limit. Pure.
#pragma once

#include <array>
#include <cstdint>

#include "search/limit_finder.hpp"

namespace wsblast::search {

// Where it failed. Every error of a connection and every message without an answer is one of these.
enum class Symptom : std::uint8_t {
    no_source_port,
    no_memory,
    socket_error,
    unreachable,
    refused,
    syn_unanswered,      // timed out before TCP was established
    upgrade_unanswered,  // timed out after that
    reset_in_handshake,
    closed_in_handshake,
    proxy_failed,
    tls_failed,
    upgrade_status,
    upgrade_broken,  // an answer that is no upgrade
    closed_later,
    reset_later,
    timed_out_later,
    protocol_broken,
    no_answer,
};
inline constexpr std::size_t kSymptoms = static_cast<std::size_t>(Symptom::no_answer) + 1;

struct Symptoms {
    std::array<std::uint64_t, kSymptoms> counts{};

    [[nodiscard]] std::uint64_t operator[](Symptom symptom) const {
        return counts[static_cast<std::size_t>(symptom)];
    }
    [[nodiscard]] std::uint64_t total() const;
    // The most frequent one; of several the first. Timeouts before and after TCP's handshake count as one:
    // who accepts no more leaves the last ones in its queue, and drops the SYNs of the rest.
    [[nodiscard]] Symptom worst() const;
};

[[nodiscard]] Symptoms symptoms_of(const Evidence& evidence);

}  // namespace wsblast::search
