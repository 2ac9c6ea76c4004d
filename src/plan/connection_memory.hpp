// What a connection of a run takes of this machine's memory, as far as the options say it: what it has of
// the kernel and of ours in any case, and its deflater where its messages refer to those before them.
//
// An inflater is left out: whether there is one for each connection is the server's to say. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "plan/run_options.hpp"

namespace wsblast::plan {

// Of messages that are compressed as they are sent; 0: they never are.
[[nodiscard]] std::uint64_t deflater_bytes(const MessageOptions& options);

[[nodiscard]] std::uint64_t connection_bytes(const RunOptions& options);

// "5 KiB", "155 KiB, of which 150 to compress with what was sent before".
[[nodiscard]] std::string connection_bytes_text(const RunOptions& options);

// What the compression of one of so many workers may take, of what is available (0: unknown, no bound).
[[nodiscard]] std::uint64_t deflate_bytes_max(const RunOptions& options, std::uint64_t available,
                                              std::uint64_t workers);

}  // namespace wsblast::plan
