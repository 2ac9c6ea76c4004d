#include "app/result_files.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <catch2/catch.hpp>
#include <stdlib.h>

#include "report/interval_log.hpp"
#include "report/json_report.hpp"
#include "tests/support/test_folder.hpp"

namespace wsblast::app {

namespace {

namespace fs = std::filesystem;
using test::TestFolder;

plan::RunOptions options_for(const std::string& timeseries, const std::string& hlog) {
    plan::RunOptions options;
    options.timeseries_path = timeseries;
    options.hlog_path = hlog;
    return options;
}

ResultFiles opened(const plan::RunOptions& options) {
    auto files = ResultFiles::open(options);
    INFO((files.ok() ? "" : files.error().what));
    REQUIRE(files.ok());
    return std::move(*files);
}

// What cannot be written is the environment's fault; what is said of it.
std::string environment_fault(const Error& error) {
    CHECK(error.fault == Fault::environment);
    return error.what;
}

// The second that ends at `t_s`, with one answer.
stats::Interval second(double t_s) {
    const auto histogram = std::make_unique<stats::Histogram>();
    histogram->record(static_cast<TimeNs>(t_s * 1e6));
    stats::Interval interval;
    interval.start_s = t_s - 1;
    interval.row.t_s = t_s;
    interval.row.received = 1;
    interval.latency = interval.service_time = histogram->snapshot();
    return interval;
}

std::string lines_of(double t_s) {
    return report::interval_log_lines(second(t_s));
}

constexpr const char* kFullDisk = "/dev/full";

}  // namespace

TEST_CASE("result files: a run that asks for none writes none, and nothing fails", "[app][result_files]") {
    ResultFiles files = opened({});
    files.add(second(1));
    CHECK(files.finish().ok());
}

TEST_CASE("result files: every second is in both files as soon as it is added", "[app][result_files]") {
    const TestFolder folder;
    ResultFiles files = opened(options_for(folder.path("rows"), folder.path("hlog")));
    CHECK(folder.read("rows").empty());
    const std::string head = folder.read("hlog");
    CHECK(head.starts_with("#[Histogram log format version 1.3]\n"));
    files.add(second(1));
    CHECK(folder.read("rows") == report::row_line(second(1).row));
    CHECK(folder.read("hlog") == head + lines_of(1));
    files.add(second(2.5));
    CHECK(folder.read("rows") == report::row_line(second(1).row) + report::row_line(second(2.5).row));
    CHECK(folder.read("hlog") == head + lines_of(1) + lines_of(2.5));
    CHECK(files.finish().ok());
}

TEST_CASE("result files: what was in them before is gone", "[app][result_files]") {
    const TestFolder folder;
    folder.write("rows", std::string(10'000, 'x'));
    folder.write("hlog", std::string(10'000, 'x'));
    ResultFiles files = opened(options_for(folder.path("rows"), folder.path("hlog")));
    files.add(second(1));
    CHECK(folder.read("rows") == report::row_line(second(1).row));
    CHECK(folder.read("hlog").starts_with("#[Histogram log"));
    CHECK_THAT(folder.read("hlog"), !Catch::Contains("x\n") && Catch::EndsWith(lines_of(1)));
}

TEST_CASE("result files: one may be asked for without the other", "[app][result_files]") {
    const TestFolder folder;
    const bool rows = GENERATE(true, false);
    ResultFiles files =
        opened(options_for(rows ? folder.path("rows") : "", rows ? "" : folder.path("hlog")));
    files.add(second(1));
    CHECK(files.finish().ok());
    CHECK(fs::exists(folder.path("rows")) == rows);
    CHECK(fs::exists(folder.path("hlog")) == !rows);
}

TEST_CASE("result files: a path that cannot be written is told before the run, with its option",
          "[app][result_files]") {
    const TestFolder folder;
    const std::string path = folder.path(GENERATE(as<std::string>(), "no/such/folder", ""));
    const bool rows = GENERATE(true, false);
    const auto files = ResultFiles::open(options_for(rows ? path : "", rows ? "" : path));
    REQUIRE_FALSE(files.ok());
    CHECK_THAT(environment_fault(files.error()),
               Catch::StartsWith((rows ? "--timeseries " : "--hlog ") + path + ": ") &&
                   Catch::Contains("give it a path in a folder that exists and is writable"));
}

TEST_CASE("result files: a disk without room for the log's head is told before the run",
          "[app][result_files]") {
    const auto files = ResultFiles::open(options_for("", kFullDisk));
    REQUIRE_FALSE(files.ok());
    CHECK_THAT(environment_fault(files.error()), Catch::StartsWith("--hlog /dev/full: No space left"));
}

TEST_CASE("result files: a disk that is full in the middle of a run is told at its end",
          "[app][result_files]") {
    const TestFolder folder;
    ResultFiles files = opened(options_for(kFullDisk, folder.path("hlog")));
    for (const double t_s : {1.0, 2.0, 3.0}) files.add(second(t_s));
    const auto written = files.finish();
    REQUIRE_FALSE(written.ok());
    CHECK_THAT(environment_fault(written.error()),
               Catch::StartsWith("--timeseries /dev/full: No space left") &&
                   Catch::Contains("on a disk with room"));
    CHECK_THAT(folder.read("hlog"), Catch::EndsWith(lines_of(1) + lines_of(2) + lines_of(3)));
}

}  // namespace wsblast::app
