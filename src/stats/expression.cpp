#include "stats/expression.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "base/prng.hpp"
#include "text/format.hpp"

namespace wsblast::stats {

namespace {

constexpr int kDepthMax = 100;  // of parentheses and prefixes
using Values = std::map<std::string, double>;

bool word_begin(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_' ||
           letter == '$' || static_cast<unsigned char>(letter) >= 0x80;
}
bool digit(char letter) {
    return letter >= '0' && letter <= '9';
}
bool word_part(char letter) {
    return word_begin(letter) || digit(letter) || letter == '.';
}

enum class TokenKind { number, name, sign, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::string_view text{};  // of a name without its quotes
    double number = 0;
    std::size_t at = 0;
    bool quoted = false;

    [[nodiscard]] bool is(std::string_view what) const {
        return !quoted && kind != TokenKind::number && kind != TokenKind::end && text == what;
    }
};

bool reserved(std::string_view word) {
    constexpr std::array<std::string_view, 4> kWords{"and", "or", "not", "in"};
    return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// Cuts a text into tokens. `known` are the names that there are.
class Tokens {
  public:
    Tokens(std::string_view text, const Values& known) : text_(text), known_(known) { take(); }

    [[nodiscard]] const Token& next() const { return next_; }
    Token take() {
        const Token taken = next_;
        skip_blanks();
        next_ = at_ == text_.size() ? Token{.at = at_} : read();
        return taken;
    }

  private:
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
    }

    Token read() {
        const std::size_t begin = at_;
        const char letter = text_[at_];
        if (letter == '\'') return read_quoted();
        if (const std::size_t length = known_length(begin); length > 0) return cut(TokenKind::name, length);
        if (digit(letter) || (letter == '.' && begin + 1 < text_.size() && digit(text_[begin + 1]))) {
            return read_number();
        }
        if (word_begin(letter)) return cut(TokenKind::name, name_length(begin));
        constexpr std::array<std::string_view, 4> kPairs{"==", "!=", "<=", ">="};
        const std::string_view pair = text_.substr(begin, 2);
        const bool two = std::find(kPairs.begin(), kPairs.end(), pair) != kPairs.end();
        return cut(TokenKind::sign, two ? 2 : 1);
    }

    Token cut(TokenKind kind, std::size_t length) {
        const Token token{.kind = kind, .text = text_.substr(at_, length), .at = at_};
        at_ += length;
        return token;
    }

    Token read_quoted() {
        const std::size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos) return cut(TokenKind::sign, 1);
        Token token{.kind = TokenKind::name, .text = text_.substr(at_ + 1, end - at_ - 1), .at = at_};
        token.quoted = true;
        at_ = end + 1;
        return token;
    }

    Token read_number() {
        Token token{.kind = TokenKind::number, .at = at_};
        const char* const begin = text_.data() + at_;
        const auto read = std::from_chars(begin, text_.data() + text_.size(), token.number);
        const auto length = static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, read.ptr - begin));
        token.text = text_.substr(at_, length);
        at_ += length;
        return token;
    }

    [[nodiscard]] std::size_t word_length(std::size_t begin) const {
        std::size_t end = begin;
        while (end < text_.size() && word_part(text_[end])) ++end;
        return end - begin;
    }

    // The longest name that stands here and ends here.
    [[nodiscard]] std::size_t known_length(std::size_t begin) const {
        std::size_t longest = 0;
        for (const auto& [name, value] : known_) {
            const std::size_t end = begin + name.size();
            if (name.size() <= longest || text_.substr(begin, name.size()) != name) continue;
            if (end == text_.size() || !word_part(text_[end])) longest = name.size();
        }
        return longest;
    }

    // A word, and what belongs to its name: further words, behind a blank or, if they are no names of
    // their own, behind a dash.
    [[nodiscard]] std::size_t name_length(std::size_t begin) const {
        std::size_t end = begin + word_length(begin);
        if (reserved(text_.substr(begin, end - begin))) return end - begin;
        while (end + 1 < text_.size() && (text_[end] == ' ' || text_[end] == '-')) {
            const std::size_t length = word_begin(text_[end + 1]) ? word_length(end + 1) : 0;
            const std::string_view word = text_.substr(end + 1, length);
            if (length == 0 || reserved(word)) break;
            const bool own_name = word.find('.') != std::string_view::npos || known_length(end + 1) > 0;
            if (text_[end] == '-' && own_name) break;
            end += 1 + length;
        }
        return end - begin;
    }

    std::string_view text_;
    const Values& known_;
    std::size_t at_ = 0;
    Token next_;
};

