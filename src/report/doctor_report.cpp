#include "report/doctor_report.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/units.hpp"
#include "report/json_values.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using stats::LimitCheck;
using stats::LimitStatus;
using text::format;

constexpr std::size_t kDoctorColumns = 100;

// Words in lines of at most kDoctorColumns, each of which begins with the indent; the first with `head`
// after it.
std::string wrapped(std::string_view head, std::string_view words) {
    constexpr std::string_view kIndent = "    ";
    const std::string margin(kIndent.size() + head.size(), ' ');
    std::string lines;
    std::string line = std::string(kIndent) + std::string(head);
    std::size_t empty = line.size();
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find(' '));
        words.remove_prefix(std::min(word.size() + 1, words.size()));
        if (line.size() > empty && line.size() + 1 + word.size() > kDoctorColumns) {
            lines += line + "\n";
            line = margin;
            empty = line.size();
        }
        if (line.size() > empty) line += " ";
        line += word;
    }
    return lines + line + "\n";
}

std::string coloured(LimitStatus status, Colour colour) {
    const std::string_view word = stats::to_text(status);
    if (colour == Colour::off) return std::string(word);
    std::string_view code;
    switch (status) {
        case LimitStatus::ok: code = "32"; break;
        case LimitStatus::warn: code = "33"; break;
        case LimitStatus::fail: code = "31"; break;
    }
    return format("\033[{}m{}\033[0m", code, word);
}

std::string row_text(const LimitCheck& check, const DoctorStyle& style) {
    std::string row =
        format("{:<26}{:<20}{:<20}{}\n", check.name, check.here, check.needed.empty() ? "-" : check.needed,
               coloured(check.status, style.colour));
    if (style.explain == Explain::yes && !check.arithmetic.empty())
        row += wrapped("", check.arithmetic + ".");
    if (check.status == LimitStatus::ok) return row;
    row += wrapped("why: ", check.why + ".");
    // On one line, whatever its length: it is there to be copied.
    if (!check.remedy.empty()) row += format("    do:  {}\n", check.remedy);
    return row;
}

std::string ceiling_text(const stats::LimitTable& table) {
    std::string where;
    for (const std::string& url : table.urls) where += (where.empty() ? "" : ", ") + url;
    const stats::Ceiling& ceiling = table.ceiling;
    return format("\nThis machine can open about {} connections to {}.\n",
                  with_thousands(ceiling.connections), where) +
           format("The first limit is {}:\n", ceiling.limit) + wrapped("", ceiling.arithmetic + ".");
}

std::uint64_t count(const stats::LimitTable& table, LimitStatus status) {
    return static_cast<std::uint64_t>(
        std::count_if(table.checks.begin(), table.checks.end(),
                      [=](const LimitCheck& check) { return check.status == status; }));
}

std::string summary_text(const stats::LimitTable& table, Colour colour) {
    const std::uint64_t failed = count(table, LimitStatus::fail);
    const std::uint64_t doubtful = count(table, LimitStatus::warn);
    if (failed + doubtful == 0)
        return format("Doctor: {}, nothing is in the way\n", coloured(LimitStatus::ok, colour));
    std::string text = format("Doctor: {}, {} of {} limits fail, {} warn", coloured(table.status(), colour),
                              failed, table.checks.size(), doubtful);
    const bool any = std::any_of(table.checks.begin(), table.checks.end(),
                                 [](const LimitCheck& check) { return !check.settings.empty(); });
    if (any) text += "; --fix prints the settings, --apply makes them now, --undo takes them back";
    return text + "\n";
}

std::string_view to_text(stats::SettingPlace place) {
    switch (place) {
        case stats::SettingPlace::sysctl: return "sysctl";
        case stats::SettingPlace::process_limit: return "limits";
    }
    return "";
}

Json check_json(const LimitCheck& check) {
    Json settings = Json::array();
    for (const stats::Setting& setting : check.settings) {
        settings.push_back(
            {{"place", to_text(setting.place)}, {"key", setting.key}, {"value", setting.value}});
    }
    return {{"id", check.id},
            {"name", check.name},
            {"status", stats::to_text(check.status)},
            {"here", check.here},
            {"here_value", or_null(check.here_value)},
            {"needed", text_or_null(check.needed)},
            {"needed_value", or_null(check.needed_value)},
            {"connections_max", or_null(check.connections_max)},
            {"arithmetic", text_or_null(check.arithmetic)},
            {"why", text_or_null(check.why)},
            {"remedy", text_or_null(check.remedy)},
            {"settings", settings}};
}

}  // namespace

std::string doctor_text(const stats::LimitTable& table, const DoctorStyle& style) {
    std::string where;
    for (const std::string& url : table.urls) where += " " + url;
    std::string text = format("wsblast {} doctor: {} to{} {}, {}\n\n", table.version,
                              text::counted(table.connections, "connection"), where, table.where,
                              text::counted(table.cores, "core"));
    text += format("{:<26}{:<20}{:<20}{}\n", "limit", "here", "needed", "status");
    for (const LimitCheck& check : table.checks) text += row_text(check, style);
    return text + ceiling_text(table) + summary_text(table, style.colour);
}

std::string doctor_json(const stats::LimitTable& table, int exit_status) {
    Json json;
    json["schema"] = "wsblast.doctor/1";
    json["version"] = table.version;
    json["exit_status"] = exit_status;
    json["status"] = stats::to_text(table.status());
    json["kernel"] = table.kernel;
    json["connections"] = table.connections;
    json["urls"] = table.urls;
    json["where"] = table.where;
    json["cores"] = table.cores;
    json["ceiling"] = {{"connections", table.ceiling.connections},
                       {"limit", table.ceiling.limit},
                       {"arithmetic", table.ceiling.arithmetic}};
    Json checks = Json::array();
    for (const LimitCheck& check : table.checks) checks.push_back(check_json(check));
    json["checks"] = checks;
    constexpr int kIndent = 2;
    return json.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace wsblast::report
