// A certificate that vouches for itself: for a target that was given none.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace wsblast::crypto {

// PEM texts.
struct SelfSigned {
    std::string certificate;
    std::string key;
};

// A new key (ECDSA, P-256) and a certificate of it for these host names and addresses (RFC 5280 4.2.1.6),
// valid from an hour ago for 90 days; it may vouch for itself, so that a client can take it as its CA.
// Environment error: OpenSSL has no such key or no random numbers.
[[nodiscard]] Result<SelfSigned> make_self_signed(const std::vector<std::string>& hosts);

// PEM text of a private key or certificate from a file. Usage error: it cannot be read.
[[nodiscard]] Result<std::string> read_pem_file(const std::string& path);

}  // namespace wsblast::crypto