// What is counted and was not is 0; a figure of values that there are none of is nothing.
std::optional<double> value_of(const std::string& name, const Values& values) {
    if (const auto found = values.find(name); found != values.end()) return found->second;
    constexpr std::array<std::string_view, 3> kCounted{"vusers.", "errors.", "websocket."};
    constexpr std::array<std::string_view, 10> kFigures{".min", ".max", ".mean", ".p50", ".median",
                                                        ".p75", ".p90", ".p95",  ".p99", ".p999"};
    const auto begins = [&](std::string_view with) { return name.starts_with(with); };
    const auto ends = [&](std::string_view with) { return name.ends_with(with); };
    const bool counted = std::any_of(kCounted.begin(), kCounted.end(), begins) &&
                         std::none_of(kFigures.begin(), kFigures.end(), ends);
    return counted ? std::optional(0.0) : std::nullopt;
}

std::optional<double> function_value(std::string_view function, const std::vector<double>& of) {
    const bool one = of.size() == 1;
    if (function == "random" && of.empty()) return static_cast<double>(random_seed() >> 11) * 0x1p-53;
    if (function == "max" && !of.empty()) return *std::max_element(of.begin(), of.end());
    if (function == "min" && !of.empty()) return *std::min_element(of.begin(), of.end());
    if (function == "abs" && one) return std::fabs(of[0]);
    if (function == "ceil" && one) return std::ceil(of[0]);
    if (function == "floor" && one) return std::floor(of[0]);
    if (function == "log" && one) return std::log(of[0]);
    if (function == "round" && one) return std::floor(of[0] + 0.5);
    if (function == "sqrt" && one) return std::sqrt(of[0]);
    return std::nullopt;
}

// Reads and evaluates at once: it is done once a run. Without values, every name is 1, and only the syntax
// is looked at.
class Evaluation {
  public:
    enum class Names { valued, ignored };

    Evaluation(std::string_view text, const Values& values, Names names)
        : text_(text), values_(values), names_(names), tokens_(text, values) {}

    Result<double> run() {
        const double value = choice();
        if (tokens_.next().kind != TokenKind::end) refuse(tokens_.next());
        return error_ ? Result<double>(*error_) : Result<double>(value);
    }

