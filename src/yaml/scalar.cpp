#include "yaml/scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>

#include "base/ascii.hpp"

namespace wsblast::yaml {

namespace {

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::ranges::find(words, text) != words.end();
}

// Digits of a base, all of the text. Beyond 2^53 it is rounded, as JavaScript does.
std::optional<double> parse_whole(std::string_view digits, int base) {
    if (digits.empty()) return {};
    double value = 0;
    for (const char character : digits) {
        int digit = 0;
        const auto [end, error] = std::from_chars(&character, &character + 1, digit, base);
        if (error != std::errc()) return {};
        value = value * base + digit;
    }
    return value;
}

// 1:30 and 1:30:00, base 60; the last part may have a fraction.
std::optional<double> parse_sexagesimal(std::string_view text) {
    double value = 0;
    bool first = true;
    for (;;) {
        const std::size_t colon = text.find(':');
        const std::string_view part = text.substr(0, colon);
        const auto digits = parse_whole(part, 10);
        if (!digits || (!first && (part.size() > 2 || *digits >= 60))) return {};
        value = value * 60 + *digits;
        if (colon == std::string_view::npos) return value;
        text.remove_prefix(colon + 1);
        first = false;
    }
}

std::optional<double> parse_decimal(std::string_view text) {
    // What from_chars takes besides digits, a dot and an exponent: inf and nan, which are words here.
    const bool digits_first =
        is_digit(text.front()) || (text.size() > 1 && text[0] == '.' && is_digit(text[1]));
    if (!digits_first) return {};
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (rest != end) return {};
    if (error == std::errc::result_out_of_range) return std::numeric_limits<double>::infinity();
    if (error != std::errc()) return {};
    return value;
}

std::optional<double> parse_unsigned(std::string_view text) {
    if (text.empty() || text.front() == '_' || text.back() == '_') return {};
    std::string digits(text);
    std::erase(digits, '_');
    const std::string_view clean = digits;
    if (clean.starts_with("0x")) return parse_whole(clean.substr(2), 16);
    if (clean.starts_with("0b")) return parse_whole(clean.substr(2), 2);
    if (clean.size() > 1 && clean[0] == '0' && is_digit(clean[1])) return parse_whole(clean, 8);
    if (clean.find(':') != std::string::npos) return parse_sexagesimal(clean);
    return parse_decimal(clean);
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
    constexpr std::array<std::string_view, 3> kInfinity{".inf", ".Inf", ".INF"};
    constexpr std::array<std::string_view, 3> kNan{".nan", ".NaN", ".NAN"};
    if (is_one_of(text, kNan)) return std::numeric_limits<double>::quiet_NaN();
    if (text.empty()) return {};
    const double sign = text.front() == '-' ? -1 : 1;
    if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
    if (is_one_of(text, kInfinity)) return sign * std::numeric_limits<double>::infinity();
    const auto value = parse_unsigned(text);
    if (!value) return {};
    return sign * *value;
}

Node plain_scalar(std::string_view text, const Place& place) {
    constexpr std::array<std::string_view, 5> kNull{"", "~", "null", "Null", "NULL"};
    constexpr std::array<std::string_view, 3> kTrue{"true", "True", "TRUE"};
    constexpr std::array<std::string_view, 3> kFalse{"false", "False", "FALSE"};
    if (is_one_of(text, kNull)) return Node::of_null(place);
    Node node = Node::of_text(text, place);
    if (is_one_of(text, kTrue) || is_one_of(text, kFalse)) {
        node.kind = NodeKind::boolean;
        node.number = is_one_of(text, kTrue) ? 1 : 0;
    } else if (const auto number = parse_number(text)) {
        node.kind = NodeKind::number;
        node.number = *number;
    }
    return node;
}

}  // namespace wsblast::yaml
