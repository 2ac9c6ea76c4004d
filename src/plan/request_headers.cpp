#include "plan/request_headers.hpp"

#include <algorithm>

#include "proto/http_head.hpp"
#include "text/format.hpp"

namespace wsblast::plan {

namespace {

constexpr std::string_view kAuthorization = "Authorization";
constexpr std::string_view kCookie = "Cookie";

// A header, and an option that stands for it.
Result<void> check_twice(const RunOptions& options, std::string_view name, std::string_view option) {
    const bool twice =
        std::any_of(options.headers.begin(), options.headers.end(),
                    [&](const Header& header) { return proto::equals_ignoring_case(header.name, name); });
    if (!twice) return {};
    return usage_error(
        text::format("{} and --header \"{}: ...\" exclude each other; give one of them", option, name));
}

}  // namespace

Result<proto::UpgradeOptions> upgrade_options(const RunOptions& options) {
    const AccessOptions& access = options.access;
    proto::UpgradeOptions upgrade;
    upgrade.subprotocols = options.subprotocols;
    upgrade.deflate = options.message.deflate;
    for (const Header& header : options.headers)
        upgrade.headers.push_back(header.name + ": " + header.value);
    if (!access.authorization.empty()) {
        if (const auto once = check_twice(options, kAuthorization, "--auth or --bearer-file"); !once)
            return once.error();
        upgrade.headers.push_back(text::format("{}: {}", kAuthorization, access.authorization));
    }
    std::string cookies;  // in one header (RFC 6265 5.4)
    for (const std::string& cookie : access.cookies) cookies += (cookies.empty() ? "" : "; ") + cookie;
    if (!cookies.empty()) {
        if (const auto once = check_twice(options, kCookie, "--cookie"); !once) return once.error();
        upgrade.headers.push_back(text::format("{}: {}", kCookie, cookies));
    }
    if (access.values) upgrade.columns = access.values->columns();
    upgrade.lines_column = access.lines_column;
    return upgrade;
}

}  // namespace wsblast::plan
