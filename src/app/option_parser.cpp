#include "app/option_parser.hpp"

#include <boost/program_options.hpp>

#include "text/format.hpp"

namespace wsblast::app {

namespace {

namespace po = boost::program_options;

Error unknown_option(const std::string& written, std::span<const OptionName> allowed, Command command) {
    std::vector<std::string> names;
    for (const OptionName& option : allowed) names.push_back("--" + std::string(option.name));
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    const std::string name = written.substr(0, written.find('='));
    return usage_error(text::format("unknown option '{}'{}; 'wsblast {} --help' lists what is allowed",
                                    name, suggestion(name, candidates), entry_of(command).name));
}

po::options_description describe(std::span<const OptionName> allowed) {
    po::options_description description;
    for (const OptionName& option : allowed) {
        const std::string name(option.name);
        if (option.arity == Arity::flag) {
            description.add_options()(name.c_str(), "");
        } else {
            description.add_options()(name.c_str(), po::value<std::string>(), "");
        }
    }
    return description;
}

// What Boost's parser found, in order. Boost throws; nothing leaves this function but a Result.
Result<std::vector<Given>> parse_words(const std::vector<std::string>& words,
                                       std::span<const OptionName> allowed, Command command) {
    constexpr int kLongOptionsOnly = po::command_line_style::allow_long |
                                     po::command_line_style::long_allow_adjacent |
                                     po::command_line_style::long_allow_next;
    std::vector<Given> given;
    try {
        const po::options_description description = describe(allowed);
        const po::parsed_options parsed =
            po::command_line_parser(words).options(description).style(kLongOptionsOnly).run();
        for (const auto& option : parsed.options) {
            if (option.position_key >= 0) {
                const std::string& word = option.value.front();
                if (word.starts_with("-")) return unknown_option(word, allowed, command);
                return usage_error(text::format(
                    "unexpected argument '{}'; options begin with --, as in --connections 100", word));
            }
            given.push_back({option.string_key, option.value.empty() ? "" : option.value.front()});
        }
    } catch (const po::unknown_option& error) {
        return unknown_option(error.get_option_name(), allowed, command);
    } catch (const po::error& error) {
        return usage_error(text::format("{}; 'wsblast {} --help' lists the options and their values",
                                        error.what(), entry_of(command).name));
    }
    return given;
}

Result<void> check_repetition(const std::vector<Given>& given, std::span<const OptionName> allowed) {
    for (const OptionName& option : allowed) {
        const auto times = std::count_if(given.begin(), given.end(),
                                         [&](const Given& one) { return one.name == option.name; });
        if (times > 1 && option.arity == Arity::once) {
            return usage_error(
                text::format("--{} is given {} times; it may be given once", option.name, times));
        }
    }
    return {};
}

}  // namespace

Result<std::vector<Given>> split_options(const std::vector<std::string>& words,
                                         std::span<const OptionName> allowed, Command command) {
    Result<std::vector<Given>> given = parse_words(words, allowed, command);
    if (!given) return given.error();
    const Result<void> once = check_repetition(*given, allowed);
    if (!once) return once.error();
    return given;
}

bool is_given(const std::vector<Given>& given, std::string_view name) {
    return std::any_of(given.begin(), given.end(), [=](const Given& one) { return one.name == name; });
}

std::string name_of(const Given& given) {
    if (given.origin != plan::Origin::environment) return "--" + given.name;
    return given.name == "url" ? "$WS_URL" : given.name == "connections" ? "$CONNECTIONS" : "$MESSAGES";
}

}  // namespace wsblast::app
