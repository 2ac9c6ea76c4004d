#include "load/room.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "base/limits.hpp"
#include "base/prng.hpp"
#include "host/resources.hpp"
#include "load/prepare.hpp"
#include "plan/connection_memory.hpp"
#include "text/format.hpp"

namespace wsblast::load {

namespace {

std::uint64_t descriptors_in_use() {
    std::error_code error;
    const std::filesystem::directory_iterator files("/proc/self/fd", error);
    return error ? 0 : static_cast<std::uint64_t>(std::distance(begin(files), end(files)));
}

void lower(Room& room, std::uint64_t connections, RoomLimit limit, std::string arithmetic) {
    if (connections >= room.connections) return;
    room.connections = connections;
    room.limit = limit;
    room.arithmetic = std::move(arithmetic);
}

// The most that a plan of source pairs can be made for. The first plan that cannot be made tells why.
Result<void> bound_by_pairs(plan::RunOptions options, const ResolvedTargets& targets, Room& room) {
    const std::uint64_t seed = options.seed.value_or(random_seed());
    const auto plan_for = [&](std::uint64_t connections) {
        options.connections = static_cast<std::uint32_t>(connections);
        return plan_sources(options, targets, room.cores, seed);
    };
    const auto whole = plan_for(room.connections);
    if (whole) return {};
    std::uint64_t possible = 0;
    std::uint64_t impossible = room.connections;
    while (impossible - possible > 1) {
        const std::uint64_t middle = possible + (impossible - possible) / 2;
        (plan_for(middle) ? possible : impossible) = middle;
    }
    if (possible == 0) return whole.error();
    const std::string& why = whole.error().what;
    lower(room, possible, RoomLimit::source_pairs, why.substr(0, why.find(" < ")));
    return {};
}

void bound_by_files(Room& room, std::uint64_t table_size_max) {
    const std::uint64_t files_max = host::raise_descriptor_limit();
    const std::uint64_t used = descriptors_in_use();
    const std::uint64_t connections = connections_for(files_max, used, table_size_max, room.cores);
    lower(room, connections, RoomLimit::files,
          text::format("{} descriptors allowed, {} in use: {} rings of {} connections",
                       with_thousands(files_max), used,
                       connections / std::max<std::uint64_t>(1, table_size_max),
                       with_thousands(table_size_max)));
}

void bound_by_memory(const plan::RunOptions& options, Room& room) {
    const std::uint64_t available = host::memory_available_bytes();
    if (available == 0) return;
    const plan::ConnectionMemory each = plan::connection_memory(options);
    lower(room, available / each.bytes(), RoomLimit::memory,
          text::format("{} MiB are available, and a connection takes some {}",
                       with_thousands(available / kMiB), each.text()));
}

}  // namespace

Result<Room> find_room(const plan::RunOptions& options) {
    const auto features = ring::probe_features();
    if (!features) return features.error();
    const auto targets = resolve_targets(options);
    if (!targets) return targets.error();
    Room room;
    room.connections = options.connections;
    room.cores = static_cast<std::uint32_t>(choose_cpus(options).chosen.size());
    for (const auto& target : targets->destinations) {
        for (const transport::Destination& destination : target)
            room.targets.push_back(destination.address);
    }
    bound_by_memory(options, room);
    bound_by_files(room, features->table_size_max);
    if (room.connections == 0) return environment_error(room.arithmetic + ": not even one can be opened");
    if (const auto bounded = bound_by_pairs(options, *targets, room); !bounded) return bounded.error();
    return room;
}

std::uint64_t connections_for(std::uint64_t files_max, std::uint64_t files_used,
                              std::uint64_t table_size_max, std::uint64_t workers) {
    constexpr std::uint64_t kOfARing = 2;    // itself, and what it wakes others with
    constexpr std::uint64_t kOfAWorker = 1;  // what wakes it
    constexpr std::uint64_t kSpare = 8;      // /proc, results, resolvers
    const std::uint64_t taken = files_used + kSpare + workers * kOfAWorker;
    if (files_max <= taken || workers == 0) return 0;
    const std::uint64_t rings_each = (files_max - taken) / (workers * kOfARing);
    return rings_each * workers * table_size_max;
}

}  // namespace wsblast::load
