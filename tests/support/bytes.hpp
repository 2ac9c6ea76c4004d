// Bytes of a test's own.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wsblast::test {

using Bytes = std::vector<std::uint8_t>;

[[nodiscard]] inline Bytes to_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

}  // namespace wsblast::test
