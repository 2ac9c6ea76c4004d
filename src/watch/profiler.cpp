#include "watch/profiler.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "host/proc_files.hpp"
#include "text/format.hpp"

namespace wsblast::watch {

namespace {

// One end of a pipe.
class End {
  public:
    explicit End(int descriptor = -1) : descriptor_(descriptor) {}
    End(End&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    End& operator=(End&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~End() { shut(); }
    void shut() {
        if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
    }
    operator int() const { return descriptor_; }

  private:
    int descriptor_;
};

struct Pipe {
    End read;
    End write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return environment_error(text::format("--profile: pipe: {}", std::strerror(errno)));
    return Pipe{End(ends[0]), End(ends[1])};
}

// What of the parent's a child of posix_spawn(3) has.
class FileActions {
  public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    void open(int descriptor, const char* path, int flags) {
        constexpr mode_t kMode = 0600;
        posix_spawn_file_actions_addopen(&actions_, descriptor, path, flags, kMode);
    }
    // Onto itself: it stays open in the child.
    void pass(int descriptor, int as) { posix_spawn_file_actions_adddup2(&actions_, descriptor, as); }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

// Starts perf without a shell, in the language that its messages are looked for in, and without the network
// that it would ask for debug symbols.
Result<pid_t> spawn_perf(std::vector<std::string> arguments, FileActions& files) {
    std::vector<std::string> environment{"LC_ALL=C", "DEBUGINFOD_URLS="};
    for (const char* name : {"PATH", "HOME"}) {
        if (const char* value = std::getenv(name))
            environment.push_back(text::format("{}={}", name, value));
    }
    const auto pointers = [](std::vector<std::string>& texts) {
        std::vector<char*> list;
        for (std::string& text : texts) list.push_back(text.data());
        list.push_back(nullptr);
        return list;
    };
    files.open(STDIN_FILENO, "/dev/null", O_RDONLY);
    pid_t child = 0;
    const int error = posix_spawnp(&child, "perf", files.get(), nullptr, pointers(arguments).data(),
                                   pointers(environment).data());
    if (error == 0) return child;
    if (error == ENOENT)
        return environment_error("--profile: perf is not installed; `apt-get install linux-perf` does it");
    return environment_error(text::format("--profile: perf cannot be started: {}", std::strerror(error)));
}

// Whether the child has ended by then, and how (wait(2)).
std::optional<int> wait_for(pid_t child, TimeNs patience_ns) {
    const TimeNs end_ns = monotonic_now() + patience_ns;
    for (;;) {
        int status = 0;
        const pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child) return status;
        if (ended < 0 && errno != EINTR) return 0;  // nobody's child: it has been waited for
        if (monotonic_now() >= end_ns) return std::nullopt;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void kill_and_wait(pid_t child) {
    kill(child, SIGKILL);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
}

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
    files.open(STDERR_FILENO, log_of(profiler.data_).c_str(), O_WRONLY | O_CREAT | O_TRUNC);
    files.pass(control->read, control->read);
    files.pass(answer->write, answer->write);
    const auto child = spawn_perf(std::move(arguments), files);
    if (!child) return child.error();
    profiler.child_ = *child;
    control->read.shut();
    answer->write.shut();
    if (!enable(control->write, answer->read)) return record_error(profiler.data_);
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
    files.open(STDERR_FILENO, log_of(data_).c_str(), O_WRONLY | O_CREAT | O_TRUNC);
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
