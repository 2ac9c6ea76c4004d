#include "host/proc_files.hpp"

#include <charconv>
#include <fstream>
#include <sstream>

namespace wsblast::host {

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) return std::nullopt;
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

std::optional<std::uint64_t> leading_number(std::string_view text) {
    const std::size_t start = text.find_first_not_of(" \t");
    if (start == std::string_view::npos) return std::nullopt;
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data() + start, text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    return number;
}

std::optional<std::string_view> line_after(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        if (line.starts_with(key)) return line.substr(key.size());
        text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    }
    return std::nullopt;
}

std::vector<std::string> cgroup_files(const std::string& name) {
    std::vector<std::string> contents;
    const std::string groups = read_file("/proc/self/cgroup").value_or("");
    const auto own = line_after(groups, "0::");
    if (!own) return contents;
    std::string group(*own);
    for (;;) {
        if (auto content = read_file("/sys/fs/cgroup" + group + "/" + name)) {
            contents.push_back(std::move(*content));
        }
        if (group.empty()) return contents;
        const std::size_t parent = group.rfind('/');
        group.resize(parent == std::string::npos ? 0 : parent);
    }
}

}  // namespace wsblast::host
