// A scenario file, loaded: Artillery's format, YAML or JSON, with all that is merged into it, compiled.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plan/run_options.hpp"
#include "plan/scenario.hpp"
#include "stats/ensure.hpp"

namespace wsblast::script {

// What the command line says: Artillery's own options.
struct ScriptOptions {
    std::string file;
    std::vector<std::string> more_files;     // further scripts on the command line, and -i
    std::string config_file;                 // -c
    std::string environment;                 // -e
    std::string target;                      // -t
    std::string variables_json;              // -v
    std::string overrides_json;              // --overrides
    std::string scenario_name;               // --scenario-name: exact, or a regular expression
    std::vector<std::string> payload_files;  // -p
    std::string dotenv_file;                 // --dotenv, --env-file
    enum class Certificates : std::uint8_t { checked, unchecked };
    Certificates certificates = Certificates::checked;  // -k
    enum class Load : std::uint8_t { phases, one_user };
    Load load = Load::phases;  // --solo
    std::optional<std::uint64_t> seed;
};

struct Script {
    plan::Scenario scenario;
    // Where and how, in the terms of `run`: headers, subprotocols, TLS, proxies, timeouts, --max-message,
    // --compress. URLs are those of the scenario's targets.
    plan::RunOptions run;
    stats::EnsureRules ensure;
    std::vector<stats::SloRule> slos;   // wsblast: slo
    std::vector<std::string> warnings;  // keys that have no meaning here, each with file and line
};

// Errors (usage): "FILE:LINE: KEY: what is wrong, what is allowed".
[[nodiscard]] Result<Script> load(const ScriptOptions& options);

}  // namespace wsblast::script
