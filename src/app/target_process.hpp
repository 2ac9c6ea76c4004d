// The built-in target as a child process, for the length of a run: what it costs is not in the generator's
// figures, and it dies with its parent. It speaks TLS where the run checks no certificates: its own signs
// itself.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <sys/types.h>

#include "base/result.hpp"
#include "plan/run_options.hpp"

namespace wsblast::app {

class TargetProcess {
  public:
    // Forks: call it before any thread is started. The cores that the process may use are split between
    // both, the larger half to the generator; a single one is shared. Environment error when it cannot
    // listen.
    [[nodiscard]] static Result<TargetProcess> start(const plan::RunOptions& options);

    // Asks it to close, and waits for it.
    ~TargetProcess();
    TargetProcess(TargetProcess&& other) noexcept
        : pid_(std::exchange(other.pid_, 0)), url_(std::move(other.url_)), cores_left_(other.cores_left_) {}
    TargetProcess& operator=(TargetProcess&&) = delete;

    // Of what the run's messages want.
    [[nodiscard]] const std::string& url() const { return url_; }
    // What is left for the generator.
    [[nodiscard]] std::uint32_t cores_left() const { return cores_left_; }

  private:
    TargetProcess(pid_t pid, std::string url, std::uint32_t cores_left)
        : pid_(pid), url_(std::move(url)), cores_left_(cores_left) {}

    pid_t pid_;
    std::string url_;
    std::uint32_t cores_left_;
};

}  // namespace wsblast::app
