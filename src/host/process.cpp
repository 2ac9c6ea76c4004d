#include "host/process.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

// Fields behind the name, which stands in brackets and may hold blanks and brackets itself
// (proc_pid_stat(5): state is the third, utime the 14th, stime the 15th, starttime the 22nd).
constexpr std::size_t kUserField = 14 - 3;
constexpr std::size_t kSystemField = 15 - 3;
constexpr std::size_t kStartField = 22 - 3;

std::string folder_of(pid_t pid) {
    return "/proc/" + std::to_string(pid);
}

std::uint64_t field(std::string_view fields, std::size_t number) {
    for (; number > 0 && !fields.empty(); --number)
        fields.remove_prefix(std::min(fields.find(' '), fields.size() - 1) + 1);
    return leading_number(fields).value_or(0);
}

std::optional<std::uint64_t> bytes_after(std::string_view text, std::string_view key) {
    const auto kibibytes = number_after(text, key);
    if (!kibibytes) return std::nullopt;
    return *kibibytes * kKiB;
}

// Since Linux 6.2 the size of the folder is the number of its entries; before it is 0, and they are
// counted.
std::optional<std::uint64_t> count_files(const std::string& folder) {
    struct stat status {};
    if (access(folder.c_str(), R_OK) != 0 || stat(folder.c_str(), &status) != 0) return std::nullopt;
    if (status.st_size > 0) return static_cast<std::uint64_t>(status.st_size);
    return numbered_entries(folder).size();
}

std::optional<ThreadUse> read_thread(const std::string& process, pid_t tid) {
    const std::string folder = process + "/task/" + std::to_string(tid);
    const auto stat_line = parse_stat(read_file(folder + "/stat").value_or(""));
    if (!stat_line) return std::nullopt;
    const StatusLines status = parse_status(read_file(folder + "/status").value_or(""));
    return ThreadUse{.tid = tid,
                     .name = stat_line->name,
                     .user_ns = stat_line->user_ns,
                     .system_ns = stat_line->system_ns,
                     .start_ticks = stat_line->start_ticks,
                     .voluntary_switches = status.voluntary_switches,
                     .involuntary_switches = status.involuntary_switches};
}

}  // namespace

std::optional<ProcessUse> read_process(pid_t pid) {
    const std::string folder = folder_of(pid);
    const auto stat_line = parse_stat(read_file(folder + "/stat").value_or(""));
    if (!stat_line || stat_line->state == 'Z' || stat_line->state == 'X') return std::nullopt;
    const StatusLines status = parse_status(read_file(folder + "/status").value_or(""));
    ProcessUse use{.pid = pid,
                   .name = stat_line->name,
                   .start_ticks = stat_line->start_ticks,
                   .user_ns = stat_line->user_ns,
                   .system_ns = stat_line->system_ns,
                   .rss_bytes = status.rss_bytes,
                   .anonymous_bytes = status.anonymous_bytes,
                   .files = count_files(folder + "/fd"),
                   .files_max = parse_files_limit(read_file(folder + "/limits").value_or("")),
                   .threads = {}};
    for (const std::uint32_t tid : numbered_entries(folder + "/task")) {
        if (auto thread = read_thread(folder, static_cast<pid_t>(tid)))
            use.threads.push_back(std::move(*thread));
    }
    return use;
}

std::vector<pid_t> descendants(pid_t pid, pid_t except) {
    std::vector<pid_t> found{pid};
    for (std::size_t next = 0; next < found.size(); ++next) {
        const std::string tasks = folder_of(found[next]) + "/task/";
        for (const std::uint32_t tid : numbered_entries(tasks)) {
            const auto children = read_file(tasks + std::to_string(tid) + "/children");
            for (const pid_t child : parse_children(children.value_or(""))) {
                if (child != except) found.push_back(child);
            }
        }
    }
    found.erase(found.begin());
    return found;
}

std::vector<pid_t> parse_children(std::string_view content) {
    std::vector<pid_t> children;
    while (const auto number = leading_number(content)) {
        children.push_back(static_cast<pid_t>(*number));
        content.remove_prefix(std::min(content.find_first_not_of(" \t"), content.size()));
        content.remove_prefix(std::min(content.find(' '), content.size()));
    }
    return children;
}

std::optional<StatLine> parse_stat(std::string_view content) {
    const std::size_t open = content.find('(');
    const std::size_t close = content.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
        close + 2 >= content.size()) {
        return std::nullopt;
    }
    static const TimeNs tick_ns = kSecond / static_cast<TimeNs>(sysconf(_SC_CLK_TCK));
    const std::string_view fields = content.substr(close + 2);
    return StatLine{.name = std::string(content.substr(open + 1, close - open - 1)),
                    .state = fields.front(),
                    .user_ns = field(fields, kUserField) * tick_ns,
                    .system_ns = field(fields, kSystemField) * tick_ns,
                    .start_ticks = field(fields, kStartField)};
}

StatusLines parse_status(std::string_view content) {
    return {.rss_bytes = bytes_after(content, "VmRSS:"),
            .anonymous_bytes = bytes_after(content, "RssAnon:"),
            .voluntary_switches = number_after(content, "voluntary_ctxt_switches:").value_or(0),
            .involuntary_switches = number_after(content, "nonvoluntary_ctxt_switches:").value_or(0)};
}

std::optional<std::uint64_t> parse_files_limit(std::string_view content) {
    return number_after(content, "Max open files");
}

}  // namespace wsblast::host
