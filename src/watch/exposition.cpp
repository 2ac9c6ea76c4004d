#include "watch/exposition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/ascii.hpp"
#include "text/format.hpp"

namespace wsblast::watch {

namespace {

constexpr std::string_view kBlanks = " \t";

bool is_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

void skip_blanks(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
}

std::string_view take_word(std::string_view& text) {
    skip_blanks(text);
    const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
    text.remove_prefix(word.size());
    return word;
}

// The name of a sample ends at its labels or at a blank.
std::string_view take_name(std::string_view& text, std::string_view ends) {
    const std::string_view name = text.substr(0, text.find_first_of(ends));
    text.remove_prefix(name.size());
    return name;
}

// The inside of a quoted value, behind its first quote; the text then begins behind the last one.
Result<std::string> take_quoted(std::string_view& text) {
    std::string value;
    while (!text.empty()) {
        const char letter = text.front();
        text.remove_prefix(1);
        if (letter == '"') return value;
        if (letter != '\\') {
            value += letter;
            continue;
        }
        const char escaped = text.empty() ? '\0' : text.front();
        if (escaped != '\\' && escaped != '"' && escaped != 'n') break;
        value += escaped == 'n' ? '\n' : escaped;
        text.remove_prefix(1);
    }
    return environment_error(R"(a label's value ends with ", and knows \\, \" and \n only)");
}

// As Go's ParseFloat reads it, but for hexadecimal and underscores.
std::optional<double> parse_value(std::string_view word) {
    if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
    std::string_view digits = word;
    if (digits.starts_with('+')) digits.remove_prefix(1);
    if (digits == "Inf") return std::numeric_limits<double>::infinity();
    if (digits == "-Inf") return -std::numeric_limits<double>::infinity();
    const std::string_view unsigned_digits = word.starts_with('-') ? word.substr(1) : digits;
    if (unsigned_digits.empty() || !(is_digit(unsigned_digits.front()) || unsigned_digits.front() == '.'))
        return std::nullopt;
    double value = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || rest != digits.data() + digits.size()) return std::nullopt;
    return value;
}

Result<Sample> parse_sample(std::string_view line) {
    Sample sample;
    sample.name = take_name(line, " \t{");
    if (!is_metric_name(sample.name))
        return environment_error(text::format("'{}' is no metric name", sample.name));
    skip_blanks(line);
    if (line.starts_with('{')) {
        line.remove_prefix(1);
        auto labels = take_labels(line);
        if (!labels) return labels.error();
        sample.labels = std::move(*labels);
    }
    const std::string_view word = take_word(line);
    const auto value = parse_value(word);
    if (!value) return environment_error(text::format("'{}' is no value", word));
    sample.value = *value;
    if (const std::string_view time = take_word(line); !time.empty()) {
        std::int64_t time_ms = 0;
        const auto [rest, error] = std::from_chars(time.data(), time.data() + time.size(), time_ms);
        if (error != std::errc{} || rest != time.data() + time.size())
            return environment_error(text::format("'{}' is no timestamp", time));
        sample.time_ms = time_ms;
    }
    if (!take_word(line).empty()) return environment_error("there is more behind the timestamp");
    return sample;
}

std::optional<FamilyType> parse_type(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, FamilyType>, 5> kTypes{
        {{"counter", FamilyType::counter},
         {"gauge", FamilyType::gauge},
         {"histogram", FamilyType::histogram},
         {"summary", FamilyType::summary},
         {"untyped", FamilyType::untyped}}};
    for (const auto& [name, type] : kTypes) {
        if (word == name) return type;
    }
    return std::nullopt;
}

// Behind the "#": only TYPE says something here.
Result<void> read_comment(std::string_view line, Exposition& exposition) {
    if (take_word(line) != "TYPE") return {};
    const std::string_view name = take_word(line);
    const std::string_view word = take_word(line);
    const auto type = parse_type(word);
    if (!is_metric_name(name)) return environment_error(text::format("'{}' is no metric name", name));
    if (!type) return environment_error(text::format("'{}' is no type", word));
    exposition.families.push_back({std::string(name), *type});
    return {};
}

Result<void> read_line(std::string_view line, Exposition& exposition) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    skip_blanks(line);
    if (line.empty()) return {};
    if (line.starts_with('#')) return read_comment(line.substr(1), exposition);
    auto sample = parse_sample(line);
    if (!sample) return sample.error();
    exposition.samples.push_back(std::move(*sample));
    return {};
}

}  // namespace

bool is_metric_name(std::string_view text) {
    const auto is_allowed = [](char letter) {
        return is_letter(letter) || is_digit(letter) || letter == ':';
    };
    return !text.empty() && !is_digit(text.front()) && std::all_of(text.begin(), text.end(), is_allowed);
}

bool is_label_name(std::string_view text) {
    return is_metric_name(text) && text.find(':') == std::string_view::npos;
}

Result<std::vector<Label>> take_labels(std::string_view& text) {
    std::vector<Label> labels;
    for (;;) {
        skip_blanks(text);
        if (text.starts_with('}')) break;
        Label label;
        label.name = take_name(text, " \t=,}\"");
        if (!is_label_name(label.name))
            return environment_error(text::format("'{}' is no label name", label.name));
        skip_blanks(text);
        if (!text.starts_with('=')) return environment_error("= is missing behind a label's name");
        text.remove_prefix(1);
        skip_blanks(text);
        if (!text.starts_with('"')) return environment_error("a label's value begins with \"");
        text.remove_prefix(1);
        auto value = take_quoted(text);
        if (!value) return value.error();
        label.value = std::move(*value);
        labels.push_back(std::move(label));
        skip_blanks(text);
        if (text.starts_with(',')) {
            text.remove_prefix(1);
        } else if (!text.starts_with('}')) {
            return environment_error("} or , is missing behind a label");
        }
    }
    text.remove_prefix(1);
    return labels;
}

Result<Exposition> parse_exposition(std::string_view text) {
    Exposition exposition;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (const auto read = read_line(line, exposition); !read)
            return environment_error(text::format("line {}: {}", number, read.error().what));
    }
    return exposition;
}

}  // namespace wsblast::watch
