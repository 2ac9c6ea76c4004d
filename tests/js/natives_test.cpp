#include "js/natives.hpp"

#include <stdlib.h>

#include "base/limits.hpp"
#include "tests/js/support.hpp"

using namespace wsblast;
using namespace wsblast::js;

namespace {

// Runs the body as a function of user 0.
struct Ran : TestMachine {
    CallState state;
    explicit Ran(const std::string& body)
        : TestMachine("exports.f = (context, events, done) => {" + body + "; done(); };"),
          state(call("f")) {}
};

}  // namespace

TEST_CASE("send hands text to the host as UTF-8") {
    Ran ran(
        "const { ws } = context; ws.send('a'); ws.send('Grüße'); ws.send('€ 😀'); ws.send('\\ud800');"
        "ws.send(12.5); ws.send(true); ws.send(''); ws.send('a'.repeat(3) + 'ü'); ws.send(JSON.stringify({ "
        "a: [1] }))");
    CHECK(ran.state == CallState::done);
    CHECK(ran.host.sent == Lines{"0:a", "0:Grüße", "0:€ 😀", "0:\xef\xbf\xbd", "0:12.5", "0:true",
                                 "0:", "0:aaaü", R"(0:{"a":[1]})"});
}

TEST_CASE("a long text is sent whole") {
    Ran ran("context.ws.send('ü'.repeat(100000) + 'x'.repeat(1000))");
    REQUIRE(ran.host.sent.size() == 1);
    CHECK(ran.host.sent[0].size() == 201'002);
}

TEST_CASE("a text that is too long is refused, and cut off where it is logged") {
    Ran ran(
        "console.log('x'.repeat(1e8)); context.vars.list = ['x'.repeat(1e8)]; "
        "context.ws.send('x'.repeat(1e8))");
    CHECK(ran.state == CallState::failed);
    CHECK(ran.error().find("longer than") != std::string::npos);
    REQUIRE(ran.host.logged.size() == 1);
    CHECK(ran.host.logged[0].size() >= limits::kScriptTextUnits);
    CHECK(ran.host.logged[0].size() <= 3 * limits::kScriptTextUnits);
    CHECK(ran->get(0, 2).type == ValueType::undefined);
}

TEST_CASE("send refuses what is no text, and says what to do") {
    for (const char* what : {"{}", "[1]", "undefined", "null", "new Uint8Array(3)", "Symbol()"}) {
        INFO(what);
        Ran ran(std::string("context.ws.send(") + what + ")");
        CHECK(ran.state == CallState::failed);
        CHECK(ran.error().find("JSON.stringify") != std::string::npos);
        CHECK(ran.error().find("(test.js:1)") != std::string::npos);
        CHECK(ran.host.sent.empty());
    }
}

TEST_CASE("send without a connection is an error of the script") {
    TestMachine machine(
        "exports.f = (context, events, done) => { try { context.ws.send('x'); } catch (e) {"
        " console.log(e.message, context.ws.readyState); } done(); }");
    machine.host.open = false;
    CHECK(machine.call("f") == CallState::done);
    CHECK(machine.host.logged == Lines{"WebSocket is not open 3"});
}

TEST_CASE("send calls back, later") {
    Ran ran(
        "context.ws.send('x', () => console.log('sent')); context.ws.send('y', {}, () => "
        "console.log('too'));"
        "console.log('first')");
    ran.run_after(kMillisecond);
    CHECK(ran.host.logged == Lines{"first", "sent", "too"});
}

TEST_CASE(
    "a socket speaks for its own user, also when another user's script has it, until that user ends") {
    TestMachine machine(R"(
        exports.keep = (context, events, done) => { globalThis.kept = context.ws; done(); };
        exports.use = (context, events, done) => { kept.send('x'); done(); };
        exports.loose = (context, events, done) => { const { send } = context.ws; send('x'); };)");
    machine->begin_user(2);
    CHECK(machine.call("keep", 2) == CallState::done);
    CHECK(machine.call("use") == CallState::done);
    CHECK(machine.host.sent == Lines{"2:x"});
    machine->end_user(2);
    machine->begin_user(2);
    CHECK(machine.call("use") == CallState::failed);
    CHECK(machine.call("loose") == CallState::failed);
    CHECK(machine.host.sent.size() == 1);
}

TEST_CASE("events are emitted by kind and name") {
    Ran ran(
        "events.emit('counter', 'a.b', 2); events.emit('counter', 'one'); events.emit('histogram', 'h ü', "
        "1.5);"
        "events.emit('rate', 'r'); events.emit('error', 'E1'); events.emit('error', new Error('E2'))");
    CHECK(ran.state == CallState::done);
    CHECK(ran.host.emitted == std::vector<Emitted>{{EmitKind::counter, "a.b", 2},
                                                   {EmitKind::counter, "one", 1},
                                                   {EmitKind::histogram, "h ü", 1.5},
                                                   {EmitKind::rate, "r", 1},
                                                   {EmitKind::counter, "errors.E1", 1},
                                                   {EmitKind::counter, "errors.E2", 1}});
}

TEST_CASE("what is no number is not emitted") {
    for (const char* value : {"NaN", "'text'", "Infinity", "{}", "1n", "Symbol()"}) {
        INFO(value);
        Ran ran(std::string("events.emit('counter', 'x', ") + value + ")");
        CHECK(ran.state == CallState::failed);
        CHECK(ran.host.emitted.empty());
    }
}

TEST_CASE("other events are warned of once") {
    Ran ran("for (let i = 0; i < 3; ++i) { events.emit('customStat', {}); events.on('done', () => {}); }");
    REQUIRE(ran.host.logged.size() == 2);
    CHECK(ran.host.levels[0] == LogLevel::warn);
    CHECK(ran.host.logged[0].find("customStat") != std::string::npos);
}

TEST_CASE("the environment is process.env") {
    setenv("WSBLAST_TEST_VALUE", "ü=1", 1);
    Ran ran("console.log(process.env.WSBLAST_TEST_VALUE, process.env.NO_SUCH_VALUE)");
    unsetenv("WSBLAST_TEST_VALUE");
    CHECK(ran.host.logged == Lines{"ü=1 undefined"});
}

TEST_CASE("performance.now and hrtime go with the host's clock") {
    TestMachine machine(
        "exports.f = (context, events, done) => { console.log(performance.now(), process.hrtime(),"
        " process.hrtime([1, 5e8]), typeof process.hrtime.bigint()); done(); }");
    machine.host.time_ns += 2 * kSecond + 250 * kMillisecond;
    CHECK(machine.call("f") == CallState::done);
    CHECK(machine.host.logged == Lines{"2250 [ 2, 250000000 ] [ 0, 750000000 ] bigint"});
}
