// The slow function of --burn: above a rate of messages, CPU time is burnt for each of them, where a
// profiler finds it by its name.
//
// One worker thread; the rate is that of its messages.
#pragma once

#include <cstdint>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "plan/serve_options.hpp"

namespace wsblast::target {

// Keeps the CPU busy for that long. Never inlined: samples of a profiler fall into it.
void burn_cpu(TimeNs duration_ns);

// The rate over the last limits::kBurnWindowNs: of the window before this one, the part that still lies
// within that time, and all of this one.
class Burner {
  public:
    explicit Burner(const plan::BurnPlan& plan)
        : plan_(plan),
          messages_max_(plan.above_per_s * static_cast<double>(limits::kBurnWindowNs) /
                        static_cast<double>(kSecond)) {}

    // False: nothing is ever burnt, and nothing else is to be called.
    [[nodiscard]] bool active() const { return plan_.cpu_ns > 0; }

    // Counts a message that came now; true: the rate is above the one that was given.
    [[nodiscard]] bool overheats(TimeNs now_ns) {
        const std::uint64_t window = now_ns / limits::kBurnWindowNs;
        if (window != window_) {
            before_ = window == window_ + 1 ? here_ : 0;
            here_ = 0;
            window_ = window;
        }
        ++here_;
        const double passed = static_cast<double>(now_ns % limits::kBurnWindowNs) /
                              static_cast<double>(limits::kBurnWindowNs);
        const double messages = static_cast<double>(before_) * (1 - passed) + static_cast<double>(here_);
        return messages > messages_max_;
    }

    void burn() const { burn_cpu(plan_.cpu_ns); }

  private:
    plan::BurnPlan plan_;
    double messages_max_;  // in a window
    std::uint64_t window_ = 0;
    std::uint64_t here_ = 0;    // messages in this window
    std::uint64_t before_ = 0;  // in the one before it
};

}  // namespace wsblast::target
