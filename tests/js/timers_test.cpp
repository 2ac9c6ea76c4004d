#include "js/timers.hpp"

#include "base/limits.hpp"
#include "tests/js/support.hpp"

using namespace wsblast;
using namespace wsblast::js;

namespace {

// Logs what has fired: "a", "b", ...
constexpr const char* kLogging = R"(
    const at = (name) => () => console.log(name);
    exports.f = (context, events, done) => { FUNCTION; done(); };)";

std::string with(const std::string& body) {
    std::string script = kLogging;
    return script.replace(script.find("FUNCTION"), 8, body);
}

}  // namespace

TEST_CASE("timers fire in the order of their due times, then of their making") {
    TestMachine machine(
        with("setTimeout(at('c'), 3); setTimeout(at('a'), 1); setTimeout(at('b'), 1);"
             "setTimeout(at('z'), 1000)"));
    REQUIRE(machine.call("f") == CallState::done);
    CHECK(machine->next_due_ns() == machine.host.time_ns + kMillisecond);
    machine.run_after(10 * kMillisecond);
    CHECK(machine.host.logged == Lines{"a", "b", "c"});
    CHECK(machine->next_due_ns() == machine.host.time_ns + 990 * kMillisecond);
}

TEST_CASE("delays that are none are a millisecond, and arguments are passed on") {
    TestMachine machine(
        with("setTimeout(console.log, 0, 'zero', 1); setTimeout(console.log, undefined, 'none');"
             "setTimeout(console.log, -5, 'less'); setTimeout(console.log, 1e12, 'far');"
             "setTimeout(console.log, 'x', 'text'); setImmediate(console.log, 'soon')"));
    REQUIRE(machine.call("f") == CallState::done);
    CHECK(machine->next_due_ns() == machine.host.time_ns + kMillisecond);
    machine.run_after(kMillisecond);
    CHECK(machine.host.logged == Lines{"zero 1", "none", "less", "far", "text", "soon"});
}

TEST_CASE("an interval fires again and again until it is cleared") {
    TestMachine machine(
        with("let n = 0; const timer = setInterval(() => { console.log(++n);"
             " if (n === 3) clearInterval(timer); }, 10)"));
    REQUIRE(machine.call("f") == CallState::done);
    for (int i = 0; i < 10; ++i) machine.run_after(10 * kMillisecond);
    CHECK(machine.host.logged == Lines{"1", "2", "3"});
    CHECK(machine->next_due_ns() == kNever);
}

TEST_CASE("an interval that is late fires once, not once for each time that was missed") {
    TestMachine machine(with("setInterval(at('x'), 10)"));
    REQUIRE(machine.call("f") == CallState::done);
    machine.run_after(kSecond);
    CHECK(machine.host.logged.size() == 1);
}

TEST_CASE("what is cleared does not fire, and clearing anything else does nothing") {
    TestMachine machine(
        with("const timer = setTimeout(at('x'), 1); clearTimeout(timer); clearTimeout(timer);"
             "clearTimeout(undefined); clearTimeout(12345); clearTimeout(-1);"
             "clearTimeout(Number(setTimeout(at('y'), 1)))"));
    REQUIRE(machine.call("f") == CallState::done);
    CHECK(machine->next_due_ns() == kNever);
    machine.run_after(kSecond);
    CHECK(machine.host.logged.empty());
}

TEST_CASE("a timer without a function is an error at once") {
    TestMachine machine(with("setTimeout('text', 1)"));
    CHECK(machine.call("f") == CallState::failed);
    CHECK(machine.error() == "TypeError: setTimeout and setInterval take a function (test.js:3)");
}

TEST_CASE("timers end with their user, and others stay") {
    TestMachine machine(with("setTimeout(() => console.log(context.vars.name), 1)") +
                        "setTimeout(at('of nobody'), 1);");
    machine->begin_user(1);
    machine->set(1, 0, Value::of_text("one"));
    REQUIRE(machine.call("f", 0) == CallState::done);
    REQUIRE(machine.call("f", 1) == CallState::done);
    machine->end_user(0);
    machine.run_after(kMillisecond);
    CHECK(machine.host.logged == Lines{"of nobody", "one"});
}

TEST_CASE("there is an end to timers") {
    TestMachine machine(with("const no = () => {}; for (let i = 0; i <= 1e6; ++i) setTimeout(no, 1e6)"));
    const CallState state = machine.call("f");
    CHECK((state == CallState::failed || state == CallState::stopped));
    machine->end_user(0);
    CHECK(machine->next_due_ns() == kNever);
}
