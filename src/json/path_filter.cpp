#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/limits.hpp"
#include "json/path_step.hpp"

namespace wsblast::json {

namespace {

struct OperatorWord {
    std::string_view word;
    FilterOperator by;
};
// The longer ones first.
constexpr std::array<OperatorWord, 8> kOperators{{{"===", FilterOperator::same},
                                                  {"!==", FilterOperator::not_same},
                                                  {"==", FilterOperator::equal},
                                                  {"!=", FilterOperator::not_equal},
                                                  {"<=", FilterOperator::less_or_equal},
                                                  {">=", FilterOperator::greater_or_equal},
                                                  {"<", FilterOperator::less},
                                                  {">", FilterOperator::greater}}};

bool is_word_letter(char letter) {
    return letter == '_' || letter == '$' || (letter >= '0' && letter <= '9') ||
           (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

// By precedence: any_of, all_of, negation, comparison, operand. Recursion is bounded by kNestingMax.
class FilterParser {
  public:
    FilterParser(std::string_view text, std::size_t& at) : text_(text), at_(at) {}

    Result<FilterNode> group() {
        if (!take("(")) return usage_error("has no ( behind ?");
        if (++depth_ > limits::kNestingMax) return usage_error("has too many brackets");
        auto node = any_of();
        if (node && !take(")")) return usage_error("has no ) at the end of its filter");
        --depth_;
        return node;
    }

  private:
    void skip_blanks() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    bool next_is(std::string_view word) {
        skip_blanks();
        return text_.substr(at_).starts_with(word);
    }
    bool take(std::string_view word) {
        if (!next_is(word)) return false;
        at_ += word.size();
        return true;
    }

    using Level = Result<FilterNode> (FilterParser::*)();

    Result<FilterNode> any_of() { return joined({FilterNode::Kind::any_of, "||"}, &FilterParser::all_of); }
    Result<FilterNode> all_of() { return joined({FilterNode::Kind::all_of, "&&"}, &FilterParser::single); }

    Result<FilterNode> joined(std::pair<FilterNode::Kind, std::string_view> by, Level part) {
        FilterNode node{.kind = by.first};
        do {
            auto next = (this->*part)();
            if (!next) return next;
            node.parts.push_back(std::move(*next));
        } while (take(by.second));
        if (node.parts.size() > 1) return node;
        FilterNode only = std::move(node.parts.front());
        return only;
    }

    Result<FilterNode> single() {
        if (!next_is("!=") && take("!")) {
            if (++depth_ > limits::kNestingMax) return usage_error("has too many brackets");
            auto inner = single();
            --depth_;
            if (!inner) return inner;
            FilterNode node{.kind = FilterNode::Kind::negation};
            node.parts.push_back(std::move(*inner));
            return node;
        }
        if (next_is("(")) return group();
        auto left = operand();
        if (!left) return left.error();
        FilterNode node{.left = std::move(*left)};
        for (const OperatorWord& known : kOperators) {
            if (!take(known.word)) continue;
            auto right = operand();
            if (!right) return right.error();
            node.kind = FilterNode::Kind::comparison;
            node.by = known.by;
            node.right = std::move(*right);
            break;
        }
        return node;
    }

    Result<FilterOperand> operand() {
        skip_blanks();
        if (take("@")) return path();
        if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
            auto words = quoted();
            if (!words) return words.error();
            return literal(Value::of_text(*words));
        }
        const std::size_t first = at_;
        while (at_ < text_.size() &&
               (is_word_letter(text_[at_]) || text_[at_] == '.' || text_[at_] == '-' || text_[at_] == '+'))
            ++at_;
        const std::string_view word = text_.substr(first, at_ - first);
        if (word == "true" || word == "false") return literal(Value::of_boolean(word == "true" ? 1 : 0));
        if (word == "null") return literal(Value::of_null());
        if (word == "undefined") return literal(Value{});
        double number = 0;
        const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error == std::errc{} && rest == word.data() + word.size())
            return literal(Value::of_number(number));
        at_ = first;
        return usage_error(
            "has a filter that is not understood (values are @.name, numbers, 'texts', true, "
            "false and null)");
    }

    static FilterOperand literal(const Value& value) { return {.literal = OwnedValue(value)}; }

    Result<std::string> quoted() {
        const char quote = text_[at_];
        std::string words;
        std::size_t next = at_ + 1;
        for (; next < text_.size() && text_[next] != quote; ++next) {
            if (text_[next] == '\\' && next + 1 < text_.size()) ++next;
            words += text_[next];
        }
        if (next >= text_.size()) return usage_error("has a text without its end");
        at_ = next + 1;
        return words;
    }

    // Behind @: .name, ['name'], [0]
    Result<FilterOperand> path() {
        FilterOperand operand{.kind = FilterOperand::Kind::path};
        for (;;) {
            const bool bracket = at_ < text_.size() && text_[at_] == '[';
            if (!bracket && !(at_ < text_.size() && text_[at_] == '.')) return operand;
            ++at_;
            auto name = bracket && (next_is("'") || next_is("\"")) ? quoted() : word();
            if (!name) return name.error();
            operand.names.push_back(std::move(*name));
            if (operand.names.size() > limits::kPathStepsMax) return usage_error("has too many steps");
            if (bracket && !take("]")) return usage_error("has no ]");
        }
    }

    Result<std::string> word() {
        const std::size_t first = at_;
        while (at_ < text_.size() && is_word_letter(text_[at_])) ++at_;
        if (at_ == first) return usage_error("has no name");
        if (at_ < text_.size() && text_[at_] == '(')
            return usage_error("calls a function in its filter, which is not supported,");
        return std::string(text_.substr(first, at_ - first));
    }

    std::string_view text_;
    std::size_t& at_;
    std::uint32_t depth_ = 0;
};

}  // namespace

Result<FilterNode> parse_filter(std::string_view text, std::size_t& at) {
    return FilterParser(text, at).group();
}

}  // namespace wsblast::json
