#include "base/node.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace wsblast {

std::string Place::text() const {
    std::string text = file ? *file : std::string();
    if (line > 0) text += ":" + std::to_string(line);
    return text;
}

std::string_view to_text(NodeKind kind) {
    switch (kind) {
        case NodeKind::null: return "nothing";
        case NodeKind::boolean: return "true or false";
        case NodeKind::number: return "a number";
        case NodeKind::text: return "a text";
        case NodeKind::list: return "a list";
        case NodeKind::map: return "a map of keys";
    }
    return "";
}

const Member* Node::find_member(std::string_view key) const {
    const auto found = std::ranges::find(members, key, &Member::key);
    return found == members.end() ? nullptr : &*found;
}

const Node* Node::find(std::string_view key) const {
    const Member* member = find_member(key);
    return member == nullptr ? nullptr : &member->value;
}

Node* Node::find(std::string_view key) {
    const auto found = std::ranges::find(members, key, &Member::key);
    return found == members.end() ? nullptr : &found->value;
}

Node& Node::at(std::string_view key, const Place& where) {
    if (Node* found = find(key)) return *found;
    return members.emplace_back(Member{std::string(key), where, of_null(where)}).value;
}

bool Node::erase(std::string_view key) {
    return std::erase_if(members, [key](const Member& member) { return member.key == key; }) > 0;
}

std::optional<std::string_view> Node::as_text() const {
    if (kind != NodeKind::text) return {};
    return text;
}

std::optional<double> Node::as_number() const {
    if (kind != NodeKind::number) return {};
    return number;
}

std::optional<bool> Node::as_boolean() const {
    if (kind != NodeKind::boolean) return {};
    return number != 0;
}

std::optional<double> Node::as_numeric() const {
    double value = number;
    if (kind == NodeKind::text) {
        const char* end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(text.data(), end, value);
        if (error != std::errc() || rest != end) return {};
    } else if (kind != NodeKind::number) {
        return {};
    }
    if (!std::isfinite(value)) return {};
    return value;
}

std::string Node::scalar_text() const {
    switch (kind) {
        case NodeKind::null: return "null";
        case NodeKind::boolean: return number != 0 ? "true" : "false";
        case NodeKind::number: return to_number_text(number);
        case NodeKind::text: return text;
        case NodeKind::list:
        case NodeKind::map: return {};
    }
    return {};
}

Node Node::of_null(Place place) {
    Node node;
    node.place = std::move(place);
    return node;
}

Node Node::of_boolean(double value, Place place) {
    Node node = of_null(std::move(place));
    node.kind = NodeKind::boolean;
    node.number = value;
    node.text = value != 0 ? "true" : "false";
    return node;
}

Node Node::of_number(double value, Place place) {
    Node node = of_null(std::move(place));
    node.kind = NodeKind::number;
    node.number = value;
    node.text = to_number_text(value);
    return node;
}

Node Node::of_text(std::string_view value, Place place) {
    Node node = of_null(std::move(place));
    node.kind = NodeKind::text;
    node.text = value;
    return node;
}

Node Node::of_list(Place place) {
    Node node = of_null(std::move(place));
    node.kind = NodeKind::list;
    return node;
}

Node Node::of_map(Place place) {
    Node node = of_null(std::move(place));
    node.kind = NodeKind::map;
    return node;
}

// ECMA-262 6.1.6.1.20: no exponent from 1e-6 up to below 1e21.
std::string to_number_text(double value) {
    constexpr double kWholeMax = 9007199254740992;
    if (!std::isfinite(value)) return "null";
    if (value == 0) return "0";
    const double size = std::abs(value);
    const auto format =
        size >= 1e-6 && size < 1e21 ? std::chars_format::fixed : std::chars_format::scientific;
    std::array<char, 400> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, format).ptr;
    std::string text(digits.data(), end);
    // Above 2^53 the digits that are not needed are zeros: 12345678901234567000.
    if (size >= kWholeMax && format == std::chars_format::fixed) {
        const auto shortest = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                            std::chars_format::scientific);
        const std::string_view needed(digits.data(), shortest.ptr);
        std::string kept(needed.substr(0, needed.find('e')));
        std::erase(kept, '.');
        text.replace(0, kept.size(), kept);
        std::fill(text.begin() + static_cast<std::ptrdiff_t>(kept.size()), text.end(), '0');
    }
    // "1e-07" -> "1e-7"
    const std::size_t exponent = text.find('e');
    if (exponent != std::string::npos && text[exponent + 2] == '0') text.erase(exponent + 2, 1);
    return text;
}

std::string to_json_text(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    // Those that have a letter of their own behind the backslash.
    constexpr std::string_view kShort = "\"\\\n\r\t\b\f";
    constexpr std::string_view kLetters = "\"\\nrtbf";
    std::string json = "\"";
    for (const char character : text) {
        const std::size_t known = kShort.find(character);
        if (known != std::string_view::npos) {
            json += '\\';
            json += kLetters[known];
        } else if (static_cast<unsigned char>(character) >= 0x20) {
            json += character;
        } else {
            json += "\\u00";
            json += kHex[static_cast<unsigned char>(character) >> 4];
            json += kHex[static_cast<unsigned char>(character) & 15];
        }
    }
    return json += '"';
}

namespace {

void append_json(const Node& node, std::string& json) {
    switch (node.kind) {
        case NodeKind::null:
        case NodeKind::boolean:
        case NodeKind::number: json += node.scalar_text(); return;
        case NodeKind::text: json += to_json_text(node.text); return;
        case NodeKind::list:
            json += '[';
            for (const Node& item : node.items) {
                if (&item != &node.items.front()) json += ',';
                append_json(item, json);
            }
            json += ']';
            return;
        case NodeKind::map:
            json += '{';
            for (const Member& member : node.members) {
                if (&member != &node.members.front()) json += ',';
                json += to_json_text(member.key) + ':';
                append_json(member.value, json);
            }
            json += '}';
            return;
    }
}

}  // namespace

std::string to_json(const Node& node) {
    std::string json;
    append_json(node, json);
    return json;
}

}  // namespace wsblast
