// What a connection of a run takes of this machine's memory, as far as the options say it: what it has of
// the kernel and of ours in any case, what TLS takes, and its deflater where its messages refer to those
// before them. The only place that knows: plans, checks and tables ask here.
//
// An inflater is left out: whether there is one for each connection is the server's to say. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "base/limits.hpp"
#include "plan/run_options.hpp"

namespace wsblast::plan {

// Of messages that are compressed as they are sent; 0: they never are.
[[nodiscard]] std::uint64_t deflater_bytes(const MessageOptions& options);

struct ConnectionMemory {
    std::uint64_t tls_bytes = 0;
    std::uint64_t deflater_bytes = 0;

    // Of an end that does not compress: a server's, where it is on this machine too.
    [[nodiscard]] std::uint64_t end_bytes() const { return limits::kConnectionBytes + tls_bytes; }
    [[nodiscard]] std::uint64_t bytes() const { return end_bytes() + deflater_bytes; }
    // "5 KiB", "159 KiB, of which 4 TLS and 150 to compress with what was sent before".
    [[nodiscard]] std::string text() const;
};

// On average: each of the URLs has an equal share of the connections.
[[nodiscard]] ConnectionMemory connection_memory(const RunOptions& options);

// What the compression of one of so many workers may take, of what is available (0: unknown, no bound).
[[nodiscard]] std::uint64_t deflate_bytes_max(const RunOptions& options, std::uint64_t available,
                                              std::uint64_t workers);

}  // namespace wsblast::plan
