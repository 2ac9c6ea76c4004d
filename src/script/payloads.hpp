// Binary payloads of a scenario file: bytes as base64 or hex, or a file's.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/node.hpp"
#include "base/result.hpp"

namespace wsblast::script {

inline constexpr std::array<std::string_view, 3> kBinaryKeys{"base64", "hex", "file"};

// The one of kBinaryKeys that `extension` (a map under wsblast) has; null: none.
[[nodiscard]] const Member* find_binary(const Node& extension);

// Its bytes, at most limits::kSentMessageMax. A file's path is relative to `folder`. Usage error with file
// and line; environment error: the file cannot be read.
[[nodiscard]] Result<std::string> read_binary(const Member& member, const std::string& key,
                                              const std::string& folder);

}  // namespace wsblast::script
