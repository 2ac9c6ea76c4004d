#include "target/identity.hpp"

#include <algorithm>

#include "crypto/self_signed.hpp"
#include "crypto/tls_context.hpp"

namespace wsblast::target {

namespace {

Result<void> read_files(const plan::ServeTls& asked, crypto::TlsServerOptions& found) {
    auto certificate = crypto::read_pem_file(asked.certificate_file);
    if (!certificate) return usage_error("--tls-cert: " + certificate.error().what);
    auto key = crypto::read_pem_file(asked.key_file);
    if (!key) return usage_error("--tls-key: " + key.error().what);
    found.certificate = *certificate;
    found.key = *key;
    return {};
}

Result<void> make_own(const std::vector<std::string>& hosts, crypto::TlsServerOptions& found) {
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    for (const std::string& host : hosts) {
        if (std::find(names.begin(), names.end(), host) == names.end()) names.push_back(host);
    }
    auto made = crypto::make_self_signed(names);
    if (!made) return made.error();
    found.certificate = made->certificate;
    found.key = made->key;
    return {};
}

}  // namespace

Result<crypto::TlsServerOptions> find_identity(const plan::ServeOptions& options) {
    crypto::TlsServerOptions found;
    found.client_ca_file = options.tls.client_ca_file;
    found.terms = options.tls.terms;
    found.ticket_keys = crypto::draw_ticket_keys();
    const bool own = options.tls.certificate_file.empty();
    const auto had = own ? make_own(options.hosts, found) : read_files(options.tls, found);
    if (!had) return had.error();
    if (const auto sound = crypto::TlsContext::server(found); !sound) return sound.error();
    return found;
}

}  // namespace wsblast::target
