#include "app/secrets.hpp"

#include <algorithm>
#include <string_view>

#include "app/option_table.hpp"

namespace wsblast::app {

namespace {

const RunOption* option_of(std::string_view word) {
    if (!word.starts_with("--")) return nullptr;
    return find_option(run_options(), word.substr(2, word.find('=') - 2));
}

void hide(const RunOption& option, char* value) {
    const std::string_view text(value);
    if (option.shown(std::string(text)) != text) std::fill_n(value, text.size(), '*');
}

}  // namespace

void hide_secrets(std::span<char* const> words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word(words[i]);
        const RunOption* option = option_of(word);
        if (option == nullptr || option->shown == nullptr) continue;
        if (const std::size_t equals = word.find('='); equals != std::string_view::npos) {
            hide(*option, words[i] + equals + 1);
        } else if (i + 1 < words.size()) {
            hide(*option, words[++i]);
        }
    }
}

}  // namespace wsblast::app
