// The limits that a search for capacity can run into: a closed list, with whose each one is and what can be
// done about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsblast::stats {

// Who would have to change something.
enum class LimitOwner : std::uint8_t {
    process,  // this one
    host,     // the machine that it runs on
    path,     // what lies between
    target,
};

enum class LimitKind : std::uint8_t {
    // This process.
    file_limit,
    // This host.
    source_ports,
    memory,
    tcp_memory,
    conntrack,
    neighbours,
    packet_filter,
    socket_error,
    // The path.
    syn_unanswered,
    unreachable,
    path_lost,
    proxy_failed,
    // The target.
    refused,
    target_gone,
    target_files,
    listen_queue,
    upgrade_unanswered,
    reset_in_handshake,
    closed_in_handshake,
    tls_failed,
    upgrade_status,
    upgrade_broken,
    closed_later,
    reset_later,
    protocol_broken,
    no_answer,
};

inline constexpr std::size_t kLimitKinds = static_cast<std::size_t>(LimitKind::no_answer) + 1;

struct LimitInfo {
    LimitKind kind;
    LimitOwner owner;
    std::string_view name;    // the JSON `kind`
    std::string_view label;   // what a person reads: "the file limit of this process"
    std::string_view remedy;  // what can be done
};

// What is known of a kind; lives as long as the program.
[[nodiscard]] const LimitInfo& info(LimitKind kind);

// "process", "host", "path", "target".
[[nodiscard]] std::string_view to_text(LimitOwner owner);

// A limit that was met.
struct Limit {
    LimitKind kind = LimitKind::syn_unanswered;
    std::uint64_t count = 0;  // connections that were open
    std::vector<std::string> evidence{};
};

}  // namespace wsblast::stats
