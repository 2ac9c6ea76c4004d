// The other way of crypto/base64.hpp, which the program has no use for.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

namespace wsblast::test {

// The bytes of a text in base64 (RFC 4648 4) with its padding.
inline std::vector<std::uint8_t> from_base64(std::string_view text) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    REQUIRE(text.size() % 4 == 0);
    while (text.ends_with('=')) text.remove_suffix(1);
    std::vector<std::uint8_t> bytes;
    std::uint32_t bits = 0;
    std::uint32_t count = 0;
    for (const char letter : text) {
        const std::size_t digit = kDigits.find(letter);
        if (digit == std::string_view::npos) FAIL("'" << letter << "' is no digit of base64");
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<std::uint8_t>(bits >> count));
    }
    return bytes;
}

}  // namespace wsblast::test
