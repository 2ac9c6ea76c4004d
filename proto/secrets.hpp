// What of a URL, a header or a cookie may be shown: secrets are not.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace wsblast::proto {

inline constexpr std::string_view kHidden = "***";

// Whether the name of a header or a parameter speaks of what nobody else should know: one with token, key,
// secret, cookie and the like in it.
[[nodiscard]] bool is_secret_name(std::string_view name);

// "token=***" of "token=abc", whose value begins at 6.
[[nodiscard]] std::string hide_value(std::string_view text, std::size_t value_at);

// "a=***; b=1" of "a=2; b=1", where only a is secret: NAME=VALUE pairs between separators.
template <class IsSecret>
[[nodiscard]] std::string hide_pairs(std::string_view text, char separator, IsSecret&& is_secret) {
    std::string shown;
    for (;;) {
        const std::size_t end = std::min(text.find(separator), text.size());
        const std::string_view pair = text.substr(0, end);
        const std::size_t equals = pair.find('=');
        const bool hidden = equals != std::string_view::npos && is_secret(pair.substr(0, equals));
        shown += hidden ? hide_value(pair, equals + 1) : std::string(pair);
        if (end == text.size()) return shown;
        shown += separator;
        text.remove_prefix(end + 1);
    }
}

// A URL without its password, and without the values of parameters that are secret by their names.
[[nodiscard]] std::string shown_url(std::string_view url);
[[nodiscard]] std::vector<std::string> shown_urls(const std::vector<std::string>& urls);

}  // namespace wsblast::proto
