#include "json/path.hpp"

#include <algorithm>
#include <charconv>

#include "base/limits.hpp"
#include "json/path_step.hpp"

namespace wsblast::json {

namespace {

constexpr std::string_view kAllowed =
    "; a JSONPath is like $.a.b, $['a'], $.list[0], $.list[-1], $.list[0,2], $.list[1:3], $.*, $..id or "
    "$.list[?(@.n > 3)]";

// Reads a path from left to right; `at` is where it is.
class PathParser {
  public:
    explicit PathParser(std::string_view text) : text_(text) {}

    Result<std::vector<Path::Step>> parse() {
        std::vector<Path::Step> steps;
        if (text_.empty()) return broken("is empty");
        if (text_[0] == '$') {
            ++at_;
        } else if (text_[0] != '[' && text_[0] != '.') {
            // Without $ it begins with a name.
            auto step = name_step(Path::Step::Reach::children);
            if (!step) return step.error();
            steps.push_back(std::move(*step));
        }
        while (at_ < text_.size()) {
            auto step = next_step();
            if (!step) return step.error();
            steps.push_back(std::move(*step));
            if (steps.size() > limits::kPathStepsMax) return broken("has too many steps");
        }
        return steps;
    }

  private:
    using Reach = Path::Step::Reach;

    Error broken(const std::string& what) const {
        return usage_error("the JSONPath '" + std::string(text_.substr(0, 200)) + "' " + what +
                           " at byte " + std::to_string(at_) + std::string(kAllowed));
    }
    bool take(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }
    void skip_blanks() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }

    Result<Path::Step> next_step() {
        if (take("..")) {
            return at_ < text_.size() && text_[at_] == '[' ? bracket_step(Reach::descendants)
                                                           : name_step(Reach::descendants);
        }
        if (take(".")) {
            // $.[0] is taken for $[0], as jsonpath-plus does.
            return at_ < text_.size() && text_[at_] == '[' ? bracket_step(Reach::children)
                                                           : name_step(Reach::children);
        }
        if (text_[at_] == '[') return bracket_step(Reach::children);
        return broken("has '" + std::string(1, text_[at_]) + "' where . or [ has to stand,");
    }

    Result<Path::Step> name_step(Reach reach) {
        const std::size_t end = std::min(text_.find_first_of(".[", at_), text_.size());
        const std::string_view name = text_.substr(at_, end - at_);
        if (name.empty()) return broken("has no name");
        if (name.find_first_of("^~@()'\"`]") != std::string_view::npos)
            return broken("has '" + std::string(name) + "', which is not supported,");
        at_ = end;
        return Path::Step{reach, {name == "*" ? Selector{.kind = Selector::Kind::every} : named(name)}};
    }

    static Selector named(std::string_view name) {
        Selector selector{.name = std::string(name)};
        const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), selector.index);
        const bool whole = error == std::errc{} && rest == name.data() + name.size();
        if (whole) selector.kind = Selector::Kind::index;
        return selector;
    }

    Result<Path::Step> bracket_step(Reach reach) {
        Path::Step step{reach, {}};
        ++at_;
        do {
            skip_blanks();
            auto selector = next_selector();
            if (!selector) return selector.error();
            step.selectors.push_back(std::move(*selector));
            if (step.selectors.size() > limits::kPathStepsMax) return broken("has too many parts");
            skip_blanks();
        } while (take(","));
        if (!take("]")) return broken("has no ]");
        return step;
    }

    Result<Selector> next_selector() {
        if (take("*")) return Selector{.kind = Selector::Kind::every};
        if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) return quoted();
        if (take("?")) return filtered();
        if (take("(@.length")) return from_end();
        const std::size_t end = std::min(text_.find_first_of(",]", at_), text_.size());
        std::string_view word = text_.substr(at_, end - at_);
        while (word.ends_with(' ')) word.remove_suffix(1);
        if (word.find(':') != std::string_view::npos) return slice(word, end);
        const bool plain = !word.empty() && std::ranges::all_of(word, [](char letter) {
            return letter == '_' || letter == '-' || letter == '$' || (letter >= '0' && letter <= '9') ||
                   (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
        });
        if (!plain)
            return broken("has '" + std::string(word) + "' between [ and ], which is not supported,");
        at_ = end;
        return named(word);
    }

    Result<Selector> quoted() {
        const char quote = text_[at_];
        Selector selector;
        std::size_t next = at_ + 1;
        for (; next < text_.size() && text_[next] != quote; ++next) {
            if (text_[next] == '\\' && next + 1 < text_.size()) ++next;
            selector.name += text_[next];
        }
        if (next >= text_.size()) return broken("has a text without its end");
        at_ = next + 1;
        return selector;
    }

    Result<Selector> filtered() {
        auto filter = parse_filter(text_, at_);
        if (!filter) return broken(filter.error().what);
        return Selector{.kind = Selector::Kind::filter, .filter = std::move(*filter)};
    }

    // (@.length-1): the last one.
    Result<Selector> from_end() {
        Selector selector{.kind = Selector::Kind::index};
        skip_blanks();
        const std::size_t end = std::min(text_.find(')', at_), text_.size());
        std::string_view word = text_.substr(at_, end - at_);
        if (!word.starts_with('-') || end == text_.size()) return broken("has no (@.length-1)");
        word.remove_prefix(1);
        while (word.starts_with(' ')) word.remove_prefix(1);
        while (word.ends_with(' ')) word.remove_suffix(1);
        const auto offset = whole_number(word);
        if (!offset || *offset < 1) return broken("has no (@.length-1)");
        at_ = end + 1;
        selector.index = -*offset;
        return selector;
    }

    Result<Selector> slice(std::string_view word, std::size_t end) {
        Selector selector{.kind = Selector::Kind::slice};
        std::optional<std::int64_t> stride;
        const auto parts = {&selector.first, &selector.last, &stride};
        auto part = parts.begin();
        for (bool more = true; more; ++part) {
            const std::size_t colon = word.find(':');
            more = colon != std::string_view::npos;
            const std::string_view number = word.substr(0, colon);
            if (part == parts.end()) return broken("has a slice of more than three parts");
            if (!number.empty() && !(** part = whole_number(number)))
                return broken("has a slice with '" + std::string(number) + "', which is no whole number,");
            word.remove_prefix(more ? colon + 1 : word.size());
        }
        selector.stride = stride.value_or(1);
        if (selector.stride < 1) return broken("has a slice with a step below 1");
        at_ = end;
        return selector;
    }

    static std::optional<std::int64_t> whole_number(std::string_view text) {
        constexpr std::int64_t kSizeMax = std::int64_t{1} << 53;
        std::int64_t number = 0;
        const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
        if (number > kSizeMax || number < -kSizeMax) return std::nullopt;
        return number;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Result<Path> Path::parse(std::string_view text) {
    auto steps = PathParser(text).parse();
    if (!steps) return steps.error();
    Path path;
    for (Step& step : *steps) path.steps_.push_back(std::make_shared<const Step>(std::move(step)));
    return path;
}

}  // namespace wsblast::json
