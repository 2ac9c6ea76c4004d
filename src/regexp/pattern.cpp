#include "regexp/pattern.hpp"

#include <array>
#include <vector>

#include "base/limits.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace wsblast::regexp {

template <auto Free>
struct Freeing {
    template <class T>
    void operator()(T* owned) const {
        Free(owned);
    }
};

namespace {

// Matches go back on a stack of their own: what does not fit there finds nothing.
constexpr std::size_t kJitStackStart = 32 * kKiB;
constexpr std::size_t kJitStackMax = 1 * kMiB;

using CodeOwner = std::unique_ptr<pcre2_code, Freeing<pcre2_code_free>>;
using CompileContext = std::unique_ptr<pcre2_compile_context, Freeing<pcre2_compile_context_free>>;

PCRE2_SPTR units_of(std::string_view text) {
    return reinterpret_cast<PCRE2_SPTR>(text.data());
}

// What JavaScript's syntax means in PCRE2's: $ is the very end, [] matches nothing, a group that took no
// part is empty, \u0041 is a character.
constexpr std::uint32_t kDialect = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY |
                                   PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALT_BSUX |
                                   PCRE2_NEVER_BACKSLASH_C;

Result<std::uint32_t> options_of(std::string_view flags) {
    std::uint32_t options = kDialect;
    for (std::size_t i = 0; i < flags.size(); ++i) {
        if (flags.find(flags[i], i + 1) != std::string_view::npos)
            return usage_error("the flag '" + std::string(1, flags[i]) + "' stands there twice");
        if (flags[i] == 'i') {
            options |= PCRE2_CASELESS;
        } else if (flags[i] == 'm') {
            options |= PCRE2_MULTILINE;
        } else if (flags[i] == 's') {
            options |= PCRE2_DOTALL;
        } else if (std::string_view("guy").find(flags[i]) == std::string_view::npos) {
            return usage_error("'" + std::string(flags) +
                               "' are no flags of a regular expression: g, i, m, " + "s, u and y are");
        }
    }
    return options;
}

std::string message_of(int error) {
    std::array<PCRE2_UCHAR, 256> words{};
    pcre2_get_error_message(error, words.data(), words.size());
    return reinterpret_cast<const char*>(words.data());
}

}  // namespace

struct Pattern::Code {
    CodeOwner owned;
};

Result<Pattern> Pattern::compile(std::string_view text, std::string_view flags) {
    const auto options = options_of(flags);
    if (!options) return options.error();
    const CompileContext context(pcre2_compile_context_create(nullptr));
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_compile_extra_options(context.get(), PCRE2_EXTRA_ALT_BSUX);
    pcre2_set_max_pattern_length(context.get(), limits::kRegexpBytesMax);
    int error = 0;
    PCRE2_SIZE offset = 0;
    CodeOwner code(pcre2_compile(units_of(text), text.size(), *options, &error, &offset, context.get()));
    if (!code) {
        return usage_error("the regular expression '" + std::string(text.substr(0, 200)) +
                           "': " + message_of(error) + " at byte " + std::to_string(offset));
    }
    // Where there is no compiler for this processor, matches are interpreted.
    pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);
    Pattern made;
    made.code_ = std::make_shared<const Code>(Code{std::move(code)});
    if (made.groups() > limits::kRegexpGroupsMax) {
        return usage_error("the regular expression has " + std::to_string(made.groups()) +
                           " groups; at most " + std::to_string(limits::kRegexpGroupsMax) + " are allowed");
    }
    return made;
}

std::optional<std::uint32_t> Pattern::group(std::string_view name) const {
    const std::string terminated(name);
    const int number =
        pcre2_substring_number_from_name(code_->owned.get(), units_of(std::string_view(terminated)));
    if (number <= 0) return std::nullopt;
    return static_cast<std::uint32_t>(number);
}

std::uint32_t Pattern::groups() const {
    std::uint32_t count = 0;
    pcre2_pattern_info(code_->owned.get(), PCRE2_INFO_CAPTURECOUNT, &count);
    return count;
}

struct Matcher::Data {
    std::unique_ptr<pcre2_match_data, Freeing<pcre2_match_data_free>> found{
        pcre2_match_data_create(limits::kRegexpGroupsMax + 1, nullptr)};
    std::unique_ptr<pcre2_match_context, Freeing<pcre2_match_context_free>> context{
        pcre2_match_context_create(nullptr)};
    std::unique_ptr<pcre2_jit_stack, Freeing<pcre2_jit_stack_free>> stack{
        pcre2_jit_stack_create(kJitStackStart, kJitStackMax, nullptr)};
};

Matcher::Matcher() : data_(std::make_unique<Data>()) {
    pcre2_set_match_limit(data_->context.get(), limits::kRegexpStepsMax);
    pcre2_set_heap_limit(data_->context.get(), kJitStackMax / kKiB);
    pcre2_jit_stack_assign(data_->context.get(), nullptr, data_->stack.get());
}
Matcher::~Matcher() = default;

std::optional<std::string_view> Matcher::find(const Pattern& pattern, std::string_view subject,
                                              std::uint32_t group) {
    constexpr PCRE2_SIZE kStart = 0;
    constexpr std::uint32_t kNoOptions = 0;
    const int pairs = pcre2_match(pattern.code_->owned.get(), units_of(subject), subject.size(), kStart,
                                  kNoOptions, data_->found.get(), data_->context.get());
    // As many pairs as the last group that took part asks for; the others are unset.
    if (pairs <= 0 || group >= static_cast<std::uint32_t>(pairs)) return std::nullopt;
    const PCRE2_SIZE* const ends = pcre2_get_ovector_pointer(data_->found.get());
    const PCRE2_SIZE first = ends[2 * group];
    const PCRE2_SIZE last = ends[2 * group + 1];
    // With \K in a lookahead the beginning of a match can stand behind its end.
    if (first == PCRE2_UNSET || first > last) return std::nullopt;
    return subject.substr(first, last - first);
}

}  // namespace wsblast::regexp
