#include "script/user_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/ascii.hpp"
#include "base/limits.hpp"
#include "script/errors.hpp"

namespace wsblast::script {

namespace {

using plan::PartForm;
using plan::PartKind;
using plan::TextPart;
using plan::UserText;

constexpr std::uint64_t kRandomNumberMax = std::uint64_t{1} << 53;
constexpr std::uint64_t kRandomStringSize = 10;
constexpr std::array<std::string_view, 2> kFunctions{"$randomNumber", "$randomString"};
constexpr std::string_view kAllowed =
    "; holes are {{ name }}, {{ a.b[0] }}, {{ $randomNumber(1,10) }} and {{ $randomString(8) }}";

bool is_word_letter(char letter) {
    return letter == '_' || letter == '$' || (letter >= '0' && letter <= '9') ||
           (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

Error broken(std::string_view inside, std::string_view what) {
    return usage_error("the hole '{{" + std::string(inside.substr(0, 100)) + "}}' " + std::string(what) +
                       std::string(kAllowed));
}

// "1, 10" as numbers; nothing where one is none.
std::optional<std::vector<std::uint64_t>> read_arguments(std::string_view text) {
    std::vector<std::uint64_t> arguments;
    text = trim(text);
    if (text.empty()) return arguments;
    for (bool more = true; more;) {
        const std::size_t comma = text.find(',');
        more = comma != std::string_view::npos;
        const std::string_view word = trim(text.substr(0, comma));
        std::uint64_t number = 0;
        const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc{} || rest != word.data() + word.size()) return std::nullopt;
        arguments.push_back(number);
        if (more) text.remove_prefix(comma + 1);
    }
    return arguments;
}

// "$randomNumber(1,10)"
Result<TextPart> parse_call(std::string_view inside) {
    const std::string_view call = trim(inside);
    const std::size_t open = call.find('(');
    const std::string_view name = trim(call.substr(0, open));
    if (std::ranges::find(kFunctions, name) == kFunctions.end())
        return broken(inside, "calls a function that there is not" + did_you_mean(name, kFunctions));
    if (call.back() != ')') return broken(inside, "has no ) at its end");
    const auto arguments = read_arguments(call.substr(open + 1, call.size() - open - 2));
    if (!arguments) return broken(inside, "takes whole numbers of 0 and more");
    TextPart part;
    if (name == "$randomString") {
        if (arguments->size() > 1) return broken(inside, "takes one number, how many characters");
        part.kind = PartKind::random_string;
        part.low = arguments->empty() ? kRandomStringSize : arguments->front();
        if (part.low == 0 || part.low > limits::kRandomStringMax) {
            return broken(inside,
                          "may have 1 to " + std::to_string(limits::kRandomStringMax) + " characters");
        }
        return part;
    }
    if (arguments->size() != 2) return broken(inside, "takes two numbers, the lowest and the highest one");
    part.kind = PartKind::random_number;
    part.low = arguments->front();
    part.high = arguments->back();
    if (part.low > part.high || part.high > kRandomNumberMax)
        return broken(inside,
                      "is no range: the first number may not be above the second, nor that above 2^53");
    return part;
}

// What stands between the braces. The literal before it is left to the caller.
Result<TextPart> parse_hole(std::string_view inside, SlotTable& slots) {
    const std::string_view name = trim(inside);
    if (name.empty()) return broken(inside, "is empty");
    if (name.find('(') != std::string_view::npos) return parse_call(inside);
    const bool plain = std::ranges::all_of(name, [](char letter) {
        return is_word_letter(letter) ||
               std::string_view(".[]'\"- ").find(letter) != std::string_view::npos;
    });
    if (!plain) return broken(inside, "has more than a name and the way into it");
    TextPart part;
    if (name == "$timestamp" && !slots.find(name)) {
        part.kind = PartKind::unix_ms;
        return part;
    }
    if (std::ranges::find(kFunctions, name) != kFunctions.end() && !slots.find(name))
        return broken(inside, "names a function, and has no ( ) behind it");
    auto variable = parse_variable_path(name, slots);
    if (!variable) return broken(inside, variable.error().what);
    part.kind = PartKind::variable;
    part.slot = variable->slot;
    part.path = std::move(variable->path);
    return part;
}

// One name of a path; `at` stands on its beginning, and behind it and its ] afterwards.
Result<std::string> next_name(std::string_view text, std::size_t& at) {
    if (text[at] != '[') {
        const std::size_t end = std::min(text.find_first_of(".[]", at), text.size());
        const std::string_view name = text.substr(at, end - at);
        if (name.empty()) return usage_error("has no name where one has to stand");
        at = end;
        return std::string(name);
    }
    std::size_t first = at + 1;
    const bool quoted = first < text.size() && (text[first] == '\'' || text[first] == '"');
    const std::size_t end = quoted ? text.find(text[first], first + 1) : text.find(']', first);
    if (quoted) ++first;
    if (end == std::string_view::npos || end + (quoted ? 1 : 0) >= text.size() ||
        text[end + (quoted ? 1 : 0)] != ']')
        return usage_error("has a [ without its ]");
    at = end + (quoted ? 2 : 1);
    const std::string_view name = text.substr(first, end - first);
    if (name.empty() && !quoted) return usage_error("has nothing between [ and ]");
    return std::string(name);
}

}  // namespace

Result<VariablePath> parse_variable_path(std::string_view text, SlotTable& slots) {
    if (const auto whole = slots.find(text)) return VariablePath{.slot = *whole};
    std::vector<std::string> names;
    for (std::size_t at = 0; at < text.size();) {
        auto name = next_name(text, at);
        if (!name) return name.error();
        names.push_back(std::move(*name));
        if (names.size() > limits::kPathStepsMax) return usage_error("leads too deep");
        if (at == text.size() || text[at] == '[') continue;
        if (text[at] != '.' || ++at == text.size())
            return usage_error("has no name where one has to stand");
    }
    if (names.empty()) return usage_error("has no name");
    VariablePath variable{.slot = slots.of(names.front())};
    variable.path.assign(std::make_move_iterator(names.begin() + 1), std::make_move_iterator(names.end()));
    return variable;
}

Result<UserText> parse_user_text(std::string_view text, SlotTable& slots) {
    UserText made;
    std::string literal;
    for (std::size_t from = 0;;) {
        const std::size_t open = text.find("{{", from);
        literal += text.substr(from, open == std::string_view::npos ? open : open - from);
        if (open == std::string_view::npos) break;
        const std::size_t close = text.find("}}", open + 2);
        if (close == std::string_view::npos) {
            return usage_error("the hole at byte " + std::to_string(open) + " has no }} at its end" +
                               std::string(kAllowed));
        }
        std::string_view inside = text.substr(open + 2, close - open - 2);
        from = close + 2;
        // {{{ name }}}; a third brace that has no partner is text: {"a":{{{ name }}, ...
        if (inside.starts_with('{')) {
            inside.remove_prefix(1);
            if (from < text.size() && text[from] == '}') {
                ++from;
            } else {
                literal += '{';
            }
        }
        auto part = parse_hole(inside, slots);
        if (!part) return part.error();
        part->literal = std::move(literal);
        literal.clear();
        made.parts.push_back(std::move(*part));
    }
    if (!literal.empty()) made.parts.push_back({.literal = std::move(literal)});
    return made;
}

Result<UserText> read_user_text(std::string_view text, const Spot& spot, SlotTable& slots) {
    slots.look_at(spot);
    auto made = parse_user_text(text, slots);
    if (!made) return spot.fault(made.error().what);
    return made;
}

UserText with_constants(const UserText& text, SlotTable& slots) {
    UserText made{.undefined_text = text.undefined_text};
    std::string literal;
    for (const TextPart& part : text.parts) {
        literal += part.literal;
        const bool hole = part.kind != PartKind::literal;
        if (part.kind == PartKind::variable && part.path.empty()) {
            const plan::Slot& slot = slots[part.slot];
            const Value value = slot.kind == plan::SlotKind::constant && !slot.values.empty()
                                    ? slot.values.front().view()
                                    : Value{};
            const bool number = value.type == ValueType::number;
            if (number || value.type == ValueType::text) {
                literal += number ? to_number_text(value.number) : std::string(value.text);
                continue;
            }
        }
        if (!hole) continue;
        made.parts.push_back(part);
        made.parts.back().literal = std::move(literal);
        literal.clear();
    }
    if (!literal.empty()) made.parts.push_back({.literal = std::move(literal)});
    return made;
}

}  // namespace wsblast::script
