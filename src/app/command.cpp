#include "app/command.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace wsblast::app {

namespace {

// So much of a name is enough to mean it: "--c" is not, "--conn" is.
constexpr std::size_t kPrefixMin = 4;

// Levenshtein's distance, one row at a time.
std::size_t edits_between(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

const CommandEntry& entry_of(Command command) {
    return *std::find_if(kCommands.begin(), kCommands.end(),
                         [=](const CommandEntry& entry) { return entry.command == command; });
}

Result<Command> parse_command(std::string_view name) {
    std::vector<std::string_view> names;
    std::string list;
    for (const CommandEntry& entry : kCommands) {
        if (entry.name == name) return entry.command;
        names.push_back(entry.name);
        if (entry.state == CommandState::available)
            list += (list.empty() ? "" : ", ") + std::string(entry.name);
    }
    return usage_error("unknown command '" + std::string(name) + "'" + suggestion(name, names) +
                       "; the commands are " + list);
}

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
    std::string_view best;
    std::size_t fewest = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        const bool begun = name.size() >= kPrefixMin && candidate.starts_with(name);
        const std::size_t edits = begun ? 1 : edits_between(name, candidate);
        if (edits < fewest && edits < candidate.size()) {
            fewest = edits;
            best = candidate;
        }
    }
    return best;
}

std::string suggestion(std::string_view name, std::span<const std::string_view> candidates) {
    const std::string_view meant = nearest(name, candidates);
    return meant.empty() ? "" : " (did you mean '" + std::string(meant) + "'?)";
}

}  // namespace wsblast::app
