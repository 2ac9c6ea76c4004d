#include "js/watchdog.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <sched.h>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "tests/js/support.hpp"

using namespace wsblast;
using namespace wsblast::js;

namespace {

constexpr std::size_t kSmallHeap = 32 * kMiB;

// So many threads that take what they can of the core that this thread is kept on meanwhile.
class Crowd {
  public:
    explicit Crowd(int size) {
        sched_getaffinity(0, sizeof before_, &before_);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(sched_getcpu(), &one);
        sched_setaffinity(0, sizeof one, &one);  // of this thread, and of those that it starts
        for (int i = 0; i < size; ++i) {
            threads_.emplace_back([this] {
                while (!over_.load(std::memory_order_relaxed)) {
                }
            });
        }
    }
    ~Crowd() {
        over_.store(true);
        for (std::thread& thread : threads_) thread.join();
        sched_setaffinity(0, sizeof before_, &before_);
    }

  private:
    cpu_set_t before_{};
    std::atomic<bool> over_ = false;
    std::vector<std::thread> threads_;
};

// Scripts that run away are stopped, and the machine goes on with others.
void check_stopped(const std::string& body, CallState expected = CallState::stopped) {
    INFO(body);
    TestMachine machine("exports.f = (context, events, done) => {" + body +
                        "};"
                        "exports.g = (context, events, done) => done();");
    const TimeNs start_ns = thread_cpu_now();
    CHECK(machine.call("f") == expected);
    CHECK(machine.error().find("100ms") != std::string::npos);
    CHECK(thread_cpu_now() - start_ns >= kTestTimeoutNs);
    CHECK(thread_cpu_now() - start_ns < 20 * kTestTimeoutNs);
    CHECK(machine.call("g") == CallState::done);
}

}  // namespace

TEST_CASE("functions that run for ever are stopped") {
    check_stopped("for (;;) {}");
    check_stopped("while (true) { try { for (;;) {} } catch (e) {} finally { continue; } }");
    check_stopped("(function again() { Promise.resolve().then(again); })();");
    check_stopped("(async () => { for (;;) await null; })();");
    check_stopped("done({ get message() { for (;;) {} } }); for (;;) {}");
}

TEST_CASE("a function is not stopped because others have its core") {
    // A quarter of the core is its own: half the time that it may take lasts twice as long as that.
    const auto busy = [](std::uint64_t passes) {
        return "exports.f = (context, events, done) => { let sum = 0; for (let i = 0; i < " +
               std::to_string(passes) + "; ++i) sum += i % 7; done(); };";
    };
    constexpr std::uint64_t kPasses = 2'000'000;
    const auto cost_ns = [&] {
        TestMachine machine(busy(kPasses));
        REQUIRE(machine.call("f") == CallState::done);  // compiles it
        const TimeNs before_ns = thread_cpu_now();
        REQUIRE(machine.call("f") == CallState::done);
        return std::max<TimeNs>(thread_cpu_now() - before_ns, 1);
    };
    TestMachine machine(busy(kPasses * (kTestTimeoutNs / 2) / cost_ns()));

    const Crowd crowd(3);
    const TimeNs start_ns = monotonic_now();
    CHECK(machine.call("f") == CallState::done);
    CHECK(monotonic_now() - start_ns > kTestTimeoutNs);
}

TEST_CASE("a pattern that would take for ever ends the call") {
    TestMachine machine(
        "exports.f = (context, events, done) => { /(a+)+b/.test('a'.repeat(60)); done(); };");
    const TimeNs start_ns = monotonic_now();
    CHECK(machine.call("f") != CallState::done);
    CHECK_FALSE(machine.error().empty());
    CHECK(monotonic_now() - start_ns < 20 * kTestTimeoutNs);
}

TEST_CASE("a handler that runs for ever is stopped, and its user's call that waits ends") {
    TestMachine machine(R"(
        exports.f = (context, events, done) => { context.ws.onmessage = () => { for (;;) {} }; };
        exports.g = (context, events, done) => { setTimeout(() => { for (;;) {} }, 1); };)");
    CHECK(machine.call("f") == CallState::waiting);
    machine->message(0, "x");
    CHECK(machine.host.faults.empty());
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::stopped, false}});
    CHECK(machine.call("g") == CallState::waiting);
    machine.run_after(kMillisecond);
    CHECK(machine.host.ended.size() == 2);
}

TEST_CASE("a function that was stopped too often fails at once, and others do not") {
    TestMachine machine(R"(
        exports.f = (context, events, done) => { for (;;) {} };
        exports.g = (context, events, done) => { done(); };)");
    for (std::uint32_t i = 0; i < limits::kScriptStopsMax; ++i)
        CHECK(machine.call("f") == CallState::stopped);
    const TimeNs start_ns = monotonic_now();
    CHECK(machine.call("f") == CallState::stopped);
    CHECK(machine.error() == "it was stopped too often");
    CHECK(monotonic_now() - start_ns < kTestTimeoutNs / 2);
    CHECK(machine.call("g") == CallState::done);
}

TEST_CASE("a script that runs for ever while it is loaded is refused") {
    CHECK(load_error("for (;;) {}").find("100ms") != std::string::npos);
}

TEST_CASE("infinite recursion is an error like others") {
    TestMachine machine(
        "exports.f = (context, events, done) => exports.f(context, events, done);\n"
        "exports.g = (context, events, done) => { try { exports.f(); } catch (e) { done(); } };");
    CHECK(machine.call("f") == CallState::failed);
    CHECK(machine.error() == "InternalError: too much recursion (test.js:1)");
    CHECK(machine.call("g") == CallState::done);
}

TEST_CASE("a script that eats memory fails, and the machine goes on") {
    for (const char* body :
         {"const a = []; for (;;) a.push({ x: a.length });",
          "const a = []; for (let i = 0;; ++i) a.push(('x' + i).repeat(1e6).split('').join('-'));",
          "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));",
          "let t = 'x'; for (;;) { t += t; JSON.stringify(t); }"}) {
        INFO(body);
        const std::string script = "exports.f = (context, events, done) => {" + std::string(body) +
                                   "};"
                                   "exports.g = (context, events, done) => done();";
        TestMachine machine(script, kSmallHeap);
        const CallState state = machine.call("f");
        CHECK((state == CallState::failed || state == CallState::stopped));
        INFO(machine.error());
        CHECK_FALSE(machine.error().empty());
        CHECK(machine.call("g") == CallState::done);
        machine->collect_some();
        CHECK(machine->heap_bytes() < kSmallHeap);
    }
}

TEST_CASE("calls fail while scripts keep too much, and work again when they have let go") {
    TestMachine machine(
        "exports.keep = (context, events, done) => { context.kept = context.kept || [];"
        " context.kept.push(new Uint8Array(250000)); done(); };",
        kSmallHeap);
    machine->begin_user(1);
    for (int i = 0; i < 200; ++i) static_cast<void>(machine.call("keep", 1));
    machine->collect_some();
    CHECK(machine.call("keep", 0) == CallState::failed);
    CHECK(machine.error() == "out of memory: scripts keep more than 32 MiB a core");
    machine->end_user(1);
    CHECK(collect_until(*machine.machine, [&] { return machine.call("keep", 0) == CallState::done; }));
}
