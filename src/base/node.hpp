// A document that a person wrote, YAML or JSON, as a tree that knows the file and the line of each of its
// nodes and keys. Plain data; the readers of yaml/ and json/ make it, script/ understands it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsblast {

// Where something stands. Of what no file has (a command line), the file is that option's name, and the
// line is 0.
struct Place {
    std::shared_ptr<const std::string> file{};
    std::uint32_t line = 0;  // from 1

    // "script.yml:12", "--overrides".
    [[nodiscard]] std::string text() const;
};

enum class NodeKind : std::uint8_t { null, boolean, number, text, list, map };

// "a number", "a list": for errors.
[[nodiscard]] std::string_view to_text(NodeKind kind);

struct Member;

struct Node {
    NodeKind kind = NodeKind::null;
    double number = 0;            // boolean: 0 or 1
    std::string text;             // its content; of a number or a boolean, as it was written
    std::vector<Node> items;      // of a list
    std::vector<Member> members;  // of a map, in the document's order; no key comes twice
    Place place;

    [[nodiscard]] bool is(NodeKind wanted) const { return kind == wanted; }
    [[nodiscard]] bool is_null() const { return kind == NodeKind::null; }
    [[nodiscard]] bool is_map() const { return kind == NodeKind::map; }
    [[nodiscard]] bool is_list() const { return kind == NodeKind::list; }
    [[nodiscard]] bool is_scalar() const { return !is_map() && !is_list(); }

    // The value of a map's key; null: there is none, or this is no map. A key whose value is null is there.
    [[nodiscard]] const Node* find(std::string_view key) const;
    [[nodiscard]] Node* find(std::string_view key);
    [[nodiscard]] const Member* find_member(std::string_view key) const;
    // The same, made (null, at `place`) where there is none. Of maps alone.
    Node& at(std::string_view key, const Place& place);
    // Whether there was such a key.
    bool erase(std::string_view key);

    // Nothing where the kind is another one.
    [[nodiscard]] std::optional<std::string_view> as_text() const;
    [[nodiscard]] std::optional<double> as_number() const;
    [[nodiscard]] std::optional<bool> as_boolean() const;
    // A number, or a text that is one ("5", "0.5", "1e3"), as Artillery takes both; never NaN or infinite.
    [[nodiscard]] std::optional<double> as_numeric() const;
    // Of a scalar, as JavaScript's String() has it: "5", "0.1", "true", "null".
    [[nodiscard]] std::string scalar_text() const;

    [[nodiscard]] static Node of_null(Place place);
    [[nodiscard]] static Node of_boolean(double value, Place place);
    [[nodiscard]] static Node of_number(double value, Place place);
    [[nodiscard]] static Node of_text(std::string_view value, Place place);
    [[nodiscard]] static Node of_list(Place place);
    [[nodiscard]] static Node of_map(Place place);
};

struct Member {
    std::string key;
    Place place;  // of the key
    Node value;
};

// The shortest text that reads back, as JavaScript writes it: 5, 0.1, 1e+21, null for what JSON cannot say.
[[nodiscard]] std::string to_number_text(double value);
// A JSON string, quotes included. What is no UTF-8 goes through as it is.
[[nodiscard]] std::string to_json_text(std::string_view text);
// As JSON.stringify writes it: compact, in the document's order.
[[nodiscard]] std::string to_json(const Node& node);

}  // namespace wsblast
