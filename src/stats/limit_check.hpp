// What a machine allows, held against what a number of connections needs: one row a limit. Plain data, made
// by search/doctor.hpp and put into words by report/doctor_report.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsblast::stats {

// The mildest first.
enum class LimitStatus : std::uint8_t { ok, warn, fail };
[[nodiscard]] constexpr std::string_view to_text(LimitStatus status) {
    switch (status) {
        case LimitStatus::ok: return "ok";
        case LimitStatus::warn: return "warn";
        case LimitStatus::fail: return "fail";
    }
    return "";
}

// Where a value is kept for good: a file of sysctl.d(5), or one of limits.d (limits.conf(5)).
enum class SettingPlace : std::uint8_t { sysctl, process_limit };

// What would mend a row.
struct Setting {
    SettingPlace place = SettingPlace::sysctl;
    std::string key;    // "net.core.somaxconn", "nofile"
    std::string value;  // as it is written there; never below what is set
};

struct LimitCheck {
    std::string_view id;    // "source_ports": the JSON name
    std::string_view name;  // "source ports"
    LimitStatus status = LimitStatus::ok;
    std::string here{};  // "28,232"; "unknown" where it could not be read
    std::optional<double> here_value{};
    std::string needed{};  // empty: nothing that grows with the connections
    std::optional<double> needed_value{};
    std::string arithmetic{};                        // how both were found
    std::string why{};                               // what happens, where the status is not ok
    std::string remedy{};                            // the command that mends it
    std::vector<Setting> settings{};                 // the same for --fix and --apply
    std::optional<std::uint64_t> connections_max{};  // how many this row alone allows
};

// The limit that comes first.
struct Ceiling {
    std::uint64_t connections = 0;
    std::string_view limit;  // its row's name
    std::string arithmetic;
};

struct LimitTable {
    std::string version{};
    std::string kernel{};  // "6.18.44"
    std::uint64_t connections = 0;
    std::vector<std::string> urls{};
    std::string where{};  // "over loopback", "on this machine", "on another machine"
    std::uint32_t cores = 0;
    std::vector<LimitCheck> checks{};
    Ceiling ceiling{};

    // The worst of all rows.
    [[nodiscard]] LimitStatus status() const {
        LimitStatus worst = LimitStatus::ok;
        for (const LimitCheck& check : checks) {
            if (check.status > worst) worst = check.status;
        }
        return worst;
    }
};

}  // namespace wsblast::stats
