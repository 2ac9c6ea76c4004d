// What the values of the TLS options mean, and what only shows when all of them are there.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/tls_options.hpp"
#include "plan/run_options.hpp"
#include "plan/serve_options.hpp"

namespace wsblast::app {

// "1.2", "1.3".
[[nodiscard]] Result<crypto::TlsVersion> parse_tls_version(std::string_view text);

// Any text but none: an empty value would be taken for the default.
[[nodiscard]] Result<std::string> parse_not_empty(std::string_view text);

// Usage errors: a certificate without its key, versions that leave none, TLS options without a wss:// URL,
// and whatever OpenSSL does not take: files and ciphers are tried here, before a connection is opened.
[[nodiscard]] Result<void> check_tls(const plan::RunOptions& options);

// The same for the target. A certificate turns TLS on; other options without it are an error.
[[nodiscard]] Result<void> complete_tls(plan::ServeTls& tls);

}  // namespace wsblast::app
