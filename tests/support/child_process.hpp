// A program as a child process, whose lines a test reads: the other side of tests with real processes.
#pragma once

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wsblast::test {

// Found in PATH. Whether a program can be run at all, a test asks with has_program().
class ChildProcess {
  public:
    explicit ChildProcess(std::vector<std::string> arguments) {
        int ends[2];
        REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // so that its children end with it
        std::vector<char*> pointers;
        for (std::string& argument : arguments) pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        const int error = posix_spawnp(&pid_, pointers[0], &files, &attributes, pointers.data(), environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
        close(ends[1]);
        output_ = ends[0];
        REQUIRE(error == 0);
    }
    ~ChildProcess() {
        end();
        close(output_);
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }

    // The next line that it prints, without the line feed; fails the test after ten seconds without one.
    [[nodiscard]] std::string line() {
        constexpr int kPatienceMs = 10'000;
        std::string text;
        for (char letter = 0; letter != '\n';) {
            pollfd ready{.fd = output_, .events = POLLIN, .revents = 0};
            REQUIRE(poll(&ready, 1, kPatienceMs) == 1);
            REQUIRE(read(output_, &letter, 1) == 1);
            if (letter != '\n') text += letter;
        }
        return text;
    }

    void end() {
        if (pid_ == 0) return;
        kill(-pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

  private:
    pid_t pid_ = 0;
    int output_ = -1;
};

// Whether the shell would find it.
[[nodiscard]] inline bool has_program(const std::string& name) {
    std::string paths = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
    for (std::size_t start = 0; start < paths.size();) {
        const std::size_t end = std::min(paths.find(':', start), paths.size());
        if (access((paths.substr(start, end - start) + "/" + name).c_str(), X_OK) == 0) return true;
        start = end + 1;
    }
    return false;
}

}  // namespace wsblast::test
