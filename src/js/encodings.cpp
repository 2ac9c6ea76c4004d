#include "js/encodings.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wsblast::js {

namespace {

constexpr char16_t kReplacement = 0xfffd;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoSextet = 0xff;

bool is_high(char16_t unit) {
    return unit >= 0xd800 && unit <= 0xdbff;
}
bool is_low(char16_t unit) {
    return unit >= 0xdc00 && unit <= 0xdfff;
}

// --- UTF-8 ---------------------------------------------------------------------------------------

void append_utf8(std::string& bytes, char32_t point) {
    const auto tail = [&](int shift) { bytes += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
    if (point < 0x80) {
        bytes += static_cast<char>(point);
    } else if (point < 0x800) {
        bytes += static_cast<char>(0xc0 | (point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        bytes += static_cast<char>(0xe0 | (point >> 12));
        tail(6);
        tail(0);
    } else {
        bytes += static_cast<char>(0xf0 | (point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

std::string to_utf8(std::u16string_view text) {
    std::string bytes;
    bytes.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char16_t unit = text[i];
        if (is_high(unit) && i + 1 < text.size() && is_low(text[i + 1])) {
            const char32_t high = (static_cast<char32_t>(unit) & 0x3ff) << 10;
            append_utf8(bytes, 0x10000 + high + (static_cast<char32_t>(text[++i]) & 0x3ff));
        } else {
            append_utf8(bytes, is_high(unit) || is_low(unit) ? kReplacement : unit);
        }
    }
    return bytes;
}

// What a first byte says: how many follow, and between which the first of them has to be (Unicode, table
// 3-7).
struct Lead {
    unsigned follow = 0;
    std::uint8_t low = 0x80;
    std::uint8_t high = 0xbf;
    char32_t bits = 0;
};

std::optional<Lead> lead_of(std::uint8_t byte) {
    if (byte >= 0xc2 && byte <= 0xdf) return Lead{.follow = 1, .bits = byte & 0x1fU};
    if (byte >= 0xe0 && byte <= 0xef) {
        const std::uint8_t low = byte == 0xe0 ? 0xa0 : 0x80;
        const std::uint8_t high = byte == 0xed ? 0x9f : 0xbf;
        return Lead{.follow = 2, .low = low, .high = high, .bits = byte & 0x0fU};
    }
    if (byte >= 0xf0 && byte <= 0xf4) {
        const std::uint8_t low = byte == 0xf0 ? 0x90 : 0x80;
        const std::uint8_t high = byte == 0xf4 ? 0x8f : 0xbf;
        return Lead{.follow = 3, .low = low, .high = high, .bits = byte & 0x07U};
    }
    return std::nullopt;
}

// The character that begins at `at`, which moves behind it, or behind as much of it as there is.
char32_t next_point(ByteView bytes, std::size_t& at) {
    const std::uint8_t first = bytes[at++];
    if (first < 0x80) return first;
    std::optional<Lead> lead = lead_of(first);
    if (!lead) return kReplacement;
    for (; lead->follow > 0; --lead->follow) {
        if (at >= bytes.size() || bytes[at] < lead->low || bytes[at] > lead->high) return kReplacement;
        lead->bits = (lead->bits << 6) | (bytes[at++] & 0x3fU);
        lead->low = 0x80;
        lead->high = 0xbf;
    }
    return lead->bits;
}

std::u16string from_utf8(ByteView bytes) {
    std::u16string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const char32_t point = next_point(bytes, at);
        if (point < 0x10000) {
            text += static_cast<char16_t>(point);
        } else {
            text += static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10));
            text += static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff));
        }
    }
    return text;
}

// --- hex and base64 ------------------------------------------------------------------------------

int hex_value(char16_t unit) {
    const auto byte = static_cast<char>(unit & 0xff);  // as Node.js: of others, the low byte
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

std::string from_hex(std::u16string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) break;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::u16string to_hex(ByteView bytes) {
    std::u16string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text += static_cast<char16_t>(kHexDigits[byte >> 4]);
        text += static_cast<char16_t>(kHexDigits[byte & 15]);
    }
    return text;
}

constexpr std::array<std::uint8_t, 256> make_sextets() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoSextet);
    for (std::uint8_t i = 0; i < 64; ++i) {
        values[static_cast<std::uint8_t>(kAlphabet[i])] = i;
        values[static_cast<std::uint8_t>(kUrlAlphabet[i])] = i;
    }
    return values;
}

