#include "app/tls_values.hpp"

#include <algorithm>
#include <string>

#include "crypto/tls_context.hpp"
#include "proto/url.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

Result<void> check_pair(const std::string& certificate, const std::string& key) {
    if (certificate.empty() == key.empty()) return {};
    return usage_error("--tls-cert and --tls-key go together: give both, or neither");
}

Result<void> check_versions(const crypto::TlsTerms& terms) {
    if (terms.version_min <= terms.version_max) return {};
    return usage_error("--tls-min-version is above --tls-max-version: no version is left");
}

bool is_secure(const std::string& text) {
    const auto url = proto::parse_url(text);
    return url && url->secure;
}

bool asks_for_anything(const crypto::TlsClientOptions& tls) {
    return tls.check == crypto::PeerCheck::none || !tls.ca_file.empty() || !tls.certificate_file.empty() ||
           !tls.key_file.empty() || !tls.server_name.empty() ||
           tls.resumption == crypto::Resumption::tickets || tls.terms != crypto::TlsTerms{};
}

// Why options of TLS are given where no URL has any.
Result<void> check_use(const plan::RunOptions& options) {
    switch (options.target) {
        case plan::TargetChoice::built_in:
            if (options.tls.check == crypto::PeerCheck::none) return {};
            return usage_error(
                "the certificate of --with-target signs itself: give --tls-insecure too, or no --tls-...");
        case plan::TargetChoice::urls:
            if (options.access.redirects != plan::Redirects::refuse) return {};
            return usage_error("the options --tls-... are for wss:// URLs, and there is none");
    }
    return {};
}

}  // namespace

Result<crypto::TlsVersion> parse_tls_version(std::string_view text) {
    if (text == "1.2") return crypto::TlsVersion::tls_1_2;
    if (text == "1.3") return crypto::TlsVersion::tls_1_3;
    return usage_error(text::format("'{}' is none of 1.2, 1.3", text));
}

Result<std::string> parse_not_empty(std::string_view text) {
    if (text.empty()) return usage_error("it is empty; leave the option out for the default");
    return std::string(text);
}

Result<void> check_tls(const plan::RunOptions& options) {
    const crypto::TlsClientOptions& tls = options.tls;
    const auto& urls = options.urls;
    if (!std::any_of(urls.begin(), urls.end(), is_secure)) {
        if (!asks_for_anything(tls)) return {};
        if (const auto of_use = check_use(options); !of_use) return of_use;
    }
    if (const auto paired = check_pair(tls.certificate_file, tls.key_file); !paired) return paired;
    if (const auto versions = check_versions(tls.terms); !versions) return versions;
    const auto context = crypto::TlsContext::client(tls, urls.size());
    return context ? Result<void>{} : context.error();
}

Result<void> complete_tls(plan::ServeTls& tls) {
    if (const auto paired = check_pair(tls.certificate_file, tls.key_file); !paired) return paired;
    if (const auto versions = check_versions(tls.terms); !versions) return versions;
    tls.on = tls.on || !tls.certificate_file.empty();
    if (tls.on || (tls.client_ca_file.empty() && tls.terms == crypto::TlsTerms{})) return {};
    return usage_error("options of TLS without TLS: give --tls, or --tls-cert and --tls-key");
}

}  // namespace wsblast::app
