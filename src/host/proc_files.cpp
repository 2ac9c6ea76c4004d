#include "host/proc_files.hpp"

#include <algorithm>
#include <charconv>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace wsblast::host {

// A read of these files makes their text anew, so few large reads it is, and no stream.
std::optional<std::string> read_file(const std::string& path) {
    constexpr std::size_t kPartBytes = 4'096;
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::nullopt;
    std::string content;
    ssize_t size = 0;
    do {
        const std::size_t used = content.size();
        content.resize(used + kPartBytes);
        size = read(file, content.data() + used, kPartBytes);
        content.resize(used + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    } while (size > 0);
    close(file);
    if (size < 0) return std::nullopt;
    return content;
}

std::vector<std::uint32_t> numbered_entries(const std::string& folder) {
    std::vector<std::uint32_t> numbers;
    DIR* entries = opendir(folder.c_str());
    if (entries == nullptr) return numbers;
    while (const dirent* entry = readdir(entries)) {
        const std::string_view name(entry->d_name);
        std::uint32_t number = 0;
        const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc{} && rest == name.data() + name.size()) numbers.push_back(number);
    }
    closedir(entries);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
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

std::optional<std::uint64_t> number_after(std::string_view text, std::string_view key) {
    const auto rest = line_after(text, key);
    return rest ? leading_number(*rest) : std::nullopt;
}

std::string_view take_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(" \t"));
    text.remove_prefix(word.size());
    return word;
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
