#include "search/doctor.hpp"

#include <array>
#include <span>

#include "base/limits.hpp"
#include "search/doctor_cpu.hpp"
#include "search/doctor_kernel.hpp"
#include "search/doctor_memory.hpp"
#include "search/doctor_network.hpp"
#include "search/doctor_rows.hpp"
#include "search/doctor_sources.hpp"

namespace wsblast::search {

namespace {

using MakeRow = LimitCheck (*)(const DoctorFacts&);

constexpr std::array<MakeRow, 12> kAlways{kernel_row,        io_uring_row,      features_row,
                                          open_files_row,    locked_memory_row, files_of_machine_row,
                                          address_space_row, source_ports_row,  time_wait_row,
                                          conntrack_row,     tcp_memory_row,    socket_buffers_row};
constexpr std::array<MakeRow, 2> kLocalTarget{accept_queue_row, syn_backlog_row};
constexpr std::array<MakeRow, 3> kRemoteTarget{neighbours_row, rp_filter_row, receive_steering_row};
constexpr std::array<MakeRow, 7> kMachine{memory_row,   group_memory_row, swap_row, cpu_quota_row,
                                          governor_row, steal_row,        numa_row};

std::string where_text(const DoctorFacts& facts) {
    Place farthest = Place::loopback;
    for (const TargetFacts& target : facts.targets)
        farthest = std::max(farthest, target.destinations.front().place);
    switch (farthest) {
        case Place::loopback: return "over loopback";
        case Place::this_machine: return "on this machine";
        case Place::link: return "on the same link";
        case Place::beyond: return "behind a router";
    }
    return "";
}

stats::Ceiling find_ceiling(std::span<const LimitCheck> checks) {
    stats::Ceiling ceiling{limits::kConnectionsMax, "the program's own limit", "limits::kConnectionsMax"};
    for (const LimitCheck& check : checks) {
        if (!check.connections_max || *check.connections_max >= ceiling.connections) continue;
        ceiling = {*check.connections_max, check.name, check.arithmetic};
    }
    return ceiling;
}

// The settings of one place, each with the reason of its row; nothing when there is none.
template <class Line>
std::string settings_of(const stats::LimitTable& table, SettingPlace place, Line&& line) {
    std::string lines;
    for (const LimitCheck& check : table.checks) {
        for (const Setting& setting : check.settings) {
            if (setting.place != place) continue;
            lines += text::format("# {}: here {}, {} needed: {}\n", check.name, check.here,
                                  check.needed.empty() ? "less" : check.needed, check.why);
            lines += line(setting);
        }
    }
    return lines;
}

}  // namespace

stats::LimitTable examine(const DoctorFacts& facts) {
    stats::LimitTable table{.version = WSBLAST_VERSION,
                            .kernel = facts.kernel.release,
                            .connections = facts.connections,
                            .where = where_text(facts),
                            .cores = facts.cores};
    for (const TargetFacts& target : facts.targets) table.urls.push_back(target.url);
    const auto add = [&](std::span<const MakeRow> rows) {
        for (const MakeRow row : rows) table.checks.push_back(row(facts));
    };
    add(kAlways);
    if (facts.local_targets() > 0) add(kLocalTarget);
    if (!facts.all_local()) add(kRemoteTarget);
    add(kMachine);
    table.ceiling = find_ceiling(table.checks);
    return table;
}

std::string fix_files(const stats::LimitTable& table) {
    const std::string sysctls = settings_of(table, SettingPlace::sysctl, [](const Setting& setting) {
        return text::format("{} = {}\n", setting.key, setting.value);
    });
    const std::string limits = settings_of(table, SettingPlace::process_limit, [](const Setting& setting) {
        return text::format("* - {0} {1}\nroot - {0} {1}\n", setting.key, setting.value);
    });
    std::string files;
    if (!sysctls.empty())
        files += "# /etc/sysctl.d/90-wsblast.conf, then 'sudo sysctl --system'\n" + sysctls;
    if (!limits.empty()) {
        files += (files.empty() ? "" : "\n") +
                 ("# /etc/security/limits.d/90-wsblast.conf, then a new login\n" + limits);
    }
    return files.empty() ? "# nothing to set\n" : files;
}

}  // namespace wsblast::search
