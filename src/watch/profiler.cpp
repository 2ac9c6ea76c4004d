#include "watch/profiler.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.hpp"
#include "host/proc_files.hpp"
#include "text/format.hpp"
#include "watch/perf_process.hpp"

namespace wsblast::watch {

namespace {

std::string log_of(const std::string& data) {
    return data + ".log";
}

void remove_files(const std::string& data) {
    if (data.empty()) return;
    for (const std::string& path : {data, log_of(data), data + ".old"}) unlink(path.c_str());
}

// What perf said, in one line.
std::string words_of(const std::string& data) {
    std::string words = host::read_file(log_of(data)).value_or("");
    constexpr std::size_t kShown = 300;
    while (!words.empty() && words.back() == '\n') words.pop_back();
    std::replace(words.begin(), words.end(), '\n', ' ');
    return words.size() > kShown ? words.substr(0, kShown) + "..." : words;
}

Error record_error(const std::string& data) {
    const std::string words = words_of(data);
    const bool forbidden = words.find("perf_event_paranoid") != std::string::npos ||
                           words.find("ermission") != std::string::npos ||
                           words.find("not permitted") != std::string::npos;
    if (!forbidden)
        return environment_error(text::format("--profile: perf record ended at once: {}", words));
    const std::string level = host::read_file("/proc/sys/kernel/perf_event_paranoid").value_or("unknown");
    return environment_error(text::format(
        "--profile: perf may not look at the backend (kernel.perf_event_paranoid is {}); run "
        "wsblast as root or as the backend's user, or `sysctl kernel.perf_event_paranoid=1`: {}",
        level.substr(0, level.find('\n')), words));
}

std::vector<std::string> record_arguments(std::span<const pid_t> pids, const ProfilerOptions& options) {
    std::string list;
    for (const pid_t pid : pids) list += (list.empty() ? "" : ",") + std::to_string(pid);
    std::string unwinding;
    switch (options.unwinding) {
        case Unwinding::dwarf: unwinding = text::format("dwarf,{}", limits::kProfilerStackBytes); break;
        case Unwinding::frame_pointers: unwinding = "fp"; break;
    }
    // A clock of the kernel's: virtual machines have no counters of the processor's.
    return {"perf",
            "record",
            "--quiet",
            "--event",
            "cpu-clock",
            "--freq",
            std::to_string(options.frequency_hz),
            "--call-graph",
            unwinding,
            "--no-buildid",
            "--no-buildid-cache",
            "--delay",
            "-1",
            "--pid",
            list};
}

// perf begins disabled (--delay -1); it is told to begin, and its answer waited for: what is sampled is
// what happens from now on, and everything that can go wrong has gone wrong.
bool enable(int control, int answer) {
    constexpr std::string_view kCommand = "enable\n";
    if (write(control, kCommand.data(), kCommand.size()) != static_cast<ssize_t>(kCommand.size()))
        return false;
    pollfd ready{.fd = answer, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, static_cast<int>(limits::kProfilerPatienceNs / kMillisecond)) <= 0) return false;
    std::array<char, 16> words{};
    return read(answer, words.data(), words.size()) > 0;
}

}  // namespace

Result<Profiler> Profiler::start(std::span<const pid_t> pids, const ProfilerOptions& options) {
    if (pids.empty()) {
        return environment_error(
            "--profile: no process of the backend is known here; --watch-pid names one");
    }
    auto control = make_pipe();
    auto answer = make_pipe();
    if (!control) return control.error();
    if (!answer) return answer.error();
    Profiler profiler(0, options.directory + "/" + options.name + ".perf.data");
    std::vector<std::string> arguments = record_arguments(pids, options);
    arguments.insert(arguments.end(),
                     {text::format("--control=fd:{},{}", int{control->read}, int{answer->write}),
                      "--output", profiler.data_});
    FileActions files;
    files.open(STDOUT_FILENO, "/dev/null", O_WRONLY);
    files.open(STDERR_FILENO, log_of(profiler.data_), O_WRONLY | O_CREAT | O_TRUNC);
    files.pass(control->read, control->read);
    files.pass(answer->write, answer->write);
    const auto child = spawn_perf(std::move(arguments), files);
    if (!child) return child.error();
    profiler.child_ = *child;
    control->read.shut();
    answer->write.shut();
    profiler.control_ = std::move(control->write);
    profiler.answer_ = std::move(answer->read);
    if (!enable(profiler.control_, profiler.answer_)) return record_error(profiler.data_);
    return profiler;
}

Profiler::~Profiler() {
    if (child_ != 0) kill_and_wait(child_);
    remove_files(data_);
}

Result<Profile> Profiler::stop() {
    kill(child_, SIGINT);  // it writes the end of its data and ends
    const auto ended = wait_for(child_, limits::kProfilerPatienceNs);
    if (!ended) return environment_error("--profile: perf record does not end; its data is lost");
    child_ = 0;

    auto output = make_pipe();
    if (!output) return output.error();
    FileActions files;
    files.pass(output->write, STDOUT_FILENO);
    files.open(STDERR_FILENO, log_of(data_), O_WRONLY | O_CREAT | O_TRUNC);
    const auto script = spawn_perf({"perf", "--no-pager", "script", "--no-inline", "--fields",
                                    "comm,tid,ip,sym,dso", "--input", data_},
                                   files);
    if (!script) return script.error();
    output->write.shut();
    PerfScriptReader reader;
    FILE* lines = fdopen(dup(output->read), "r");
    char* line = nullptr;
    std::size_t room = 0;
    for (ssize_t size = 0; lines != nullptr && (size = getline(&line, &room, lines)) >= 0;) {
        std::string_view text(line, static_cast<std::size_t>(size));
        if (text.ends_with('\n')) text.remove_suffix(1);
        reader.add_line(text);
    }
    std::free(line);
    if (lines != nullptr) fclose(lines);
    const auto status = wait_for(*script, limits::kProfilerPatienceNs);
    if (!status) kill_and_wait(*script);
    if (status != 0)
        return environment_error(text::format("--profile: perf script failed: {}", words_of(data_)));
    return reader.finish();
}

}  // namespace wsblast::watch
