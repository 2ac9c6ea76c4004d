// Where the backend spent its CPU: stacks as perf-script(1) tells them, folded, and what changed between
// two loads. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wsblast::watch {

// What part of the samples had this function innermost, 0 .. 1.
struct FunctionShare {
    std::string function;  // "parse_frame", "[k] tcp_sendmsg", "[libssl.so.3]" where there are no symbols
    double self = 0;
};

struct Profile {
    std::uint64_t samples = 0;
    // "comm;outermost;...;innermost" and how often, as flame graphs take them.
    std::map<std::string, std::uint64_t> folded;
    std::vector<FunctionShare> functions;  // the largest share first
};

// Reads the output of `perf script -F comm,tid,ip,sym,dso` line by line: a sample is a line with the
// thread, one a frame from the innermost on, and an empty one.
class PerfScriptReader {
  public:
    // Without its line feed. What is no part of a sample is skipped: perf writes warnings between them.
    void add_line(std::string_view line);
    // Once, when all lines are read.
    [[nodiscard]] Profile finish();

  private:
    void end_sample();

    std::string thread_name_;
    std::vector<std::string> frames_;  // the innermost first
    std::map<std::string, std::uint64_t> self_;
    Profile profile_;
};

// Writes "stack count" lines; environment error when the file cannot be written.
Result<void> write_folded(const Profile& profile, const std::string& path);

// How a function's share grew from the low load to the high one.
struct Growth {
    std::string function;
    double low = 0;  // self share, 0 .. 1
    double high = 0;
    [[nodiscard]] double by() const { return high - low; }
};

// The functions whose self share grew by more than chance explains (two standard errors), the most grown
// first, at most `count_max`.
[[nodiscard]] std::vector<Growth> compare(const Profile& low, const Profile& high, std::size_t count_max);

}  // namespace wsblast::watch
