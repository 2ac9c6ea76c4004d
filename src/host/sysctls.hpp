// Settings of the kernel by their names (net.core.somaxconn), read and written below a root that tests
// choose. Any thread; not for the hot path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wsblast::host {

// The files of /proc and /sys: below another folder in tests, which has the same paths in it.
struct HostFiles {
    std::string root{};

    // The content of an absolute path; empty when it cannot be read.
    [[nodiscard]] std::optional<std::string> text(const std::string& path) const;
    // The number at its front.
    [[nodiscard]] std::optional<std::uint64_t> number(const std::string& path) const;
    // The names in a folder, sorted; empty when it cannot be read.
    [[nodiscard]] std::vector<std::string> names(const std::string& folder) const;
};

// "net.ipv4.tcp_mem" is /proc/sys/net/ipv4/tcp_mem (sysctl(8)).
[[nodiscard]] std::string sysctl_path(std::string_view name);

// The value with single blanks between its parts, as sysctl.d(5) writes it; empty where this kernel, or
// this network namespace, does not have it.
[[nodiscard]] std::optional<std::string> read_sysctl(const HostFiles& files, std::string_view name);

// All unsigned numbers of a value, in order; empty without the setting or where one is none.
[[nodiscard]] std::optional<std::vector<std::uint64_t>> sysctl_numbers(const HostFiles& files,
                                                                       std::string_view name);
// The first of them.
[[nodiscard]] std::optional<std::uint64_t> sysctl_number(const HostFiles& files, std::string_view name);

// Environment error that names the setting and why it was refused.
[[nodiscard]] Result<void> write_sysctl(const HostFiles& files, std::string_view name,
                                        const std::string& value);

// "4096 131072 6291456" is three numbers; empty for a text with anything else in it.
[[nodiscard]] std::optional<std::vector<std::uint64_t>> parse_numbers(std::string_view text);

}  // namespace wsblast::host
