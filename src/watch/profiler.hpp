// perf record(1) on the backend while a step runs: a child process, which samples what its threads are
// executing. The main thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <sys/types.h>

#include "base/result.hpp"
#include "watch/perf_process.hpp"
#include "watch/profile.hpp"

namespace wsblast::watch {

// How perf finds the callers of a function. What is innermost, and with it every self share, it knows in
// any case.
enum class Unwinding : std::uint8_t {
    dwarf,           // from a copy of the stack: also what is built without frame pointers, as releases are
    frame_pointers,  // cheaper; Go, and JIT code of Node
};

struct ProfilerOptions {
    // Samples a second and core: a prime, so that it does not beat with what happens 100 times a second.
    std::uint32_t frequency_hz = 97;
    Unwinding unwinding = Unwinding::dwarf;
    // Where perf keeps its data, named by `name`; it is removed once it is read.
    std::string directory = ".";
    std::string name = "backend";
};

class Profiler {
  public:
    // Starts sampling all threads of these processes, and those that they start. Environment errors with
    // the remedy: no perf on this machine, kernel.perf_event_paranoid or another user's process forbids it,
    // perf ended at once with words of its own.
    [[nodiscard]] static Result<Profiler> start(std::span<const pid_t> pids,
                                                const ProfilerOptions& options);

    // Ends perf if it still runs, and removes its data.
    ~Profiler();
    Profiler(Profiler&& other) noexcept
        : child_(std::exchange(other.child_, 0)),
          data_(std::exchange(other.data_, {})),
          control_(std::move(other.control_)),
          answer_(std::move(other.answer_)) {}
    Profiler& operator=(Profiler&&) = delete;

    // Ends the sampling and reads what was sampled; some seconds for a minute of a busy server. A backend
    // that used no CPU is a profile without samples. Once.
    [[nodiscard]] Result<Profile> stop();

  private:
    Profiler(pid_t child, std::string data) : child_(child), data_(std::move(data)) {}

    pid_t child_;
    std::string data_;  // path
    // perf's commands and its answers: it dies of their end.
    PipeEnd control_;
    PipeEnd answer_;
};

}  // namespace wsblast::watch
