// The options of `doctor`: its own, and those of `run` that say what is to be run.
#include <array>

#include "app/option_setters.hpp"
#include "app/option_table.hpp"

namespace wsblast::app {

namespace {

using plan::DoctorAction;
using plan::DoctorOptions;

constexpr std::array<std::string_view, 7> kOfRunForDoctor{
    "url", "cores", "connections", "source-ip", "source-ports", "json", "no-color"};

Result<void> act(DoctorOptions& options, DoctorAction action) {
    options.action = action;
    return {};
}

constexpr DoctorOption kDoctorOptions[] = {
    {"explain", "", "off", "say below each row how its figures were found", Arity::flag,
     [](DoctorOptions& o, const std::string&) {
         o.explanation = plan::Explanation::arithmetic;
         return Result<void>{};
     }},
    {"fix", "", "off", "print the settings that it asks for, as files of sysctl.d and limits.d",
     Arity::flag, [](DoctorOptions& o, const std::string&) { return act(o, DoctorAction::fix); }},
    {"apply", "", "off", "set the sysctls now, as root, and keep what was there", Arity::flag,
     [](DoctorOptions& o, const std::string&) { return act(o, DoctorAction::apply); }},
    {"undo", "", "off", "put back what --apply has kept", Arity::flag,
     [](DoctorOptions& o, const std::string&) { return act(o, DoctorAction::undo); }},
    {"state", "FILE", "/var/lib/wsblast/doctor-undo.conf", "where --apply keeps what was there",
     Arity::once,
     [](DoctorOptions& o, const std::string& v) {
         if (v.empty()) return Result<void>(usage_error("a path is needed"));
         o.state_path = v;
         return Result<void>{};
     }},
    {"help", "", "off", "print this", Arity::flag,
     [](DoctorOptions&, const std::string&) { return Result<void>{}; }},
};

}  // namespace

std::span<const DoctorOption> doctor_options() {
    return kDoctorOptions;
}

std::span<const std::string_view> doctor_run_options() {
    return kOfRunForDoctor;
}

}  // namespace wsblast::app
