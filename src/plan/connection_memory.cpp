#include "plan/connection_memory.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "base/ascii.hpp"
#include "base/limits.hpp"
#include "deflate/stream.hpp"
#include "proto/permessage_deflate.hpp"

namespace wsblast::plan {

namespace {

std::string kib(std::uint64_t bytes) {
    return std::to_string(bytes / kKiB);
}

bool is_secure(std::string_view url) {
    constexpr std::string_view kScheme = "wss:";
    return std::ranges::equal(url.substr(0, kScheme.size()), kScheme, {}, to_lower);
}

// OpenSSL stays for records that are sealed otherwise (crypto/record_layer.hpp).
std::uint64_t tls_bytes(const crypto::TlsTerms& terms) {
    std::string_view rest = terms.ciphers;
    while (!rest.empty()) {
        const std::string_view name = rest.substr(0, rest.find(':'));
        const bool ours = name.find("GCM") != name.npos || name.find("CHACHA20") != name.npos;
        if (!ours) return limits::kTlsOpensslBytes;
        rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    }
    return limits::kTlsConnectionBytes;
}

}  // namespace

std::uint64_t deflater_bytes(const MessageOptions& options) {
    if (!options.deflate || options.deflate->client_no_context_takeover) return 0;
    const int bits = options.deflate->client_max_window_bits.value_or(proto::kDeflateBitsMax);
    return deflate::Deflater::memory_bytes(bits, limits::kDeflateMemoryLevel);
}

std::string ConnectionMemory::text() const {
    std::string parts;
    if (tls_bytes > 0) parts = kib(tls_bytes) + " TLS";
    if (deflater_bytes > 0) {
        parts += parts.empty() ? "" : " and ";
        parts += kib(deflater_bytes) + " to compress with what was sent before";
    }
    return kib(bytes()) + " KiB" + (parts.empty() ? "" : ", of which " + parts);
}

ConnectionMemory connection_memory(const RunOptions& options) {
    ConnectionMemory memory{.deflater_bytes = deflater_bytes(options.message)};
    const auto secure = std::ranges::count_if(options.urls, is_secure);
    if (secure > 0)
        memory.tls_bytes =
            tls_bytes(options.tls.terms) * static_cast<std::uint64_t>(secure) / options.urls.size();
    return memory;
}

std::uint64_t deflate_bytes_max(const RunOptions& options, std::uint64_t available, std::uint64_t workers) {
    if (available == 0 || workers == 0) return std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t connections = std::uint64_t{options.connections} + options.listeners;
    const std::uint64_t others = std::min(available, connections * connection_memory(options).end_bytes());
    return (available - others) / workers;
}

}  // namespace wsblast::plan
