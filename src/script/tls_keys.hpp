// The keys of Node's TLS options that config.ws and config.tls may have.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/node.hpp"
#include "base/result.hpp"
#include "crypto/tls_options.hpp"

namespace wsblast::script {

inline constexpr std::array<std::string_view, 8> kTlsKeys{
    "rejectUnauthorized", "ca", "cert", "key", "servername", "minVersion", "maxVersion", "ciphers"};

// Where such a key stands: "config.tls", and what paths are relative to.
struct TlsPlace {
    std::string key;
    std::string folder;
};

// One member of such a map; those that are none of kTlsKeys are left alone.
[[nodiscard]] Result<void> read_tls_key(const Member& member, const TlsPlace& where,
                                        crypto::TlsClientOptions& into);

// A certificate and its key go together, and versions leave one over. `place`: of the map, for errors.
[[nodiscard]] Result<void> check_tls_keys(const crypto::TlsClientOptions& tls, const Place& place,
                                          const std::string& key);

}  // namespace wsblast::script
