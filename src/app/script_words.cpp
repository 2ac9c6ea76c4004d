#include "app/script_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/secrets.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

struct Letter {
    char letter;
    std::string_view name;
};
constexpr std::array<Letter, 10> kLetters{{{'e', "environment"},
                                           {'t', "target"},
                                           {'c', "config"},
                                           {'i', "input"},
                                           {'v', "variables"},
                                           {'o', "output"},
                                           {'p', "payload"},
                                           {'k', "insecure"},
                                           {'s', "solo"},
                                           {'q', "quiet"}}};

const OptionName* find(std::span<const OptionName> allowed, std::string_view name) {
    const auto found = std::find_if(allowed.begin(), allowed.end(),
                                    [=](const OptionName& option) { return option.name == name; });
    return found == allowed.end() ? nullptr : &*found;
}

// "--target" of "-t"; none for a letter that this command does not have.
Result<std::string> long_name(const std::string& word, std::span<const OptionName> allowed,
                              Command command) {
    for (const Letter& letter : kLetters) {
        if (word.size() == 2 && word[1] == letter.letter && find(allowed, letter.name) != nullptr)
            return "--" + std::string(letter.name);
    }
    std::string known;
    for (const Letter& letter : kLetters) {
        if (find(allowed, letter.name) == nullptr) continue;
        known += text::format("{}-{}", known.empty() ? "" : " ", letter.letter);
    }
    return usage_error(
        text::format("unknown option '{}'; those of one letter are {}, 'wsblast {} --help' lists all", word,
                     known, entry_of(command).name));
}

}  // namespace

Result<ScriptWords> split_script_words(std::span<const std::string> words,
                                       std::span<const OptionName> allowed, Command command) {
    ScriptWords split;
    std::size_t at = 0;
    for (; at < words.size() && words[at] != "--"; ++at) {
        std::string word = words[at];
        if (!word.starts_with("-") || word == "-") {
            split.files.push_back(word);
            continue;
        }
        if (!word.starts_with("--")) {
            const auto name = long_name(word, allowed, command);
            if (!name) return name.error();
            word = *name;
        }
        split.options.push_back(word);
        const OptionName* option = find(allowed, word.substr(2));
        const bool valued = option != nullptr && option->arity != Arity::flag;
        // Joined, so that a value may begin with a dash.
        if (valued && at + 1 < words.size()) split.options.back() += "=" + words[++at];
    }
    for (++at; at < words.size(); ++at) split.files.push_back(words[at]);
    if (split.files.empty()) {
        return usage_error(text::format("{} needs a scenario file, as in: wsblast {} FILE.yml",
                                        entry_of(command).name, entry_of(command).name));
    }
    return split;
}

std::string fill_holes(std::string url, std::string_view filling) {
    for (std::size_t at = url.find("{{"); at != std::string::npos; at = url.find("{{", at)) {
        const std::size_t end = url.find("}}", at);
        if (end == std::string::npos) break;
        url.replace(at, end + 2 - at, filling);
    }
    return url;
}

std::string shown_target(std::string url) {
    return proto::shown_url(fill_holes(std::move(url), "*"));
}

std::vector<std::string> shown_targets(std::span<const plan::ScenarioTarget> targets) {
    std::vector<std::string> shown;
    for (const plan::ScenarioTarget& target : targets) {
        std::string url = shown_target(target.url);
        if (std::ranges::find(shown, url) == shown.end()) shown.push_back(std::move(url));
    }
    return shown;
}

}  // namespace wsblast::app
