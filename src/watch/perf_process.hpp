// perf(1) as a child process: pipes to it, what it inherits, its start and its end. Any thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <spawn.h>
#include <sys/types.h>

#include "base/result.hpp"
#include "base/units.hpp"

namespace wsblast::watch {

// Owns one end of a pipe.
class PipeEnd {
  public:
    explicit PipeEnd(int descriptor = -1) : descriptor_(descriptor) {}
    PipeEnd(PipeEnd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    PipeEnd& operator=(PipeEnd&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~PipeEnd() { shut(); }
    void shut();
    operator int() const { return descriptor_; }

  private:
    int descriptor_;
};

struct Pipe {
    PipeEnd read;
    PipeEnd write;
};

// Both ends are closed in children, but for what FileActions passes on. Environment error.
[[nodiscard]] Result<Pipe> make_pipe();

// The descriptors that a child of posix_spawn(3) has.
class FileActions {
  public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    void open(int descriptor, const std::string& path, int flags);
    // Under the number `as`, which may be its own.
    void pass(int descriptor, int as) { posix_spawn_file_actions_adddup2(&actions_, descriptor, as); }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

// Starts perf, found in PATH, without a shell; its messages are in English, and it asks no server for debug
// symbols. Environment error with the remedy when there is none.
[[nodiscard]] Result<pid_t> spawn_perf(std::vector<std::string> arguments, FileActions& files);

// How the child ended (wait(2)), if it does within that time.
[[nodiscard]] std::optional<int> wait_for(pid_t child, TimeNs patience_ns);

void kill_and_wait(pid_t child);

}  // namespace wsblast::watch
