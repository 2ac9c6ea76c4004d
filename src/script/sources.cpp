#include "script/sources.hpp"

#include <filesystem>
#include <span>
#include <utility>

#include "script/config_text.hpp"
#include "script/errors.hpp"
#include "script/merge.hpp"
#include "text/format.hpp"

namespace wsblast::script {

namespace {

Place option_place(std::string_view option) {
    return {std::make_shared<const std::string>(option), 0};
}

// The script with all files that are merged into it.
Result<Node> read_files(const ScriptOptions& options) {
    Result<Node> root = read_script_file(options.file);
    if (!root) return root;
    std::vector<std::string> others = options.more_files;
    if (!options.config_file.empty()) others.push_back(options.config_file);
    for (const std::string& path : others) {
        const auto other = read_script_file(path);
        if (!other) return other;
        merge(*root, *other);
    }
    return root;
}

// The member config, made where there is none.
Result<Node*> config_of(Node& root) {
    Node& config = root.at("config", root.place);
    if (config.is_null()) config.kind = NodeKind::map;
    if (config.is_map()) return &config;
    return error_at(config.place, "config", not_a("a map of keys", config));
}

std::string names_of(const Node& map) {
    std::string names;
    for (const Member& member : map.members) names += (names.empty() ? "" : ", ") + member.key;
    return names;
}

Result<void> merge_environment(Node& config, const std::string& name) {
    Node* all = config.find("environments");
    if (all != nullptr && !all->is_map() && !all->is_null())
        return error_at(all->place, "config.environments", not_a("a map of environments", *all));
    const Node environments = all == nullptr ? Node() : std::move(*all);
    config.erase("environments");
    if (name.empty()) return {};
    const Node* chosen = environments.find(name);
    if (chosen == nullptr) {
        const std::string known = environments.members.empty()
                                      ? "there is none in config.environments"
                                      : "config.environments has " + names_of(environments);
        return error_at(option_place("-e"), {},
                        text::format("the environment '{}' is not known; {}", name, known));
    }
    if (chosen->is_map()) return merge(config, *chosen), Result<void>();
    if (chosen->is_null()) return {};
    return error_at(chosen->place, key_path("config.environments", name), not_a("a map of keys", *chosen));
}

Result<void> merge_overrides(Node& root, const std::string& json) {
    if (json.empty()) return {};
    const auto overrides = read_option_json("--overrides", json);
    if (!overrides) return overrides.error();
    merge(root, *overrides, Lists::replaced);
    return {};
}

// -v: each name gets its value, whatever it was.
Result<Node> add_variables(Node& config, const std::string& json) {
    if (json.empty()) return Node::of_map({});
    Result<Node> given = read_option_json("-v", json);
    if (!given) return given;
    Node& variables = config.at("variables", option_place("-v"));
    if (variables.is_null()) variables.kind = NodeKind::map;
    if (!variables.is_map())
        return error_at(variables.place, "config.variables", not_a("a map of names", variables));
    for (const Member& member : given->members) variables.at(member.key, member.place) = member.value;
    return given;
}

// What holes of the configuration may name besides the variables of -v.
void add_names(Node& names, const ScriptOptions& options) {
    const std::filesystem::path file(options.config_file.empty() ? options.file : options.config_file);
    const std::string folder = file.parent_path().empty() ? "." : file.parent_path().string();
    const auto add = [&names](std::string_view name, const Node& value) {
        if (names.find(name) == nullptr) names.at(name, {}) = value;
    };
    add("$dirname", Node::of_text(folder, {}));
    add("$scenarioFile", Node::of_text(options.file, {}));
    add("$environment", options.environment.empty() ? Node() : Node::of_text(options.environment, {}));
}

}  // namespace

Result<Sources> read_sources(const ScriptOptions& options, std::uint64_t seed) {
    auto environment = read_environment(options.dotenv_file);
    if (!environment) return environment.error();
    auto root = read_files(options);
    if (!root) return root.error();
    // References into the tree are taken anew after each step that may add to it.
    auto config = config_of(*root);
    if (!config) return config.error();
    if (const auto merged = merge_environment(**config, options.environment); !merged)
        return merged.error();
    if (!options.target.empty())
        (*config)->at("target", option_place("-t")) = Node::of_text(options.target, option_place("-t"));
    if (const auto merged = merge_overrides(*root, options.overrides_json); !merged) return merged.error();
    config = config_of(*root);
    if (!config) return config.error();
    auto names = add_variables(**config, options.variables_json);
    if (!names) return names.error();
    add_names(*names, options);

    Sources sources{.root = {}, .environment = std::move(*environment)};
    const ConfigValues values{sources.environment, std::move(*names), seed};
    if (const auto filled = fill_config(**config, values, sources.warnings); !filled) return filled.error();
    sources.root = std::move(*root);
    return sources;
}

}  // namespace wsblast::script
