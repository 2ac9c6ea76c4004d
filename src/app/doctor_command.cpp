#include "app/doctor_command.hpp"

#include <cstdio>
#include <string>
#include <vector>

#include <unistd.h>

#include "app/output.hpp"
#include "report/doctor_report.hpp"
#include "search/doctor.hpp"
#include "search/host_settings.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

ExitStatus write_out(const Result<void>& written) {
    return written ? ExitStatus::ok : fail(written.error());
}

// The table in words, and as JSON where it is wanted.
ExitStatus report(const stats::LimitTable& table, const plan::DoctorOptions& options) {
    const std::string& json_path = options.run.json_path;
    const bool json_to_output = json_path == kStandardOutput;
    const int text_fd = json_to_output ? STDERR_FILENO : STDOUT_FILENO;
    const bool colour = options.run.colour == plan::ColourChoice::automatic && isatty(text_fd) == 1;
    const bool explain = options.explanation == plan::Explanation::arithmetic;
    ExitStatus status = table.status() == stats::LimitStatus::fail ? ExitStatus::failed : ExitStatus::ok;
    status = first_of(
        status,
        write_out(write_text(
            text_fd, report::doctor_text(table, {colour ? report::Colour::on : report::Colour::off,
                                                 explain ? report::Explain::yes : report::Explain::no}))));
    if (json_path.empty()) return status;
    const std::string json = report::doctor_json(table, to_int(status));
    const auto written = json_to_output ? write_text(STDOUT_FILENO, json) : write_file(json_path, json);
    return first_of(status, write_out(written));
}

// Each setting as it was and as it is; a refused one makes the whole fail.
ExitStatus show(const std::vector<search::Change>& changes) {
    ExitStatus status = ExitStatus::ok;
    std::string text;
    for (const search::Change& change : changes) {
        text += text::format("{}: was {}, is {}\n", change.key, change.before, change.after);
        if (!change.refused) continue;
        print_error("refused: " + *change.refused);
        status = ExitStatus::impossible;
    }
    return first_of(status, write_out(write_text(STDOUT_FILENO, text)));
}

Result<void> check_root(std::string_view option) {
    if (geteuid() == 0) return {};
    return environment_error(
        text::format("{} changes settings of the kernel and needs root: sudo wsblast "
                     "doctor {} ...; --fix prints them for somebody who may",
                     option, option));
}

// What a run of this program cannot change for those after it.
std::string left_over_text(const stats::LimitTable& table) {
    std::string text;
    for (const stats::LimitCheck& check : table.checks) {
        bool sysctl = false;
        for (const stats::Setting& setting : check.settings)
            sysctl = sysctl || setting.place == stats::SettingPlace::sysctl;
        if (check.status == stats::LimitStatus::ok || sysctl) continue;
        text += text::format("not set here: {}: {}\n", check.name, check.remedy);
    }
    return text;
}

ExitStatus apply(const stats::LimitTable& table, const plan::DoctorOptions& options) {
    std::vector<stats::Setting> settings;
    for (const stats::LimitCheck& check : table.checks)
        settings.insert(settings.end(), check.settings.begin(), check.settings.end());
    const auto changes = search::apply_settings(settings, {}, options.state_path);
    if (!changes) return fail(changes.error());
    const ExitStatus status = show(*changes);
    std::string text = left_over_text(table);
    text += changes->empty()
                ? "nothing was set\n"
                : text::format(
                      "until the next start of the machine; back with: sudo wsblast doctor --undo"
                      "{}\n",
                      options.state_path == plan::DoctorOptions{}.state_path
                          ? ""
                          : " --state " + options.state_path);
    return first_of(status, write_out(write_text(STDOUT_FILENO, text)));
}

ExitStatus undo(const plan::DoctorOptions& options) {
    if (const auto root = check_root("--undo"); !root) return fail(root.error());
    const auto changes = search::undo_settings({}, options.state_path);
    return changes ? show(*changes) : fail(changes.error());
}

}  // namespace

ExitStatus doctor_command(const plan::DoctorOptions& options) {
    if (options.action != plan::DoctorAction::examine && !options.run.json_path.empty()) {
        return fail(usage_error(
            "--json is the table as JSON: give it without --fix, --apply and --undo, which print none"));
    }
    if (options.action == plan::DoctorAction::undo) return undo(options);
    if (options.action == plan::DoctorAction::apply) {
        if (const auto root = check_root("--apply"); !root) return fail(root.error());
    }
    const auto facts = search::gather_facts(options.run, {});
    if (!facts) return fail(facts.error());
    const stats::LimitTable table = search::examine(*facts);
    switch (options.action) {
        case plan::DoctorAction::examine: return report(table, options);
        case plan::DoctorAction::fix: return write_out(write_text(STDOUT_FILENO, search::fix_files(table)));
        case plan::DoctorAction::apply: return apply(table, options);
        case plan::DoctorAction::undo: break;
    }
    return ExitStatus::ok;
}

}  // namespace wsblast::app
