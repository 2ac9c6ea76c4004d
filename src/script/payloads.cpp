#include "script/payloads.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "crypto/base64.hpp"
#include "script/errors.hpp"

namespace wsblast::script {

namespace {

// "00 ff 10" or "00ff10".
std::optional<std::string> from_hex(std::string_view text) {
    std::string digits;
    for (const char letter : text) {
        if (letter != ' ' && letter != '\n' && letter != ':') digits += letter;
    }
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        std::uint8_t byte = 0;
        constexpr int kHex = 16;
        const auto [rest, error] = std::from_chars(&digits[i], &digits[i] + 2, byte, kHex);
        if (error != std::errc{} || rest != &digits[i] + 2) return std::nullopt;
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

Result<std::string> read_file(const Node& node, const std::string& key, const std::string& folder) {
    const std::filesystem::path path = std::filesystem::path(folder) / node.text;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return error_at(node.place, key, "'" + path.string() + "' is not there, or is no file");
    std::ifstream stream(path, std::ios::binary);
    std::string bytes(limits::kSentMessageMax + 1, '\0');
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (stream.bad() || !stream.is_open())
        return environment_error(words_at(node.place, key, "'" + path.string() + "' cannot be read"));
    bytes.resize(static_cast<std::size_t>(stream.gcount()));
    return bytes;
}

}  // namespace

const Member* find_binary(const Node& extension) {
    for (const std::string_view known : kBinaryKeys) {
        if (const Member* member = extension.find_member(known)) return member;
    }
    return nullptr;
}

Result<std::string> read_binary(const Member& member, const std::string& key, const std::string& folder) {
    const std::string path = key_path(key, member.key);
    const auto text = text_of(member.value, path);
    if (!text) return text.error();
    std::string bytes;
    if (member.key == "file") {
        auto read = read_file(member.value, path, folder);
        if (!read) return read;
        bytes = std::move(*read);
    } else {
        const auto decoded = member.key == "hex" ? from_hex(*text) : crypto::from_base64(*text);
        if (!decoded) {
            return error_at(member.value.place, path,
                            member.key == "hex" ? "must be pairs of hexadecimal digits, like \"00ff\""
                                                : "must be base64, like \"AP8=\"");
        }
        bytes = *decoded;
    }
    if (bytes.size() > limits::kSentMessageMax) {
        return error_at(
            member.value.place, path,
            "is larger than a message may be: " + with_thousands(limits::kSentMessageMax) + " bytes");
    }
    return bytes;
}

}  // namespace wsblast::script
