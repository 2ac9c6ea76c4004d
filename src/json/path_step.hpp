// What a JSONPath is compiled to: for the parser and the reader of this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/value.hpp"
#include "json/path.hpp"

namespace wsblast::json {

// --- filters: ?(@.n > 3 && !@.done) --------------------------------------------------------------

// Of a comparison: what @ leads to by `names`, or a literal.
struct FilterOperand {
    enum class Kind : std::uint8_t { path, literal } kind = Kind::literal;
    std::vector<std::string> names{};
    OwnedValue literal{};
};

// JavaScript's: == and != convert, === and !== do not.
enum class FilterOperator : std::uint8_t {
    equal,
    not_equal,
    same,
    not_same,
    less,
    less_or_equal,
    greater,
    greater_or_equal,
};

struct FilterNode {
    enum class Kind : std::uint8_t { any_of, all_of, negation, comparison, truth } kind = Kind::truth;
    std::vector<FilterNode> parts{};  // of any_of and all_of; of a negation one
    FilterOperand left{};             // of a comparison and of truth
    FilterOperator by = FilterOperator::equal;
    FilterOperand right{};
};

// Reads "(@.n > 3)" from `text` at `at`, and leaves `at` behind its bracket. Usage error: what is not
// understood, without the place, which `at` is.
[[nodiscard]] Result<FilterNode> parse_filter(std::string_view text, std::size_t& at);

// --- steps ---------------------------------------------------------------------------------------

struct Selector {
    enum class Kind : std::uint8_t { name, index, slice, every, filter } kind = Kind::name;
    std::string name{};                   // of a member; of an index as it was written
    std::int64_t index = 0;               // negative: from the end
    std::optional<std::int64_t> first{};  // of a slice, as Python has it
    std::optional<std::int64_t> last{};
    std::int64_t stride = 1;
    FilterNode filter{};
};

struct Path::Step {
    enum class Reach : std::uint8_t { children, descendants } reach = Reach::children;
    std::vector<Selector> selectors{};  // a union: one after the other
};

}  // namespace wsblast::json
