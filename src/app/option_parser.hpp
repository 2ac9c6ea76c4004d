// The words of a command line, read by the tables of options that a command takes: what is unknown,
// repeated or badly written is an error that says what is allowed. Boost's parser stays in the source. The
// main thread.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.hpp"
#include "app/option_table.hpp"
#include "base/result.hpp"
#include "plan/run_options.hpp"

namespace wsblast::app {

// One option as it was written: "--connections 50k" or $CONNECTIONS.
struct Given {
    std::string name;
    std::string value;
    plan::Origin origin = plan::Origin::option;
};

// What is known of an option before its value is read.
struct OptionName {
    std::string_view name;
    Arity arity;
};

template <class Options>
void add_names(std::span<const OptionEntry<Options>> table, std::vector<OptionName>& names) {
    for (const OptionEntry<Options>& entry : table) names.push_back({entry.name, entry.arity});
}

// What was written, in order. Usage errors: an unknown option, a word that is none, a missing value, one
// that is given too often.
[[nodiscard]] Result<std::vector<Given>> split_options(const std::vector<std::string>& words,
                                                       std::span<const OptionName> allowed,
                                                       Command command);

[[nodiscard]] bool is_given(const std::vector<Given>& given, std::string_view name);

// "--connections", or the environment variable that it came from.
[[nodiscard]] std::string name_of(const Given& given);

// Reads the values of those options that the table has; the others belong to another table.
template <class Options>
[[nodiscard]] Result<void> apply(Options& options, const std::vector<Given>& given,
                                 std::span<const OptionEntry<Options>> table) {
    for (const Given& one : given) {
        const OptionEntry<Options>* entry = find_option(table, one.name);
        if (entry == nullptr) continue;
        const Result<void> set = entry->set(options, one.value);
        if (!set) return Error{set.error().fault, name_of(one) + ": " + set.error().what};
    }
    return {};
}

// A command that takes options of one table only.
template <class Options>
[[nodiscard]] Result<std::vector<Given>> read_options(const std::vector<std::string>& words,
                                                      std::span<const OptionEntry<Options>> table,
                                                      Command command) {
    std::vector<OptionName> names;
    add_names(table, names);
    return split_options(words, names, command);
}

}  // namespace wsblast::app
