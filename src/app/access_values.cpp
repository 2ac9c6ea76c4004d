#include "app/access_values.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/limits.hpp"
#include "crypto/base64.hpp"
#include "proto/http_head.hpp"
#include "proto/proxy_url.hpp"
#include "proto/secrets.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max) {
    std::ifstream file(path, std::ios::binary);
    std::string content(bytes_max + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (!file.is_open() || file.bad() || (file.fail() && !file.eof()))
        return usage_error(text::format("'{}' cannot be read: {}", path, std::strerror(errno)));
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.size() <= bytes_max) return content;
    return usage_error(
        text::format("'{}' is longer than the {} bytes that are allowed", path, with_thousands(bytes_max)));
}

}  // namespace

Result<std::string> parse_auth(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return usage_error("it is no USER:PASSWORD");
    return "Basic " + crypto::to_base64(as_bytes(text));
}

Result<std::string> read_bearer_file(const std::string& path) {
    const auto content = read_text_file(path, limits::kBearerTokenMax);
    if (!content) return content.error();
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t begin = content->find_first_not_of(kSpace);
    if (begin == std::string::npos) return usage_error(text::format("'{}' has no token in it", path));
    const std::string token = content->substr(begin, content->find_last_not_of(kSpace) + 1 - begin);
    if (token.find_first_of(kSpace) != std::string::npos || !proto::is_http_value(token))
        return usage_error(text::format("'{}' holds more than one token, or what no header may", path));
    return "Bearer " + token;
}

Result<std::string> parse_cookie(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0 || !proto::is_http_value(text))
        return usage_error("it is no NAME=VALUE");
    // RFC 6265 4.2.1: what separates two of them is a semicolon and a space.
    for (std::size_t at = text.find(';'); at != std::string_view::npos; at = text.find(';', at + 1)) {
        if (text.substr(at + 1, 1) != " ")
            return usage_error("a ';' stands in no cookie: give --cookie once for each of them");
    }
    return std::string(text);
}

Result<std::shared_ptr<const plan::ValueTable>> read_values(const std::string& path) {
    const auto content = read_text_file(path, limits::kValueFileMax);
    if (!content) return content.error();
    auto table = plan::ValueTable::parse(*content);
    if (!table) return usage_error(text::format("'{}', {}", path, table.error().what));
    for (std::uint64_t row = 0; row < table->rows(); ++row) {
        const auto values = table->row_of(row);
        if (std::all_of(values.begin(), values.end(),
                        [](const std::string& value) { return proto::is_http_value(value); }))
            continue;
        return usage_error(
            text::format("'{}', row {}: a line break or control character, which no header "
                         "may have",
                         path, row + 1));
    }
    return std::make_shared<const plan::ValueTable>(std::move(*table));
}

Result<plan::HostPort> parse_host_port(std::string_view text) {
    auto authority = proto::parse_authority(text);
    if (!authority) return usage_error(text::format("'{}': {}", text, authority.error().what));
    return plan::HostPort{std::move(authority->host), authority->port};
}

std::string shown_auth(const std::string& text) {
    return proto::hide_value(text, std::min(text.find(':'), text.size() - 1) + 1);
}

std::string shown_cookie(const std::string& text) {
    return proto::hide_pairs(text, ';', [](std::string_view) { return true; });
}

std::string shown_proxy(const std::string& text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string::npos) return text;
    const std::size_t scheme = text.find("://");
    const std::size_t user = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t colon = text.find(':', user);
    if (colon > at) return text;
    return proto::hide_value(text, colon + 1) + text.substr(at);
}

std::string shown_header(const std::string& text) {
    const std::size_t colon = text.find(':');
    if (colon != std::string::npos && !proto::is_secret_name(std::string_view(text).substr(0, colon)))
        return text;
    return colon == std::string::npos ? std::string(proto::kHidden)
                                      : proto::hide_value(text, colon + 1).insert(colon + 1, " ");
}

}  // namespace wsblast::app
