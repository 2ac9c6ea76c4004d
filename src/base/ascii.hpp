// Characters and blanks of ASCII, whatever the locale is: protocols and files know no other.
#pragma once

#include <string_view>

namespace wsblast {

[[nodiscard]] constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Neither a blank nor a control character.
[[nodiscard]] constexpr bool is_visible(char c) {
    return c > ' ' && c < '\x7f';
}

[[nodiscard]] constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Without the blanks at both ends: spaces, tabs and the ends of lines unless others are given.
[[nodiscard]] constexpr std::string_view trim(std::string_view text, std::string_view blanks = " \t\r\n") {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace wsblast
