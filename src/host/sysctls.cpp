#include "host/sysctls.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

constexpr std::string_view kBlanks = " \t\n";

}  // namespace

std::optional<std::string> HostFiles::text(const std::string& path) const {
    return read_file(root + path);
}

std::optional<std::uint64_t> HostFiles::number(const std::string& path) const {
    const auto content = text(path);
    return content ? leading_number(*content) : std::nullopt;
}

std::vector<std::string> HostFiles::names(const std::string& folder) const {
    std::vector<std::string> found;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(root + folder, error), end; !error && entry != end;
         entry.increment(error)) {
        found.push_back(entry->path().filename().string());
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::string sysctl_path(std::string_view name) {
    std::string path = "/proc/sys/" + std::string(name);
    std::replace(path.begin(), path.end(), '.', '/');
    return path;
}

std::optional<std::string> read_sysctl(const HostFiles& files, std::string_view name) {
    const auto content = files.text(sysctl_path(name));
    if (!content) return std::nullopt;
    std::string value;
    for (std::string_view rest = *content; !rest.empty();) {
        rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
        const std::string_view part = rest.substr(0, rest.find_first_of(kBlanks));
        if (part.empty()) break;
        value += (value.empty() ? "" : " ") + std::string(part);
        rest.remove_prefix(part.size());
    }
    return value;
}

std::optional<std::vector<std::uint64_t>> sysctl_numbers(const HostFiles& files, std::string_view name) {
    const auto value = read_sysctl(files, name);
    return value ? parse_numbers(*value) : std::nullopt;
}

std::optional<std::uint64_t> sysctl_number(const HostFiles& files, std::string_view name) {
    const auto numbers = sysctl_numbers(files, name);
    if (!numbers || numbers->empty()) return std::nullopt;
    return numbers->front();
}

Result<void> write_sysctl(const HostFiles& files, std::string_view name, const std::string& value) {
    const std::string path = files.root + sysctl_path(name);
    const int descriptor = open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    int error = descriptor < 0 ? errno : 0;
    if (descriptor >= 0) {
        // One write: the kernel takes it as the whole value.
        const ssize_t written = write(descriptor, value.data(), value.size());
        if (written != static_cast<ssize_t>(value.size())) error = written < 0 ? errno : EIO;
        close(descriptor);
    }
    if (error == 0) return {};
    return environment_error(std::string(name) + " = " + value + ": " + std::strerror(error));
}

std::optional<std::vector<std::uint64_t>> parse_numbers(std::string_view text) {
    std::vector<std::uint64_t> numbers;
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
        if (text.empty()) return numbers;
        const std::string_view part = text.substr(0, text.find_first_of(kBlanks));
        const auto number = leading_number(part);
        const bool digits_only = part.find_first_not_of("0123456789") == std::string_view::npos;
        if (!number || !digits_only) return std::nullopt;
        numbers.push_back(*number);
        text.remove_prefix(part.size());
    }
}

}  // namespace wsblast::host
