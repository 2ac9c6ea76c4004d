// Every option of every command: its name, what --help says of it, and how its value is read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/script_options.hpp"
#include "base/result.hpp"
#include "plan/capacity_options.hpp"
#include "plan/doctor_options.hpp"
#include "plan/run_options.hpp"
#include "plan/saturate_options.hpp"
#include "plan/serve_options.hpp"

namespace wsblast::app {

enum class Arity : std::uint8_t {
    flag,      // no value
    once,      // one value
    repeated,  // may be given several times
};

// Reads one value into the options; a usage error says what is allowed. A flag gets an empty value.
template <class Options>
using Setter = Result<void> (*)(Options&, const std::string&);

template <class Options>
struct OptionEntry {
    std::string_view name;       // without the dashes
    std::string_view value;      // how --help calls the value
    std::string_view otherwise;  // the default, as --help shows it
    std::string_view meaning;
    Arity arity;
    Setter<Options> set;
    // Where a value may hold a secret: what reports show of it.
    std::string (*shown)(const std::string&) = nullptr;
};

using RunOption = OptionEntry<plan::RunOptions>;
using ServeOption = OptionEntry<plan::ServeOptions>;
using DoctorOption = OptionEntry<plan::DoctorOptions>;
using CapacityOption = OptionEntry<plan::CapacityOptions>;
using SaturateOption = OptionEntry<plan::SaturateOptions>;
using ScriptOption = OptionEntry<ScriptCommandOptions>;

// In the order of --help.
[[nodiscard]] std::span<const RunOption> run_options();  // all of `run`, from the tables by subject below
[[nodiscard]] std::span<const RunOption> workload_options();
[[nodiscard]] std::span<const RunOption> access_options();
[[nodiscard]] std::span<const RunOption> misbehave_options();
[[nodiscard]] std::span<const RunOption> tls_options();
[[nodiscard]] std::span<const RunOption> message_options();
[[nodiscard]] std::span<const ServeOption> serve_options();
// Those of its own, and the names of those that it takes from `run`.
[[nodiscard]] std::span<const DoctorOption> doctor_options();
[[nodiscard]] std::span<const std::string_view> doctor_run_options();
[[nodiscard]] std::span<const CapacityOption> capacity_options();
[[nodiscard]] std::span<const std::string_view> capacity_run_options();
[[nodiscard]] std::span<const SaturateOption> saturate_options();
[[nodiscard]] std::span<const std::string_view> saturate_run_options();
[[nodiscard]] std::span<const ScriptOption> script_options();
[[nodiscard]] std::span<const std::string_view> script_run_options();
[[nodiscard]] std::span<const ScriptOption> validate_options();
[[nodiscard]] std::span<const std::string_view> validate_run_options();

// These names of options of `run`, and those of all that say how targets are reached: access_options() and
// tls_options().
[[nodiscard]] std::vector<std::string_view> with_ways(std::span<const std::string_view> names);

// The entry of that name, null when there is none.
template <class Options>
[[nodiscard]] const OptionEntry<Options>* find_option(std::span<const OptionEntry<Options>> table,
                                                      std::string_view name) {
    for (const OptionEntry<Options>& entry : table) {
        if (entry.name == name) return &entry;
    }
    return nullptr;
}

}  // namespace wsblast::app
