#include "json/tree.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <simdjson.h>

#include "base/limits.hpp"

namespace wsblast::json {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Walks through a document from front to end, so that lines are counted once.
class TreeReader {
  public:
    TreeReader(std::string_view padded, std::shared_ptr<const std::string> file, Lines lines)
        : text_(padded), file_(std::move(file)), lines_(lines) {}

    [[nodiscard]] Result<Node> read(ondemand::document& document);
    // Of what simdjson refuses, at the place that was looked at last.
    [[nodiscard]] Error fault(simdjson::error_code code) const;

  private:
    [[nodiscard]] Result<Node> read_value(ondemand::value value, std::size_t depth);
    [[nodiscard]] Result<Node> read_list(ondemand::value value, std::size_t depth);
    [[nodiscard]] Result<Node> read_map(ondemand::value value, std::size_t depth);
    [[nodiscard]] Result<Node> read_scalar(ondemand::value value, ondemand::json_type type);
    void look_at(const char* token);  // sets here_
    [[nodiscard]] Error refuse(const std::string& what) const {
        return usage_error(here_.text() + ": " + what);
    }

    std::string_view text_;
    std::shared_ptr<const std::string> file_;
    Lines lines_;
    std::size_t counted_to_ = 0;
    std::uint32_t line_ = 1;
    Place here_{};
    std::size_t nodes_ = 0;
};

void TreeReader::look_at(const char* token) {
    here_.file = file_;
    if (lines_ == Lines::none) return;
    const auto at = std::min(static_cast<std::size_t>(token - text_.data()), text_.size());
    if (at > counted_to_) {
        line_ +=
            static_cast<std::uint32_t>(std::count(text_.begin() + counted_to_, text_.begin() + at, '\n'));
        counted_to_ = at;
    }
    here_.line = line_;
}

Error TreeReader::fault(simdjson::error_code code) const {
    const Place place = here_.file ? here_ : Place{file_, lines_ == Lines::none ? 0u : 1u};
    return usage_error(place.text() +
                       ": this is not JSON, here or in what follows: " + simdjson::error_message(code));
}

Result<Node> TreeReader::read(ondemand::document& document) {
    // A scalar alone is no `value` to simdjson; no scenario file is one.
    ondemand::json_type type{};
    if (const auto code = document.type().get(type)) return fault(code);
    if (type != ondemand::json_type::object && type != ondemand::json_type::array)
        return usage_error(Place{file_, lines_ == Lines::none ? 0u : 1u}.text() +
                           ": must be an object, {...}, or a list, [...]");
    ondemand::value root;
    if (const auto code = document.get_value().get(root)) return fault(code);
    return read_value(root, 1);
}

Result<Node> TreeReader::read_value(ondemand::value value, std::size_t depth) {
    if (depth > limits::kScriptDepthMax)
        return refuse("lists and objects stand more than " + std::to_string(limits::kScriptDepthMax) +
                      " deep");
    if (++nodes_ > limits::kScriptNodesMax)
        return refuse("more than " + std::to_string(limits::kScriptNodesMax) + " values");
    look_at(value.raw_json_token().data());
    ondemand::json_type type{};
    if (const auto code = value.type().get(type)) return fault(code);
    if (type == ondemand::json_type::array) return read_list(value, depth);
    if (type == ondemand::json_type::object) return read_map(value, depth);
    return read_scalar(value, type);
}

Result<Node> TreeReader::read_list(ondemand::value value, std::size_t depth) {
    Node list = Node::of_list(here_);
    ondemand::array items;
    if (const auto code = value.get_array().get(items)) return fault(code);
    for (auto item : items) {
        ondemand::value element;
        if (const auto code = std::move(item).get(element)) return fault(code);
        Result<Node> node = read_value(element, depth + 1);
        if (!node) return node;
        list.items.push_back(std::move(*node));
    }
    return list;
}

Result<Node> TreeReader::read_map(ondemand::value value, std::size_t depth) {
    Node map = Node::of_map(here_);
    std::unordered_set<std::string> keys;
    ondemand::object fields;
    if (const auto code = value.get_object().get(fields)) return fault(code);
    for (auto item : fields) {
        ondemand::field field;
        if (const auto code = std::move(item).get(field)) return fault(code);
        look_at(field.key().raw());
        const Place key_place = here_;
        std::string_view key;
        if (const auto code = field.unescaped_key().get(key)) return fault(code);
        std::string name(key);
        if (!keys.insert(name).second) return refuse(name + ": this key stands here twice");
        Result<Node> node = read_value(field.value(), depth + 1);
        if (!node) return node;
        map.members.push_back({std::move(name), key_place, std::move(*node)});
    }
    return map;
}

Result<Node> TreeReader::read_scalar(ondemand::value value, ondemand::json_type type) {
    const std::string_view token = value.raw_json_token();
    const Place place = here_;
    if (type == ondemand::json_type::string) {
        std::string_view text;
        if (const auto code = value.get_string().get(text)) return fault(code);
        return Node::of_text(text, place);
    }
    if (type == ondemand::json_type::number) {
        double number = 0;
        if (const auto code = value.get_double().get(number)) return fault(code);
        Node node = Node::of_number(number, place);
        node.text = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
        return node;
    }
    if (type == ondemand::json_type::boolean) {
        bool truth = false;
        if (const auto code = value.get_bool().get(truth)) return fault(code);
        return Node::of_boolean(truth ? 1 : 0, place);
    }
    bool null = false;
    if (const auto code = value.is_null().get(null)) return fault(code);
    if (!null) return fault(simdjson::INCORRECT_TYPE);
    return Node::of_null(place);
}

}  // namespace

Result<Node> read_tree(std::string_view text, std::shared_ptr<const std::string> file, Lines lines) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    const simdjson::padded_string padded(text);
    TreeReader reader(padded, std::move(file), lines);
    ondemand::parser parser;
    ondemand::document document;
    if (const auto code = parser.iterate(padded).get(document)) return reader.fault(code);
    Result<Node> tree = reader.read(document);
    if (!tree) return tree;
    // The walk looks only at what it needs; this looks at every byte.
    simdjson::dom::parser strict;
    if (const auto code = strict.parse(padded).error()) return reader.fault(code);
    return tree;
}

}  // namespace wsblast::json
