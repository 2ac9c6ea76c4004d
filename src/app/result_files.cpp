#include "app/result_files.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <time.h>

#include "base/clock.hpp"
#include "report/interval_log.hpp"
#include "report/json_report.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

Error unwritable(const std::string& option, const std::string& path) {
    return environment_error(text::format(
        "{} {}: {}; give it a path in a folder that exists and is writable, on a disk with room", option,
        path, std::strerror(errno)));
}

}  // namespace

Result<ResultFiles::Output> ResultFiles::open_one(const std::string& option, const std::string& path) {
    std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "we"));
    if (!file) return unwritable(option, path);
    return Output{option, path, std::move(file)};
}

Result<ResultFiles> ResultFiles::open(const plan::RunOptions& options) {
    ResultFiles files;
    if (!options.timeseries_path.empty()) {
        auto output = open_one("--timeseries", options.timeseries_path);
        if (!output) return output.error();
        files.time_series_ = std::move(*output);
    }
    if (!options.hlog_path.empty()) {
        auto output = open_one("--hlog", options.hlog_path);
        if (!output) return output.error();
        files.interval_log_ = std::move(*output);
        const double unix_s = static_cast<double>(read_clock(CLOCK_REALTIME)) / 1e9;
        write(*files.interval_log_, report::interval_log_head(unix_s));
        if (files.interval_log_->failure) return *files.interval_log_->failure;
    }
    return files;
}

void ResultFiles::write(Output& output, const std::string& text) {
    if (output.failure) return;
    const bool written = std::fwrite(text.data(), 1, text.size(), output.file.get()) == text.size();
    if (!written || std::fflush(output.file.get()) != 0)
        output.failure = unwritable(output.option, output.path);
}

void ResultFiles::add(const stats::Interval& interval) {
    if (time_series_) write(*time_series_, report::row_line(interval.row));
    if (interval_log_) write(*interval_log_, report::interval_log_lines(interval));
}

Result<void> ResultFiles::finish() {
    for (const auto* output : {&time_series_, &interval_log_}) {
        if (*output && (*output)->failure) return *(*output)->failure;
    }
    return {};
}

}  // namespace wsblast::app
