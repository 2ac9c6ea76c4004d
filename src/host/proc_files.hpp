// Small text files of /proc, /sys and the control groups, read whole. Any thread; not for the hot path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsblast::host {

// The content of a small file; empty when it cannot be read.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path);

// The entries of a folder whose names are numbers, ascending: processes, threads, descriptors. Empty when
// it cannot be read.
[[nodiscard]] std::vector<std::uint32_t> numbered_entries(const std::string& folder);

// The unsigned number at the front of the text, blanks before it skipped; empty when there is none.
[[nodiscard]] std::optional<std::uint64_t> leading_number(std::string_view text);

// The rest of the first line that begins with `key`, as in "MemAvailable:   16 kB"; empty when there is
// none.
[[nodiscard]] std::optional<std::string_view> line_after(std::string_view text, std::string_view key);

// The number on it, blanks before it skipped; empty when there is none.
[[nodiscard]] std::optional<std::uint64_t> number_after(std::string_view text, std::string_view key);

// The first word of the text, which is then taken off it with the blanks before; empty at the end.
[[nodiscard]] std::string_view take_word(std::string_view& text);

// The file `name` of the control group that this process is in and of all its parents, as far as they have
// one, the nearest first (cgroup v2, Documentation/admin-guide/cgroup-v2.rst).
[[nodiscard]] std::vector<std::string> cgroup_files(const std::string& name);

}  // namespace wsblast::host
