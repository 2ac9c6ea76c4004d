// Files that are written while a run goes on: the time series and the interval log. What was measured until
// a second ago is in them, however the run ends.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "plan/run_options.hpp"
#include "stats/timeline.hpp"

namespace wsblast::app {

// The main thread.
class ResultFiles {
  public:
    // Opens what the options name, in place of what is there. Environment error with the remedy.
    [[nodiscard]] static Result<ResultFiles> open(const plan::RunOptions& options);

    // The next second of the run: written, and handed to the kernel.
    void add(const stats::Interval& interval);

    // Environment error when something could not be written, a full disk for example: the first of them.
    [[nodiscard]] Result<void> finish();

  private:
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    // One file, and what went wrong with it first.
    struct Output {
        std::string option;
        std::string path;
        std::unique_ptr<std::FILE, Closer> file;
        std::optional<Error> failure{};
    };
    [[nodiscard]] static Result<Output> open_one(const std::string& option, const std::string& path);
    static void write(Output& output, const std::string& text);

    std::optional<Output> time_series_;
    std::optional<Output> interval_log_;
};

}  // namespace wsblast::app
