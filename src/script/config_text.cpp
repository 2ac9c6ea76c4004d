#include "script/config_text.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/ascii.hpp"
#include "base/limits.hpp"
#include "base/prng.hpp"
#include "base/units.hpp"
#include "script/errors.hpp"
#include "text/format.hpp"

namespace wsblast::script {

namespace {

// The next {{ ... }} or {{{ ... }}} of a text.
struct Hole {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string_view name;  // without blanks
};

std::optional<Hole> find_hole(std::string_view text, std::size_t from) {
    const std::size_t begin = text.find("{{", from);
    if (begin == std::string_view::npos) return {};
    const bool triple = text.substr(begin).starts_with("{{{");
    const std::string_view closing = triple ? "}}}" : "}}";
    const std::size_t inner = begin + closing.size();
    const std::size_t end = text.find(closing, inner);
    if (end == std::string_view::npos) return {};
    return Hole{begin, end + closing.size(), trim(text.substr(inner, end - inner))};
}

// "user.items[0].id" within a tree; null: there is none.
const Node* find_path(const Node& root, std::string_view path) {
    // A name may have dots of its own.
    if (const Node* whole = root.find(path)) return whole;
    const Node* node = &root;
    while (!path.empty() && node != nullptr) {
        const std::size_t end = std::min(path.find_first_of(".[]"), path.size());
        const std::string_view part = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (part.empty()) continue;
        if (!node->is_list()) {
            node = node->find(part);
            continue;
        }
        std::size_t index = 0;
        const auto [rest, error] = std::from_chars(part.data(), part.data() + part.size(), index);
        const bool known = error == std::errc() && rest == part.data() + part.size();
        node = known && index < node->items.size() ? &node->items[index] : nullptr;
    }
    return node == &root ? nullptr : node;
}

// Whole numbers between commas; nothing: they are none.
std::optional<std::vector<std::uint64_t>> parse_arguments(std::string_view text) {
    std::vector<std::uint64_t> numbers;
    text = trim(text);
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view word = trim(text.substr(0, comma));
        std::uint64_t number = 0;
        const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc() || rest != word.data() + word.size()) return {};
        numbers.push_back(number);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return numbers;
}

// Goes through a tree and fills it in.
class ConfigFiller {
  public:
    ConfigFiller(const ConfigValues& values, std::vector<std::string>& warnings)
        : values_(values), warnings_(warnings), prng_(values.seed) {}

    [[nodiscard]] Result<void> fill(Node& node, const std::string& key);

  private:
    [[nodiscard]] Result<void> fill_text(Node& node, const std::string& key);
    [[nodiscard]] Result<std::optional<Node>> value_of(std::string_view name, const Place& place,
                                                       const std::string& key);
    [[nodiscard]] Result<Node> call(std::string_view name, const Place& place, const std::string& key);
    [[nodiscard]] std::string random_text(std::uint64_t length);
    [[nodiscard]] Result<void> count(std::size_t bytes, const Place& place, const std::string& key);

    const ConfigValues& values_;
    std::vector<std::string>& warnings_;
    Prng prng_;
    std::size_t bytes_ = 0;
};

Result<void> ConfigFiller::fill(Node& node, const std::string& key) {
    if (node.is(NodeKind::text)) return fill_text(node, key);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto filled = fill(node.items[i], item_path(key, i));
        if (!filled) return filled;
    }
    for (Member& member : node.members) {
        const auto filled = fill(member.value, key_path(key, member.key));
        if (!filled) return filled;
    }
    return {};
}

Result<void> ConfigFiller::count(std::size_t bytes, const Place& place, const std::string& key) {
    bytes_ += bytes;
    if (bytes_ <= limits::kScriptExpandedMax) return {};
    return error_at(place, key,
                    text::format("variables make the configuration longer than {} MiB",
                                 limits::kScriptExpandedMax / kMiB));
}

