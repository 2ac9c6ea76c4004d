#include "watch/perf_process.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "text/format.hpp"

namespace wsblast::watch {

void PipeEnd::shut() {
    if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
}

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return environment_error(text::format("--profile: pipe: {}", std::strerror(errno)));
    return Pipe{PipeEnd(ends[0]), PipeEnd(ends[1])};
}

void FileActions::open(int descriptor, const std::string& path, int flags) {
    constexpr mode_t kMode = 0600;
    posix_spawn_file_actions_addopen(&actions_, descriptor, path.c_str(), flags, kMode);
}

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

}  // namespace wsblast::watch