  private:
    double choice() {
        const double condition = either();
        if (!accept("?")) return condition;
        const double yes = choice();
        demand(":");
        const double no = choice();
        return truth(condition) ? yes : no;
    }
    double either() {
        double value = both();
        while (accept("or")) {
            const bool right = truth(both());
            value = truth(value) || right ? 1 : 0;
        }
        return value;
    }
    double both() {
        double value = member();
        while (accept("and")) {
            const bool right = truth(member());
            value = truth(value) && right ? 1 : 0;
        }
        return value;
    }
    double member() {
        const double value = equality();
        const bool no = accept("not");
        if (!accept("in")) {
            if (no) refuse(tokens_.next());
            return value;
        }
        demand("(");
        const std::vector<double> of = list();
        const bool found = std::find(of.begin(), of.end(), value) != of.end();
        return found != no ? 1 : 0;
    }
    double equality() {
        double value = order();
        while (tokens_.next().is("==") || tokens_.next().is("!=")) {
            const bool wanted = tokens_.take().text == "==";
            value = (value == order()) == wanted ? 1 : 0;
        }
        return value;
    }
    double order() {
        double value = sum();
        while (true) {
            if (accept("<")) {
                value = value < sum() ? 1 : 0;
            } else if (accept("<=")) {
                value = value <= sum() ? 1 : 0;
            } else if (accept(">")) {
                value = value > sum() ? 1 : 0;
            } else if (accept(">=")) {
                value = value >= sum() ? 1 : 0;
            } else {
                return value;
            }
        }
    }
    double sum() {
        double value = product();
        while (tokens_.next().is("+") || tokens_.next().is("-")) {
            const bool plus = tokens_.take().text == "+";
            const double right = product();
            value = plus ? value + right : value - right;
        }
        return value;
    }
    double product() {
        double value = power();
        while (true) {
            if (accept("*")) {
                value *= power();
            } else if (accept("/")) {
                value /= power();
            } else if (accept("%")) {
                value = std::fmod(value, power());
            } else {
                return value;
            }
        }
    }
    double power() {
        const double base = prefixed();
        return accept("^") ? std::pow(base, power()) : base;
    }
    double prefixed() {
        if (++depth_ > kDepthMax) {
            fail("it is nested too deeply");
            return 0;
        }
        double value = 0;
        if (accept("-")) {
            value = -prefixed();
        } else if (accept("not")) {
            value = truth(prefixed()) ? 0 : 1;
        } else {
            value = single();
        }
        --depth_;
        return value;
    }
    double single() {
        const Token token = tokens_.next();
        if (accept("(")) {
            const double value = choice();
            demand(")");
            return value;
        }
        const bool word = token.kind == TokenKind::name && (token.quoted || !reserved(token.text));
        if (token.kind != TokenKind::number && !word) {
            refuse(token);
            return 0;
        }
        tokens_.take();
        if (token.kind == TokenKind::number) return token.number;
        return !token.quoted && accept("(") ? call(token) : named(token);
    }

    double call(const Token& function) {
        const auto value = function_value(function.text, list());
        if (value) return *value;
        fail(text::format(
            "there is no function {}() of so many numbers; there are abs, ceil, floor, log, max, min, "
            "random, round and sqrt",
            function.text));
        return 0;
    }
    double named(const Token& token) {
        if (names_ == Names::ignored) return 1;
        const auto value = value_of(std::string(token.text), values_);
        if (!value) fail(text::format("nothing was measured by the name {}", token.text));
        return value.value_or(0);
    }
    // What stands behind an opening parenthesis, up to the closing one.
    std::vector<double> list() {
        std::vector<double> values;
        if (accept(")")) return values;
        do {
            values.push_back(choice());
        } while (!error_ && accept(","));
        demand(")");
        return values;
    }

    static bool truth(double value) { return value != 0 && !std::isnan(value); }
    bool accept(std::string_view sign) {
        const bool there = !error_ && tokens_.next().is(sign);
        if (there) tokens_.take();
        return there;
    }
    void demand(std::string_view sign) {
        if (!accept(sign)) refuse(tokens_.next());
    }
    void refuse(const Token& token) {
        fail(token.kind == TokenKind::end
                 ? "it ends too early"
                 : text::format("'{}' at column {} is not understood", token.text, token.at + 1));
    }
    void fail(std::string_view why) {
        if (!error_) error_ = usage_error(text::format("'{}': {}", text_, why));
    }

    std::string_view text_;
    const Values& values_;
    Names names_;
    Tokens tokens_;
    int depth_ = 0;
    std::optional<Error> error_;
};

}  // namespace

Result<Expression> Expression::parse(std::string_view text) {
    const Values none;
    const auto read = Evaluation(text, none, Evaluation::Names::ignored).run();
    if (!read) return read.error();
    return Expression(text);
}

Result<double> Expression::evaluate(const std::map<std::string, double>& values) const {
    return Evaluation(text_, values, Evaluation::Names::valued).run();
}

}  // namespace wsblast::stats
