// Setting the sysctls that `doctor` asks for, so that it can be undone: what was there is written to a
// state file before anything is changed. The main thread; root.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/sysctls.hpp"
#include "stats/limit_check.hpp"

namespace wsblast::search {

// One sysctl that was to be changed.
struct Change {
    std::string key;
    std::string before;
    std::string after;                   // what holds now
    std::optional<std::string> refused;  // why it does not hold what it should
};

// Sets the sysctls among `settings`; those of process limits are no sysctls and are passed over. The state
// file is a file of sysctl.d(5) with the values from before: 'sysctl -p FILE' restores them too. Values
// that it has already, of an earlier call, stay: they are the oldest. It is on the disk before the first
// change, so whatever interrupts this can be undone. Changes that are refused do not stop the others.
//
// Environment error, with nothing changed, when the state file cannot be read or written.
[[nodiscard]] Result<std::vector<Change>> apply_settings(std::span<const stats::Setting> settings,
                                                         const host::HostFiles& files,
                                                         const std::string& state_path);

// Puts back what the state file has, the last first, and removes the file; what is refused stays in it.
// Environment error when there is no such file.
[[nodiscard]] Result<std::vector<Change>> undo_settings(const host::HostFiles& files,
                                                        const std::string& state_path);

}  // namespace wsblast::search