std::string from_lenient_base64(std::u16string_view text) {
    static constexpr std::array<std::uint8_t, 256> kSextets = make_sextets();
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char16_t unit : text) {
        const auto low = static_cast<std::uint8_t>(unit);  // as Node.js: of others, the low byte
        if (low == '=') break;
        const std::uint8_t sextet = kSextets[low];
        if (sextet == kNoSextet) continue;
        bits = (bits << 6) | sextet;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>((bits >> count) & 0xff);
    }
    return bytes;
}

std::u16string to_any_base64(ByteView bytes, std::string_view alphabet) {
    std::u16string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    const auto add = [&](std::uint32_t sextet) { text += static_cast<char16_t>(alphabet[sextet & 63]); };
    for (const std::uint8_t byte : bytes) {
        bits = (bits << 8) | byte;
        for (count += 8; count >= 6; count -= 6) add(bits >> (count - 6));
    }
    if (count > 0) add(bits << (6 - count));
    while (alphabet == kAlphabet && text.size() % 4 != 0) text += u'=';
    return text;
}

// --- a unit a byte, and two bytes a unit ---------------------------------------------------------

std::string low_bytes(std::u16string_view text) {
    std::string bytes(text.size(), '\0');
    std::ranges::transform(text, bytes.begin(), [](char16_t unit) { return static_cast<char>(unit); });
    return bytes;
}

std::u16string units(ByteView bytes, std::uint8_t mask) {
    std::u16string text(bytes.size(), u'\0');
    std::ranges::transform(bytes, text.begin(),
                           [mask](std::uint8_t byte) { return static_cast<char16_t>(byte & mask); });
    return text;
}

std::string to_pairs(std::u16string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 2);
    for (const char16_t unit : text) {
        bytes += static_cast<char>(unit & 0xff);
        bytes += static_cast<char>(unit >> 8);
    }
    return bytes;
}

std::u16string from_pairs(ByteView bytes) {
    std::u16string text;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        text += static_cast<char16_t>(bytes[i] | (bytes[i + 1] << 8));
    }
    return text;
}

}  // namespace

std::optional<Encoding> encoding_of(std::string_view name) {
    static constexpr std::array kNames = {
        std::pair{std::string_view("utf8"), Encoding::utf8},
        std::pair{std::string_view("utf16le"), Encoding::utf16le},
        std::pair{std::string_view("latin1"), Encoding::latin1},
        std::pair{std::string_view("ascii"), Encoding::ascii},
        std::pair{std::string_view("hex"), Encoding::hex},
        std::pair{std::string_view("base64"), Encoding::base64},
        std::pair{std::string_view("base64url"), Encoding::base64url},
    };
    for (const auto& [known, encoding] : kNames) {
        if (known == name) return encoding;
    }
    return std::nullopt;
}

std::string to_bytes(std::u16string_view text, Encoding encoding) {
    switch (encoding) {
        case Encoding::utf8: return to_utf8(text);
        case Encoding::utf16le: return to_pairs(text);
        case Encoding::latin1:
        case Encoding::ascii: return low_bytes(text);
        case Encoding::hex: return from_hex(text);
        case Encoding::base64:
        case Encoding::base64url: return from_lenient_base64(text);
    }
    return {};
}

std::u16string to_text(ByteView bytes, Encoding encoding) {
    switch (encoding) {
        case Encoding::utf8: return from_utf8(bytes);
        case Encoding::utf16le: return from_pairs(bytes);
        case Encoding::latin1: return units(bytes, 0xff);
        case Encoding::ascii: return units(bytes, 0x7f);
        case Encoding::hex: return to_hex(bytes);
        case Encoding::base64: return to_any_base64(bytes, kAlphabet);
        case Encoding::base64url: return to_any_base64(bytes, kUrlAlphabet);
    }
    return {};
}

}  // namespace wsblast::js