Result<void> ConfigFiller::fill_text(Node& node, const std::string& key) {
    const std::string source = std::exchange(node.text, {});
    std::string filled;
    std::size_t done = 0;
    while (const auto hole = find_hole(source, done)) {
        auto value = value_of(hole->name, node.place, key);
        if (!value) return value.error();
        filled.append(source, done, hole->begin - done);
        done = hole->end;
        if (!value->has_value()) {
            filled.append(source, hole->begin, hole->end - hole->begin);
            continue;
        }
        Node& known = **value;
        const std::string text = known.is_scalar() ? known.scalar_text() : to_json(known);
        if (const auto counted = count(text.size(), node.place, key); !counted) return counted;
        if (hole->begin == 0 && hole->end == source.size()) {
            known.place = node.place;
            node = std::move(known);
            return {};
        }
        filled += known.is_null() ? "undefined" : text;
    }
    node.text = filled.append(source, done);
    return {};
}

Result<std::optional<Node>> ConfigFiller::value_of(std::string_view name, const Place& place,
                                                   const std::string& key) {
    if (name.ends_with(')')) {
        auto made = call(name, place, key);
        if (!made) return made.error();
        return std::optional<Node>(std::move(*made));
    }
    if (const std::string_view wanted = environment_name(name); !wanted.empty()) {
        const auto found = values_.environment.find(wanted);
        if (found != values_.environment.end())
            return std::optional<Node>(Node::of_text(found->second, place));
        warnings_.push_back(words_at(
            place, key, text::format("the environment variable {} is not set, and so undefined", wanted)));
        Node unset = Node::of_null(place);
        unset.text = name;  // for errors of who needs it
        return std::optional<Node>(std::move(unset));
    }
    const Node* found = find_path(values_.variables, name);
    return found == nullptr ? std::optional<Node>() : std::optional<Node>(*found);
}

Result<Node> ConfigFiller::call(std::string_view name, const Place& place, const std::string& key) {
    const std::size_t open = std::min(name.find('('), name.size() - 1);
    const std::string_view function = trim(name.substr(0, open));
    const auto numbers = parse_arguments(name.substr(open + 1, name.size() - open - 2));
    if (function == "$randomNumber" && numbers && numbers->size() == 2 && (*numbers)[0] <= (*numbers)[1]) {
        const std::uint64_t choices = (*numbers)[1] - (*numbers)[0] + 1;
        const std::uint64_t drawn = choices == 0 ? prng_.next() : prng_.next_below(choices);
        return Node::of_number(static_cast<double>((*numbers)[0] + drawn), place);
    }
    constexpr std::uint64_t kLengthUnlessGiven = 10;
    if (function == "$randomString" && numbers && numbers->size() <= 1) {
        const std::uint64_t length = numbers->empty() ? kLengthUnlessGiven : numbers->front();
        if (length <= limits::kRandomStringMax) return Node::of_text(random_text(length), place);
    }
    constexpr std::array<std::string_view, 2> kFunctions{"$randomNumber", "$randomString"};
    const std::string allowed =
        text::format("$randomNumber(LOW, HIGH) and $randomString(LENGTH), of at most {}, are known here",
                     limits::kRandomStringMax);
    return error_at(place, key,
                    text::format("{{{{ {} }}}}: {}{}", name, allowed, did_you_mean(function, kFunctions)));
}

std::string ConfigFiller::random_text(std::uint64_t length) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string text;
    while (text.size() < length) text += kLetters[prng_.next_below(kLetters.size())];
    return text;
}

}  // namespace

Result<void> fill_config(Node& config, const ConfigValues& values, std::vector<std::string>& warnings) {
    return ConfigFiller(values, warnings).fill(config, "config");
}

std::string_view environment_name(std::string_view hole) {
    for (const std::string_view prefix : {"$env.", "$processEnvironment."}) {
        if (hole.starts_with(prefix)) return hole.substr(prefix.size());
    }
    return {};
}

void find_environment_holes(const Node& node, std::set<std::string>& into) {
    std::size_t from = 0;
    while (const auto hole = find_hole(node.text, from)) {
        if (!environment_name(hole->name).empty()) into.insert(std::string(hole->name));
        from = hole->end;
    }
    for (const Node& item : node.items) find_environment_holes(item, into);
    for (const Member& member : node.members) find_environment_holes(member.value, into);
}

}  // namespace wsblast::script
