#include "watch/profiler.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <catch2/catch.hpp>

#include "host/process.hpp"
#include "tests/support/child_process.hpp"
#include "tests/watch/profile_share.hpp"

namespace wsblast::watch {

namespace {

using Catch::Contains;
using test::ChildProcess;

// A folder of this test's own, empty at first.
struct Folder {
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string path =
        std::filesystem::temp_directory_path() / ("profiler_test_" + std::to_string(getpid()));
};

bool perf_is_missing() {
    if (test::has_program("perf")) return false;
    WARN("perf is not installed: apt-get install linux-perf");
    return true;
}

// Until it has had so much more of the CPU, whoever else wants it.
void await_cpu(pid_t pid, TimeNs cpu_ns) {
    const auto burned_ns = [&] {
        const auto use = host::read_process(pid);
        REQUIRE(use.has_value());
        return use->user_ns + use->system_ns;
    };
    const TimeNs end_ns = burned_ns() + cpu_ns;
    while (burned_ns() < end_ns) std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

// Of a program that spends that share of its time in hot_function().
Profile profile_of_burner(int hot_percent, const ProfilerOptions& options) {
    ChildProcess burner({std::getenv("WSBLAST_BURNER"), std::to_string(hot_percent)});
    REQUIRE(burner.line() == "burning");
    const pid_t pid = burner.pid();
    auto profiler = Profiler::start({&pid, 1}, options);
    if (!profiler) FAIL(profiler.error().what);
    await_cpu(pid, kSecond);
    auto profile = profiler->stop();
    if (!profile) FAIL(profile.error().what);
    return std::move(*profile);
}

}  // namespace

TEST_CASE("profiler: the function that takes more of the CPU is named first", "[watch][profiler]") {
    if (perf_is_missing()) return;
    const Folder folder;
    const Profile low = profile_of_burner(10, {.frequency_hz = 499, .directory = folder.path});
    const Profile high = profile_of_burner(70, {.frequency_hz = 499, .directory = folder.path});
    REQUIRE(low.samples > 30);
    REQUIRE(high.samples > 30);
    CHECK(share(low, "hot_function") == Approx(0.1).margin(0.1));
    CHECK(share(high, "hot_function") == Approx(0.7).margin(0.15));
    const std::vector<Growth> growths = compare(low, high, 5);
    REQUIRE_FALSE(growths.empty());
    CHECK(growths.front().function == "hot_function");
    CHECK(std::filesystem::is_empty(folder.path));  // perf's data is removed
}

TEST_CASE("profiler: callers are known without frame pointers", "[watch][profiler]") {
    if (perf_is_missing()) return;
    const Folder folder;
    const Profile profile = profile_of_burner(50, {.frequency_hz = 499, .directory = folder.path});
    const auto is_whole = [](const auto& stack) {
        return stack.first.find(";main;burn") != std::string::npos &&
               stack.first.ends_with(";hot_function");
    };
    CHECK(std::any_of(profile.folded.begin(), profile.folded.end(), is_whole));
}

TEST_CASE("profiler: a backend that ends meanwhile leaves what was sampled", "[watch][profiler]") {
    if (perf_is_missing()) return;
    const Folder folder;
    ChildProcess burner({std::getenv("WSBLAST_BURNER"), "100"});
    REQUIRE(burner.line() == "burning");
    const pid_t pid = burner.pid();
    auto profiler = Profiler::start({&pid, 1}, {.frequency_hz = 499, .directory = folder.path});
    if (!profiler) FAIL(profiler.error().what);
    await_cpu(pid, 400 * kMillisecond);
    burner.end();
    const auto profile = profiler->stop();
    if (!profile) FAIL(profile.error().what);
    CHECK(share(*profile, "hot_function") > 0.8);
}

TEST_CASE("profiler: a process that is none is an error with perf's words", "[watch][profiler]") {
    if (perf_is_missing()) return;
    const Folder folder;
    ChildProcess ended({"true"});
    const pid_t pid = ended.pid();
    ended.end();
    const auto profiler = Profiler::start({&pid, 1}, {.directory = folder.path});
    REQUIRE_FALSE(profiler.ok());
    CHECK_THAT(profiler.error().what, Contains("--profile: perf record"));
    CHECK(std::filesystem::is_empty(folder.path));
}

TEST_CASE("profiler: nobody to profile and no perf are errors with the remedy", "[watch][profiler]") {
    const auto nobody = Profiler::start({}, {});
    REQUIRE_FALSE(nobody.ok());
    CHECK_THAT(nobody.error().what, Contains("--watch-pid"));
    const Folder folder;
    const std::string path = std::getenv("PATH");
    setenv("PATH", folder.path.c_str(), 1);
    const pid_t self = getpid();
    const auto missing = Profiler::start({&self, 1}, {.directory = folder.path});
    setenv("PATH", path.c_str(), 1);
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.error().fault == Fault::environment);
    CHECK_THAT(missing.error().what, Contains("apt-get install linux-perf"));
}

}  // namespace wsblast::watch
