// A harness for benchmarks of our own code: what an operation costs in CPU time of the calling thread.
//
//     int main(int argc, char** argv) {
//         Bench bench(argc, argv);
//         bench.measure("name", kOperations, [&] { ... does kOperations of them ... });
//     }
//
// A body is repeated in windows of some milliseconds; the table shows the best window and the median one.
// With
// --smoke the windows are so short that all of it is a test that the benchmarks still run.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "base/clock.hpp"
#include "base/units.hpp"

namespace wsblast::bench {

// The compiler must assume that the value is read here, and that all memory may have changed.
template <class T>
inline void keep(const T& value) {
    asm volatile("" : : "r"(&value) : "memory");
}

enum class Mode : std::uint8_t { full, smoke };

class Bench {
  public:
    // Arguments: --smoke, and a text that the names to be run contain.
    Bench(int argc, char** argv) {
        for (int i = 1; i < argc; ++i) {
            const std::string_view argument = argv[i];
            if (argument == "--smoke") {
                mode_ = Mode::smoke;
            } else {
                filter_ = argument;
            }
        }
        std::printf("%-52s %10s %10s\n", "ns an operation, thread CPU time", "best", "median");
    }

    [[nodiscard]] Mode mode() const { return mode_; }

    // `body` does `operations` of what is measured, at least some 100 so that the loop around it is
    // nothing.
    template <class Body>
    void measure(std::string_view name, std::uint64_t operations, Body&& body) {
        if (name.find(filter_) == std::string_view::npos) return;
        body();  // touches its memory, trains the branch predictor
        std::array<double, kWindows> cost_ns{};
        for (double& cost : cost_ns) {
            std::uint64_t calls = 0;
            const TimeNs start_ns = thread_cpu_now();
            TimeNs used_ns = 0;
            do {
                for (int i = 0; i < kCallsAtOnce; ++i) body();
                calls += kCallsAtOnce;
                used_ns = thread_cpu_now() - start_ns;
            } while (used_ns < window_ns());
            cost = static_cast<double>(used_ns) / static_cast<double>(calls * operations);
        }
        std::sort(cost_ns.begin(), cost_ns.end());
        std::printf("%-52.*s %10.2f %10.2f\n", static_cast<int>(name.size()), name.data(), cost_ns.front(),
                    cost_ns[kWindows / 2]);
    }

  private:
    static constexpr std::size_t kWindows = 7;
    static constexpr int kCallsAtOnce = 8;

    [[nodiscard]] TimeNs window_ns() const {
        return mode_ == Mode::smoke ? 20 * kMicrosecond : 20 * kMillisecond;
    }

    Mode mode_ = Mode::full;
    std::string_view filter_;
};

}  // namespace wsblast::bench
