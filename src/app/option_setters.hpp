// What the setters of the option tables are made of: a parsed value goes to its place, an error goes on.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "text/format.hpp"

namespace wsblast::app {

// Puts a value where it belongs, or passes its error on.
template <class Value, class Place>
[[nodiscard]] Result<void> store(const Result<Value>& value, Place& place) {
    if (!value) return value.error();
    place = static_cast<Place>(*value);
    return {};
}

template <class Value>
Result<void> store(const Result<Value>& value, std::optional<Value>& place) {
    if (!value) return value.error();
    place = *value;
    return {};
}

template <class Enum, std::size_t size>
Result<void> choose(const std::string& text,
                    const std::array<std::pair<std::string_view, Enum>, size>& names, Enum& place) {
    std::string allowed;
    for (const auto& [name, choice] : names) {
        if (name == text) return place = choice, Result<void>{};
        allowed += (allowed.empty() ? "" : ", ") + std::string(name);
    }
    return usage_error(text::format("'{}' is none of {}", text, allowed));
}

template <class Value>
[[nodiscard]] Result<void> append(const Result<Value>& value, std::vector<Value>& place) {
    if (!value) return value.error();
    place.push_back(*value);
    return {};
}

}  // namespace wsblast::app
