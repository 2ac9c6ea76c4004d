// A machine on a file that the test writes, and a host that remembers what scripts do.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <stdlib.h>

#include "base/clock.hpp"
#include "js/machine.hpp"

namespace wsblast::js {

using Lines = std::vector<std::string>;

struct Emitted {
    EmitKind kind;
    std::string name;
    double value;
    friend bool operator==(const Emitted&, const Emitted&) = default;
};

struct Ended {
    UserId user;
    CallState state;
    bool truth;
    friend bool operator==(const Ended&, const Ended&) = default;
};

struct TestHost : Host {
    std::vector<std::string> sent;
    std::vector<Emitted> emitted;
    std::vector<std::string> logged;
    std::vector<LogLevel> levels;
    std::vector<Ended> ended;
    std::vector<std::string> faults;
    bool open = true;
    TimeNs time_ns = 1'000 * kSecond;

    SendOutcome send(UserId user, std::string_view text) override {
        if (!open) return SendOutcome::not_open;
        sent.push_back(std::to_string(user) + ":" + std::string(text));
        return SendOutcome::sent;
    }
    bool is_open(UserId) const override { return open; }
    TimeNs now_ns() const override { return time_ns; }
    void emit(EmitKind kind, std::string_view name, double value) override {
        emitted.push_back({kind, std::string(name), value});
    }
    void log(LogLevel level, std::string_view text) override {
        logged.emplace_back(text);
        levels.push_back(level);
    }
    void on_done(UserId user, CallState state, bool truth) override {
        ended.push_back({user, state, truth});
    }
    void on_fault(UserId user, std::string_view error) override {
        faults.push_back(std::to_string(user) + ": " + std::string(error));
    }
};

// A folder of its own for each test, gone with it.
class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "wsblast-js-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    // Its path.
    std::string write(const std::string& name, const std::string& text) const {
        const std::filesystem::path file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
        return file.string();
    }
    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

inline constexpr TimeNs kTestTimeoutNs = 100 * kMillisecond;

// Users 0 to 3, of whom 0 has begun. Slots: name, count, list.
struct TestMachine {
    Folder folder;
    TestHost host;
    std::unique_ptr<Machine> machine;

    explicit TestMachine(const std::string& script, std::size_t heap_bytes_max = 0) {
        MachineOptions options{.file = folder.write("test.js", script),
                               .slot_names = {"name", "count", "list"},
                               .scenarios_json = R"([{"name":"the scenario"},{"name":"another one"}])",
                               .call_timeout_ns = kTestTimeoutNs,
                               .heap_bytes_max = heap_bytes_max};
        auto made = Machine::create(options, host);
        INFO((made.ok() ? "" : made.error().what));
        REQUIRE(made.ok());
        machine = std::move(*made);
        machine->begin_user(0);
    }

    Machine* operator->() { return machine.get(); }
    // Of an exported function that is there.
    CallState call(const char* name, UserId user = 0) {
        const auto function = machine->function(name);
        REQUIRE(function.has_value());
        return machine->call(user, *function);
    }
    CallState test(const char* name) { return machine->call_test(0, *machine->function(name)); }
    void run_after(TimeNs pause_ns) {
        host.time_ns += pause_ns;
        machine->run_due(host.time_ns);
    }
    std::string error() const { return std::string(machine->error()); }
};

// Slices of the collector until `is_reached`, for ten seconds at most: part of its work is done by threads
// that wait for a CPU like others.
template <class Collector, class Condition>
[[nodiscard]] bool collect_until(Collector& collector, Condition&& is_reached) {
    const TimeNs end_ns = monotonic_now() + 10 * kSecond;
    while (!is_reached()) {
        if (monotonic_now() > end_ns) return false;
        collector.collect_some();
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    return true;
}

// What create() says of a script.
inline std::string load_error(const std::string& script) {
    const Folder folder;
    TestHost host;
    const MachineOptions options{.file = folder.write("test.js", script),
                                 .call_timeout_ns = kTestTimeoutNs};
    auto made = Machine::create(options, host);
    if (made.ok()) return "";
    CHECK(made.error().fault == Fault::usage);
    std::string what = made.error().what;
    for (auto at = what.find(folder.path() + "/"); at != std::string::npos;
         at = what.find(folder.path() + "/")) {
        what.erase(at, folder.path().size() + 1);
    }
    return what;
}

}  // namespace wsblast::js
