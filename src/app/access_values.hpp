// Values of the options that say how targets are reached and who asks. Errors are usage errors that say
// what is allowed, and never repeat what may be a secret.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "plan/access_options.hpp"

namespace wsblast::app {

// "USER:PASSWORD" as the value of an Authorization header (RFC 7617).
[[nodiscard]] Result<std::string> parse_auth(std::string_view text);

// The token that a file holds, as the value of an Authorization header (RFC 6750). White space around it is
// left out.
[[nodiscard]] Result<std::string> read_bearer_file(const std::string& path);

// "NAME=VALUE", or several with "; " between them.
[[nodiscard]] Result<std::string> parse_cookie(std::string_view text);

// A CSV file whose values may stand in headers.
[[nodiscard]] Result<std::shared_ptr<const plan::ValueTable>> read_values(const std::string& path);

// "HOST:PORT".
[[nodiscard]] Result<plan::HostPort> parse_host_port(std::string_view text);

// --- what reports show of such values: all but the secret ----------------------------------------

[[nodiscard]] std::string shown_auth(const std::string& text);    // "USER:***"
[[nodiscard]] std::string shown_cookie(const std::string& text);  // "NAME=***"
[[nodiscard]] std::string shown_proxy(const std::string& text);   // "http://USER:***@HOST:PORT"
// "Authorization: ***"; the whole of a header whose name does not speak of a secret.
[[nodiscard]] std::string shown_header(const std::string& text);

}  // namespace wsblast::app
