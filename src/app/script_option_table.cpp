// The options of `script` and `validate`: Artillery's own, and those of `run` that have a meaning for them.
#include <array>

#include "app/option_setters.hpp"
#include "app/option_table.hpp"

namespace wsblast::app {

namespace {

using script::ScriptOptions;

constexpr std::array<std::string_view, 10> kOfRunForScript{
    "cores", "connect-timeout", "source-ip",       "source-ports", "seed", "json",
    "slo",   "no-color",        "allow-saturated", "help"};
constexpr std::array<std::string_view, 7> kOfRunForValidate{
    "cores", "connect-timeout", "source-ip", "source-ports", "seed", "no-color", "help"};

Result<void> put(const std::string& value, std::string& place) {
    if (value.empty()) return usage_error("it needs a value");
    place = value;
    return {};
}

constexpr ScriptOption kScriptOptions[] = {
    {"environment", "NAME", "none", "-e: the block of config.environments that is merged over config",
     Arity::once, [](ScriptCommandOptions& o, const std::string& v) { return put(v, o.file.environment); }},
    {"target", "URL", "config.target", "-t: instead of config.target", Arity::once,
     [](ScriptCommandOptions& o, const std::string& v) { return put(v, o.file.target); }},
    {"config", "F", "none", "-c: a file that is merged over the script", Arity::once,
     [](ScriptCommandOptions& o, const std::string& v) { return put(v, o.file.config_file); }},
    {"input", "F", "none", "-i: a further script, merged over the first one", Arity::repeated,
     [](ScriptCommandOptions& o, const std::string& v) {
         o.file.more_files.push_back(v);
         return Result<void>{};
     }},
    {"variables", "JSON", "none", "-v: an object that is put into config.variables", Arity::once,
     [](ScriptCommandOptions& o, const std::string& v) { return put(v, o.file.variables_json); }},
    {"overrides", "JSON", "none", "an object that is merged over the script, its arrays as a whole",
     Arity::once,
     [](ScriptCommandOptions& o, const std::string& v) { return put(v, o.file.overrides_json); }},
    {"scenario-name", "NAME", "all", "only scenarios of that name, or of a regular expression", Arity::once,
     [](ScriptCommandOptions& o, const std::string& v) { return put(v, o.file.scenario_name); }},
    {"payload", "F", "config.payload's paths", "-p: a CSV file for config.payload without a path",
     Arity::repeated,
     [](ScriptCommandOptions& o, const std::string& v) {
         o.file.payload_files.push_back(v);
         return Result<void>{};
     }},
    {"dotenv", "F", "none", "a file of NAME=VALUE lines for $env", Arity::once,
     [](ScriptCommandOptions& o, const std::string& v) { return put(v, o.file.dotenv_file); }},
    {"env-file", "F", "none", "the same", Arity::once,
     [](ScriptCommandOptions& o, const std::string& v) { return put(v, o.file.dotenv_file); }},
    {"insecure", "", "off", "-k: do not check the target's certificate", Arity::flag,
     [](ScriptCommandOptions& o, const std::string&) {
         o.file.certificates = ScriptOptions::Certificates::unchecked;
         return Result<void>{};
     }},
    {"solo", "", "off", "-s: one user in place of the phases", Arity::flag,
     [](ScriptCommandOptions& o, const std::string&) {
         o.file.load = ScriptOptions::Load::one_user;
         return Result<void>{};
     }},
};

constexpr ScriptOption kOutputOptions[] = {
    {"output", "PATH", "none", "-o: write Artillery's report.json to a file, or into a directory",
     Arity::once, [](ScriptCommandOptions& o, const std::string& v) { return put(v, o.output_path); }},
    {"quiet", "", "off", "print checks and warnings only: no summary", Arity::flag,
     [](ScriptCommandOptions& o, const std::string&) {
         o.run.progress = plan::ProgressStyle::quiet;
         return Result<void>{};
     }},
};

std::vector<ScriptOption> with_output() {
    std::vector<ScriptOption> all(std::begin(kScriptOptions), std::end(kScriptOptions));
    all.insert(all.end(), std::begin(kOutputOptions), std::end(kOutputOptions));
    return all;
}

}  // namespace

std::span<const ScriptOption> script_options() {
    static const std::vector<ScriptOption> kAll = with_output();
    return kAll;
}

std::span<const std::string_view> script_run_options() {
    return kOfRunForScript;
}

std::span<const ScriptOption> validate_options() {
    return kScriptOptions;
}

std::span<const std::string_view> validate_run_options() {
    return kOfRunForValidate;
}

}  // namespace wsblast::app
