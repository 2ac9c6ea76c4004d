// What JavaScript costs: calls of the YMERA processor's functions, handlers of messages, users:
// script [--smoke] [TEXT].
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "bench/micro/bench.hpp"
#include "js/machine.hpp"

using namespace wsblast;
using namespace wsblast::bench;

namespace {

constexpr std::uint64_t kOperations = 1'000;
constexpr std::uint32_t kUsers = 20'000;
constexpr std::string_view kAnswer =
    R"({"type":"agent_response","from":"agent_17","to":"user_0f3c55aa","payload":{"status":"processed",)"
    R"("action":"execute","data":{"test":true}},"timestamp":1234567})";

// Looks at what it gets, and keeps nothing.
struct CountingHost final : js::Host {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;

    js::SendOutcome send(js::UserId, std::string_view text) override {
        ++messages;
        bytes += text.size();
        keep(text[0]);
        return js::SendOutcome::sent;
    }
    bool is_open(js::UserId) const override { return true; }
    TimeNs now_ns() const override { return monotonic_now(); }
    void emit(js::EmitKind, std::string_view, double) override { ++messages; }
    void log(js::LogLevel, std::string_view) override {}
    void on_done(js::UserId, js::CallState, bool) override {}
    void on_fault(js::UserId, std::string_view) override {}
};

std::uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t pages = 0;
    file >> pages >> pages;
    return pages * 4'096;
}

// One call for each of the users in turn, as a run has them.
void measure_call(Bench& bench, js::Machine& machine, const std::string& name) {
    const js::FunctionId function = *machine.function(name);
    js::UserId user = 0;
    bench.measure("call: " + name + ", 20,000 users in turn", kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i) {
            keep(machine.call(user, function));
            user = (user + 1) % kUsers;
        }
        machine.collect_some();
    });
    bench.measure("call: " + name + ", one user", kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i) keep(machine.call(0, function));
        machine.collect_some();
    });
}

void measure_messages(Bench& bench, js::Machine& machine) {
    const js::FunctionId listen = *machine.function("measureLatency");
    for (js::UserId user = 0; user < kUsers; ++user) keep(machine.call(user, listen));
    js::UserId user = 0;
    bench.measure("message: measureLatency's handler, 20,000 users", kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i) {
            machine.message(user, kAnswer);
            user = (user + 1) % kUsers;
        }
        machine.collect_some();
    });
}

void measure_users(Bench& bench, js::Machine& machine) {
    js::UserId user = 0;
    bench.measure("a user begins and ends", kOperations, [&] {
        for (std::uint64_t i = 0; i < kOperations; ++i) {
            machine.begin_user(user);
            machine.end_user(user);
            user = (user + 1) % kUsers;
        }
        machine.collect_some();
    });
    bench.measure("two variables are set and one is read", kOperations, [&] {
        machine.begin_user(0);
        for (std::uint64_t i = 0; i < kOperations; ++i) {
            machine.set(0, 0, Value::of_text("user_0f3c55aa"));
            machine.set(0, 1, Value::of_text("agent_17"));
            keep(machine.get(0, 0));
        }
    });
}

void show_memory(js::Machine& machine, std::uint64_t before_rss) {
    const std::size_t empty = machine.heap_bytes();
    const std::uint64_t empty_rss = resident_bytes();
    const js::FunctionId generate = *machine.function("generateUserId");
    for (js::UserId user = 0; user < kUsers; ++user) {
        machine.begin_user(user);
        keep(machine.call(user, generate));
    }
    std::printf(
        "\nmachine: %.1f MB of RSS, heap %.1f MB; a user with two variables: %.0f B of heap, %.0f B of "
        "RSS\n\n",
        static_cast<double>(empty_rss - before_rss) / 1e6, static_cast<double>(empty) / 1e6,
        static_cast<double>(machine.heap_bytes() - empty) / kUsers,
        static_cast<double>(resident_bytes() - empty_rss) / kUsers);
}

}  // namespace

int main(int argc, char** argv) {
    CountingHost host;
    const std::uint64_t before_rss = resident_bytes();
    const js::MachineOptions options{.file = WSBLAST_SCENARIOS "/ymera-processor.js",
                                     .slot_names = {"userId", "agentId"},
                                     .call_timeout_ns = kSecond};
    auto machine = js::Machine::create(options, host);
    if (!machine.ok()) {
        std::printf("%s\n", machine.error().what.c_str());
        return js::Machine::available() ? 1 : 0;
    }
    show_memory(**machine, before_rss);
    Bench bench(argc, argv);
    measure_call(bench, **machine, "generateUserId");
    measure_call(bench, **machine, "sendAgentMessage");
    measure_messages(bench, **machine);
    measure_users(bench, **machine);
    return 0;
}
