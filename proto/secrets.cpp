#include "proto/secrets.hpp"

#include <array>

namespace wsblast::proto {

namespace {

// "ws://me:***@host/" of "ws://me:secret@host/".
std::string without_password(std::string_view url) {
    constexpr std::string_view kSeparator = "://";
    const std::size_t scheme = url.find(kSeparator);
    if (scheme == std::string_view::npos) return std::string(url);
    const std::size_t user = scheme + kSeparator.size();
    const std::size_t at = url.substr(0, url.find('/', user)).rfind('@');
    const std::size_t colon = url.find(':', user);
    if (at == std::string_view::npos || colon > at) return std::string(url);
    return hide_value(url, colon + 1) + std::string(url.substr(at));
}

}  // namespace

bool is_secret_name(std::string_view name) {
    constexpr std::array<std::string_view, 10> kWords{"auth",  "cookie", "credential", "jwt", "key",
                                                      "passw", "secret", "session",    "sig", "token"};
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::string hide_value(std::string_view text, std::size_t value_at) {
    return std::string(text.substr(0, value_at)) + std::string(kHidden);
}

std::string shown_url(std::string_view url) {
    const std::size_t query = std::min(url.find('?'), url.size());
    const std::size_t pairs = std::min(query + 1, url.size());
    return without_password(url.substr(0, pairs)) + hide_pairs(url.substr(pairs), '&', is_secret_name);
}

std::vector<std::string> shown_urls(const std::vector<std::string>& urls) {
    std::vector<std::string> shown;
    for (const std::string& url : urls) shown.push_back(shown_url(url));
    return shown;
}

}  // namespace wsblast::proto
