#include "stats/backend_use.hpp"

#include "base/limits.hpp"

namespace wsblast::stats {

namespace {

std::optional<double> slope(std::optional<std::uint64_t> low, std::optional<std::uint64_t> high,
                            std::uint64_t connections) {
    if (!low || !high) return std::nullopt;
    return (static_cast<double>(*high) - static_cast<double>(*low)) / static_cast<double>(connections);
}

}  // namespace

std::string_view to_text(BackendPresence presence) {
    switch (presence) {
        case BackendPresence::unwatched: return "unwatched";
        case BackendPresence::alive: return "alive";
        case BackendPresence::partly_gone: return "partly gone";
        case BackendPresence::gone: return "gone";
    }
    return "";
}

std::optional<double> BackendUse::cpu() const {
    if (!cpu_user || !cpu_system) return std::nullopt;
    return *cpu_user + *cpu_system;
}

BytesPerConnection bytes_per_connection(const MemoryAtConnections& fewer, const MemoryAtConnections& more) {
    if (more.connections <= fewer.connections) return {};
    const std::uint64_t connections = more.connections - fewer.connections;
    return {.process = slope(fewer.process_bytes, more.process_bytes, connections),
            .kernel = slope(fewer.kernel_bytes, more.kernel_bytes, connections)};
}

std::optional<double> messages_per_cpu_second(std::uint64_t messages, const BackendUse& use) {
    const std::optional<double> cpu = use.cpu();
    if (!cpu) return std::nullopt;
    const double cpu_s = *cpu * use.seconds;
    if (cpu_s < limits::kBackendCpuSecondsMin) return std::nullopt;
    return static_cast<double>(messages) / cpu_s;
}

}  // namespace wsblast::stats
