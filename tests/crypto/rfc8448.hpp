// What RFC 8448 3 prints of a connection with TLS_AES_128_GCM_SHA256, and hexadecimal digits as bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/record_keys.hpp"

namespace wsblast::test {

using TestBytes = std::vector<std::uint8_t>;

// Spaces are passed over.
inline TestBytes from_hex_text(std::string_view text) {
    TestBytes bytes;
    std::string digits;
    for (const char letter : text) {
        if (letter == ' ') continue;
        digits += letter;
        if (digits.size() < 2) continue;
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
        digits.clear();
    }
    return bytes;
}

inline crypto::TrafficSecret to_secret(std::string_view text) {
    const TestBytes bytes = from_hex_text(text);
    crypto::TrafficSecret secret;
    secret.size = bytes.size();
    std::copy(bytes.begin(), bytes.end(), secret.bytes.begin());
    return secret;
}

inline crypto::TrafficSecrets rfc8448_secrets() {
    return {
        .client = to_secret("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"),
        .server = to_secret("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"),
    };
}

// 50 bytes from 0 to 49: what both say.
inline TestBytes rfc8448_content() {
    TestBytes content(50);
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i);
    return content;
}

// The client's first record, and its second: close_notify.
inline TestBytes rfc8448_client_data() {
    return from_hex_text(
        "17 03 03 00 43 a2 3f 70 54 b6 2c 94 d0 af fa fe 82 28 ba 55 cb ef ac ea 42 f9 14 aa 66 bc ab 3f"
        "2b 98 19 a8 a5 b4 6b 39 5b d5 4a 9a 20 44 1e 2b 62 97 4e 1f 5a 62 92 a2 97 70 14 bd 1e 3d ea e6"
        "3a ee bb 21 69 49 15 e4");
}
inline TestBytes rfc8448_client_goodbye() {
    return from_hex_text("17 03 03 00 13 c9 87 27 60 65 56 66 b7 4d 7f f1 15 3e fd 6d b6 d0 b0 e3");
}
// The server's second, after a ticket.
inline TestBytes rfc8448_server_data() {
    return from_hex_text(
        "17 03 03 00 43 2e 93 7e 11 ef 4a c7 40 e5 38 ad 36 00 5f c4 a4 69 32 fc 32 25 d0 5f 82 aa 1b 36"
        "e3 0e fa f9 7d 90 e6 df fc 60 2d cb 50 1a 59 a8 fc c4 9c 4b f2 e5 f0 a2 1c 00 47 c2 ab f3 32 54"
        "0d d0 32 e1 67 c2 95 5d");
}

}  // namespace wsblast::test
