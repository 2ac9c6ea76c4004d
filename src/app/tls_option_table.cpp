// The options of `run` that are about TLS.
#include "app/option_setters.hpp"
#include "app/option_table.hpp"
#include "app/tls_values.hpp"

namespace wsblast::app {

namespace {

using plan::RunOptions;

constexpr RunOption kTlsOptions[] = {
    {"tls-ca", "FILE", "the system's store",
     "CAs that the certificates of wss:// servers are checked against", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_not_empty(v), o.tls.ca_file); }},
    {"tls-cert", "FILE", "none", "certificate to show to servers, with its chain (PEM)", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_not_empty(v), o.tls.certificate_file); }},
    {"tls-key", "FILE", "none", "private key of --tls-cert (PEM)", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_not_empty(v), o.tls.key_file); }},
    {"tls-insecure", "", "off", "check no certificate", Arity::flag,
     [](RunOptions& o, const std::string&) {
         o.tls.check = crypto::PeerCheck::none;
         return Result<void>{};
     }},
    {"tls-server-name", "NAME", "the URL's host",
     "name that is asked for and that the certificate must have", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_not_empty(v), o.tls.server_name); }},
    {"tls-min-version", "V", "1.2", "oldest version of TLS: 1.2 or 1.3", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_tls_version(v), o.tls.terms.version_min);
     }},
    {"tls-max-version", "V", "1.3", "newest version of TLS", Arity::once,
     [](RunOptions& o, const std::string& v) {
         return store(parse_tls_version(v), o.tls.terms.version_max);
     }},
    {"tls-ciphers", "LIST", "OpenSSL's", "ciphers, ':' between them; TLS_... are those of 1.3", Arity::once,
     [](RunOptions& o, const std::string& v) { return store(parse_not_empty(v), o.tls.terms.ciphers); }},
    {"tls-resume", "", "off", "come back with the tickets of earlier connections", Arity::flag,
     [](RunOptions& o, const std::string&) {
         o.tls.resumption = crypto::Resumption::tickets;
         return Result<void>{};
     }},
};

}  // namespace

std::span<const RunOption> tls_options() {
    return kTlsOptions;
}

}  // namespace wsblast::app
