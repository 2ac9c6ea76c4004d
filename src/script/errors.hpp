// How faults of a scenario file are told: "FILE:LINE: KEY: what is wrong, what is allowed".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/node.hpp"
#include "base/result.hpp"

namespace wsblast::script {

// `key`: the way to it, "config.phases[2].duration"; empty: none.
[[nodiscard]] Error error_at(const Place& place, std::string_view key, std::string_view what);
// The same words, for a warning.
[[nodiscard]] std::string words_at(const Place& place, std::string_view key, std::string_view what);

// Where something stands in the file, and the way to it.
struct Spot {
    Place place{};
    std::string key{};
    [[nodiscard]] Error fault(std::string_view what) const { return error_at(place, key, what); }
};

// "config.phases" and "duration" -> "config.phases.duration"; either may be empty.
[[nodiscard]] std::string key_path(std::string_view parent, std::string_view key);
// "config.phases" and 2 -> "config.phases[2]".
[[nodiscard]] std::string item_path(std::string_view parent, std::size_t index);

// The one of `known` that a person may have meant; empty: none is near.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> known);
// "; did you mean send?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);
// "a, b or c".
[[nodiscard]] std::string any_of(std::span<const std::string_view> words);

// What a value has to be, and what it is: "must be a list, and is a number (5)".
[[nodiscard]] std::string not_a(std::string_view wanted, const Node& node);

// A value of a kind, or the error that names the key. `key` is for the error alone.
[[nodiscard]] Result<std::string> text_of(const Node& node, std::string_view key);
// A text or another scalar's text.
[[nodiscard]] Result<std::string> scalar_of(const Node& node, std::string_view key);
// A number or a text that is one.
[[nodiscard]] Result<double> number_of(const Node& node, std::string_view key);
// A whole number of 0 and more, up to 2^53.
[[nodiscard]] Result<std::uint64_t> count_of(const Node& node, std::string_view key);
// true or false, or the texts of them.
[[nodiscard]] Result<bool> boolean_of(const Node& node, std::string_view key);

// Warns of keys of a map that are none of `known`: did-you-mean where one is near.
struct KnownKeys {
    std::span<const std::string_view> known;
    std::string_view why;  // "has no meaning here", "is not known"
};
void warn_of_others(const Node& map, std::string_view key, const KnownKeys& keys,
                    std::vector<std::string>& warnings);

}  // namespace wsblast::script
