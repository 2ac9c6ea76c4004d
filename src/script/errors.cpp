#include "script/errors.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "text/format.hpp"

namespace wsblast::script {

namespace {

// What of a value is shown in an error.
constexpr std::size_t kShownMax = 40;
// The largest whole number below which a double carries each one.
constexpr double kWholeMax = 9'007'199'254'740'992;

// Levenshtein's, two neighbours that changed places counting as one (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> older(b.size() + 1), old(b.size() + 1), now(b.size() + 1);
    std::iota(old.begin(), old.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t k = 1; k <= b.size(); ++k) {
            const std::size_t change = a[i - 1] == b[k - 1] ? 0 : 1;
            now[k] = std::min({old[k] + 1, now[k - 1] + 1, old[k - 1] + change});
            const bool swapped = i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1];
            if (swapped) now[k] = std::min(now[k], older[k - 2] + 1);
        }
        std::swap(older, old);
        std::swap(old, now);
    }
    return old[b.size()];
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return out;
}

std::string shown(const Node& node) {
    if (!node.is_scalar() || node.is_null()) return {};
    std::string text = node.is(NodeKind::text) ? '\'' + node.text + '\'' : node.text;
    if (text.size() > kShownMax) text = text.substr(0, kShownMax) + "...";
    return " (" + text + ")";
}

}  // namespace

std::string words_at(const Place& place, std::string_view key, std::string_view what) {
    std::string words = place.text();
    if (!words.empty()) words += ": ";
    if (!key.empty()) words.append(key) += ": ";
    return words.append(what);
}

Error error_at(const Place& place, std::string_view key, std::string_view what) {
    return usage_error(words_at(place, key, what));
}

std::string key_path(std::string_view parent, std::string_view key) {
    if (parent.empty() || key.empty()) return std::string(parent.empty() ? key : parent);
    return text::format("{}.{}", parent, key);
}

std::string item_path(std::string_view parent, std::size_t index) {
    return text::format("{}[{}]", parent, index);
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
    const std::size_t allowed = word.size() <= 3 ? 1 : 2;
    const std::string wanted = lower(word);
    std::string_view best;
    std::size_t best_distance = allowed + 1;
    for (const std::string_view candidate : known) {
        const std::size_t far = distance(wanted.substr(0, kShownMax), lower(candidate));
        // A word of two letters is not near to one that has none of them.
        if (far >= best_distance || far >= candidate.size()) continue;
        best = candidate;
        best_distance = far;
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
    const std::string_view near = nearest(word, known);
    return near.empty() ? std::string() : text::format("; did you mean {}?", near);
}

std::string any_of(std::span<const std::string_view> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

std::string not_a(std::string_view wanted, const Node& node) {
    // An unset variable has left its name.
    if (node.is_null() && !node.text.empty())
        return text::format("must be {}, and {} is not set", wanted, node.text);
    return text::format("must be {}, and is {}{}", wanted, to_text(node.kind), shown(node));
}

Result<std::string> text_of(const Node& node, std::string_view key) {
    if (const auto text = node.as_text()) return std::string(*text);
    return error_at(node.place, key, not_a("a text", node));
}

Result<std::string> scalar_of(const Node& node, std::string_view key) {
    if (node.is_scalar() && !node.is_null()) return node.scalar_text();
    return error_at(node.place, key, not_a("a text", node));
}

Result<double> number_of(const Node& node, std::string_view key) {
    if (const auto number = node.as_numeric()) return *number;
    if (node.is(NodeKind::number)) return error_at(node.place, key, "must be a finite number, and is not");
    return error_at(node.place, key, not_a("a number", node));
}

Result<std::uint64_t> count_of(const Node& node, std::string_view key) {
    const auto number = number_of(node, key);
    if (!number) return number.error();
    if (*number < 0 || *number > kWholeMax || *number != std::floor(*number))
        return error_at(node.place, key, not_a("a whole number of 0 or more", node));
    return static_cast<std::uint64_t>(*number);
}

Result<bool> boolean_of(const Node& node, std::string_view key) {
    if (const auto truth = node.as_boolean()) return *truth;
    if (node.as_text() == "true") return true;
    if (node.as_text() == "false") return false;
    return error_at(node.place, key, not_a("true or false", node));
}

void warn_of_others(const Node& map, std::string_view key, const KnownKeys& keys,
                    std::vector<std::string>& warnings) {
    for (const Member& member : map.members) {
        if (std::ranges::find(keys.known, std::string_view(member.key)) != keys.known.end()) continue;
        const std::string what = std::string(keys.why) + did_you_mean(member.key, keys.known);
        warnings.push_back(words_at(member.place, key_path(key, member.key), what));
    }
}

}  // namespace wsblast::script
