#include "proto/sent_secrets.hpp"

#include <algorithm>
#include <optional>

#include "base/units.hpp"
#include "crypto/base64.hpp"
#include "proto/http_head.hpp"
#include "proto/secrets.hpp"

namespace wsblast::proto {

namespace {

using Secrets = std::vector<std::string>;

void add(Secrets& secrets, std::string_view secret) {
    secret = trim_http_space(secret);
    if (secret.size() >= kSentSecretMin) secrets.emplace_back(secret);
}

std::optional<int> digit_of(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'a' && character <= 'f') return character - 'a' + 10;
    if (character >= 'A' && character <= 'F') return character - 'A' + 10;
    return std::nullopt;
}

// "a b" of "a%20b" (RFC 3986 2.1).
std::string without_percents(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool whole = text[i] == '%' && i + 2 < text.size();
        const auto high = whole ? digit_of(text[i + 1]) : std::nullopt;
        const auto low = whole ? digit_of(text[i + 2]) : std::nullopt;
        plain += high && low ? static_cast<char>(*high << 4 | *low) : text[i];
        if (high && low) i += 2;
    }
    return plain;
}

// Calls each(name, value) for NAME=VALUE pairs between separators.
template <class Each>
void for_each_pair(std::string_view text, char separator, Each&& each) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        const std::string_view pair = text.substr(0, end);
        if (const std::size_t equals = pair.find('='); equals != std::string_view::npos)
            each(pair.substr(0, equals), pair.substr(equals + 1));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void add_query(Secrets& secrets, std::string_view target) {
    const std::size_t query = std::min(target.find('?'), target.size());
    for_each_pair(target.substr(std::min(query + 1, target.size())), '&',
                  [&](std::string_view name, std::string_view value) {
                      if (!is_secret_name(name)) return;
                      add(secrets, value);
                      add(secrets, without_percents(value));
                  });
}

// "SCHEME WORDS" (RFC 9110 11.6.2).
void add_login(Secrets& secrets, std::string_view value) {
    const std::size_t space = value.find(' ');
    if (space == std::string_view::npos) return;
    const std::string_view words = trim_http_space(value.substr(space));
    add(secrets, words);
    if (!equals_ignoring_case(value.substr(0, space), "Basic")) return;
    const auto login = crypto::from_base64(words);
    if (!login) return;
    add(secrets, *login);
    if (const std::size_t colon = login->find(':'); colon != std::string::npos)
        add(secrets, std::string_view(*login).substr(colon + 1));
}

void add_header(Secrets& secrets, const HttpHeader& header) {
    if (!is_secret_name(header.name) || equals_ignoring_case(header.name, "Sec-WebSocket-Key")) return;
    add(secrets, header.value);
    add_login(secrets, header.value);
    if (equals_ignoring_case(header.name, "Cookie"))
        for_each_pair(header.value, ';',
                      [&](std::string_view, std::string_view value) { add(secrets, value); });
}

// The secret that stands at the front of the text, or begins there and is cut off.
std::size_t hidden_at(std::string_view text, const Secrets& secrets) {
    for (const std::string& secret : secrets) {
        const bool cut = text.size() >= kSentSecretMin && secret.starts_with(text);
        if (cut || text.starts_with(secret)) return std::min(text.size(), secret.size());
    }
    return 0;
}

}  // namespace

std::vector<std::string> sent_secrets(std::string_view head) {
    Secrets secrets;
    RequestHead request;
    if (parse_request_head(as_bytes(head), request) != HeadStatus::complete) return secrets;
    add_query(secrets, request.target);
    for (std::size_t i = 0; i < request.headers.size(); ++i) add_header(secrets, request.headers[i]);
    return secrets;
}

std::string hide_sent(std::string_view text, std::vector<std::string> secrets) {
    // The longest first: others may be parts of it.
    std::sort(secrets.begin(), secrets.end(),
              [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    std::string shown;
    while (!text.empty()) {
        const std::size_t hidden = hidden_at(text, secrets);
        shown += hidden > 0 ? kHidden : text.substr(0, 1);
        text.remove_prefix(std::max<std::size_t>(hidden, 1));
    }
    return shown;
}

}  // namespace wsblast::proto
