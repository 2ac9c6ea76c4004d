#include "plan/connection_memory.hpp"

#include <algorithm>
#include <limits>

#include "base/limits.hpp"
#include "deflate/stream.hpp"
#include "proto/permessage_deflate.hpp"

namespace wsblast::plan {

namespace {

std::string kib(std::uint64_t bytes) {
    return std::to_string(bytes / kKiB);
}

}  // namespace

std::uint64_t deflater_bytes(const MessageOptions& options) {
    if (!options.deflate || options.deflate->client_no_context_takeover) return 0;
    const int bits = options.deflate->client_max_window_bits.value_or(proto::kDeflateBitsMax);
    return deflate::Deflater::memory_bytes(bits, limits::kDeflateMemoryLevel);
}

std::uint64_t connection_bytes(const RunOptions& options) {
    return limits::kConnectionBytes + deflater_bytes(options.message);
}

std::string connection_bytes_text(const RunOptions& options) {
    const std::uint64_t deflater = deflater_bytes(options.message);
    const std::string whole = kib(connection_bytes(options)) + " KiB";
    return deflater == 0 ? whole
                         : whole + ", of which " + kib(deflater) + " to compress with what was sent before";
}

std::uint64_t deflate_bytes_max(const RunOptions& options, std::uint64_t available, std::uint64_t workers) {
    if (available == 0 || workers == 0) return std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t connections = std::uint64_t{options.connections} + options.listeners;
    const std::uint64_t others = std::min(available, connections * limits::kConnectionBytes);
    return (available - others) / workers;
}

}  // namespace wsblast::plan
