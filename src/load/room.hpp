// How many connections this process and this host carry at most, as far as that is known before one is
// opened. The main thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/endpoint.hpp"
#include "base/result.hpp"
#include "plan/run_options.hpp"

namespace wsblast::load {

enum class RoomLimit : std::uint8_t {
    none,          // as many as were asked for
    source_pairs,  // of source address and port
    files,         // descriptors of rings, and what a ring's table may hold
    memory,
};

struct Room {
    std::uint64_t connections = 0;  // of those that were asked for
    RoomLimit limit = RoomLimit::none;
    std::string arithmetic{};         // of the limit
    std::vector<Endpoint> targets{};  // the addresses that connections go to
    std::uint32_t cores = 0;          // that will open them
};

// Of `options.connections`, what can be. Names are looked up. Errors: those of load::run(), where not even
// one connection is possible.
[[nodiscard]] Result<Room> find_room(const plan::RunOptions& options);

// How many connections that many workers hold if each of their rings takes two descriptors and holds
// `table_size_max`, while so many descriptors are in use already. Pure.
[[nodiscard]] std::uint64_t connections_for(std::uint64_t files_max, std::uint64_t files_used,
                                            std::uint64_t table_size_max, std::uint64_t workers);

}  // namespace wsblast::load
