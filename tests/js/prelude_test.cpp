#include "js/prelude.hpp"

#include "tests/js/support.hpp"

using namespace wsblast;
using namespace wsblast::js;

namespace {

// What console.log makes of its arguments.
std::string logged(const std::string& arguments) {
    TestMachine machine("exports.f = (context, events, done) => { console.log(" + arguments +
                        "); done(); };");
    INFO(arguments);
    REQUIRE(machine.call("f") == CallState::done);
    REQUIRE(machine.host.logged.size() == 1);
    return machine.host.logged[0];
}

// A machine whose function `f` was called, and then got messages.
struct Listening : TestMachine {
    explicit Listening(const std::string& body)
        : TestMachine(
              "exports.f = (context, events, done) => { const { ws } = context; const { log } = console;" +
              body + "; done(); };") {
        REQUIRE(call("f") == CallState::done);
    }
};

}  // namespace

TEST_CASE("console.log shows values as Node.js does, on one line") {
    CHECK(logged("") == "");
    CHECK(logged("'a', 1, null, undefined, true, -0, 10n") == "a 1 null undefined true -0 10n");
    CHECK(logged("{ a: 1, 'b-c': ['x', \"it's\"], d: {} }") ==
          R"({ a: 1, 'b-c': [ 'x', "it's" ], d: {} })");
    CHECK(logged("[[[[1]]]]") == "[ [ [ [Array] ] ] ]");
    CHECK(logged("{ a: { b: { c: { d: 1 } } } }") == "{ a: { b: { c: [Object] } } }");
    CHECK(logged("new Map([[1, { a: 2 }]]), new Set('a')") == "Map(1) { 1 => { a: 2 } } Set(1) { 'a' }");
    CHECK(logged("() => 1, function name() {}, class A {}") ==
          "[Function (anonymous)] [Function: name] [class A]");
    CHECK(logged("new Date(0), /x/g") == "1970-01-01T00:00:00.000Z /x/g");
    CHECK(logged("new (class Point { constructor() { this.x = 1; } })()") == "Point { x: 1 }");
    CHECK(logged("Object.create(null)") == "[Object: null prototype] {}");
    CHECK(logged("new Uint8Array(2)") == "Uint8Array(2) [ 0, 0 ]");
    CHECK(logged("(() => { const a = {}; a.a = a; return a; })()") == "{ a: [Circular *1] }");
    CHECK(logged("Symbol('s'), [Symbol('t')]") == "Symbol(s) [ Symbol(t) ]");
    CHECK(logged("new TypeError('no')").starts_with("TypeError: no\n    at "));
}

TEST_CASE("console.log fills the holes of its first text") {
    CHECK(logged("'%s is %d, %i, %f', 'x', '1.5', 1.9, '2.5z'") == "x is 1.5, 1, 2.5");
    CHECK(logged("'%j %o %%', { a: 1 }, [1], 'rest'") == R"({"a":1} [ 1 ] % rest)");
    CHECK(logged("'%s %s', 'only'") == "only %s");
    CHECK(logged("'100%'") == "100%");
    CHECK(logged("'%s', 'quoted'") == "quoted");
}

TEST_CASE("the levels of the console are told apart") {
    Listening machine(
        "console.debug('d'); console.info('i'); console.warn('w'); console.error('e');"
        "console.assert(true, 'no'); console.assert(false, 'yes')");
    CHECK(machine.host.logged == Lines{"d", "i", "w", "e", "Assertion failed: yes"});
    CHECK(machine.host.levels == std::vector<LogLevel>{LogLevel::debug, LogLevel::info, LogLevel::warn,
                                                       LogLevel::error, LogLevel::error});
}

TEST_CASE("messages reach all handlers in their order, with the text and the socket") {
    Listening machine(
        "ws.on('message', function (data) { log(1, data, this === ws); });"
        "ws.addEventListener('message', (event) => log(2, event.data, event.type));"
        "ws.onmessage = (event) => log(0, event.data)");
    CHECK(machine->listens(0));
    machine->message(0, "Grüße");
    CHECK(machine.host.logged == Lines{"0 Grüße", "1 Grüße true", "2 Grüße message"});
}

TEST_CASE("handlers leave when they are removed, and once handlers after one message") {
    Listening machine(
        "const a = () => log('a'); ws.on('message', a); ws.once('message', () => log('once'));"
        "ws.once('message', () => ws.removeListener('message', a));"
        "log(ws.listenerCount('message'))");
    CHECK(machine->listens(0));
    machine->message(0, "x");
    CHECK_FALSE(machine->listens(0));
    machine->message(0, "x");
    CHECK(machine.host.logged == Lines{"3", "a", "once"});
}

TEST_CASE("onmessage is taken back by null, and removeAllListeners leaves it") {
    Listening machine(
        "ws.on('message', log); ws.onmessage = () => log('event'); ws.removeAllListeners('message');"
        "setTimeout(() => { ws.onmessage = null; }, 1)");
    CHECK(machine->listens(0));
    machine->message(0, "x");
    machine.run_after(kMillisecond);
    CHECK_FALSE(machine->listens(0));
    CHECK(machine.host.logged == Lines{"event"});
}

TEST_CASE("an async handler may wait and send") {
    Listening machine(
        "ws.on('message', async (data) => { await new Promise((ready) => setTimeout(ready, 5));"
        " ws.send('to ' + data); })");
    machine->message(0, "x");
    CHECK(machine.host.sent.empty());
    machine.run_after(5 * kMillisecond);
    CHECK(machine.host.sent == Lines{"0:to x"});
}

TEST_CASE("what a socket does not do is said") {
    {
        TestMachine machine("exports.f = (context, events, done) => {\n context.ws.close(); };");
        CHECK(machine.call("f") == CallState::failed);
        CHECK(machine.error() ==
              "Error: context.ws.close() is not supported: the connection is closed after the last step "
              "(test.js:2)");
    }
    Listening other("ws.on('close', () => {}); ws.on('close', () => {}).on('error', () => {})");
    CHECK(other.host.logged.size() == 2);
    CHECK_FALSE(other->listens(0));
}

TEST_CASE("context has an id, functions and ready states") {
    Listening machine(
        "log(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(context._uid),"
        "context._uid === context._uid, ws.readyState === ws.OPEN);"
        "log(/^[A-Za-z0-9]{8}$/.test(context.funcs.$randomString(8)));"
        "const n = context.funcs.$randomNumber(3, 4); log(n === 3 || n === 4)");
    CHECK(machine.host.logged == Lines{"true true true", "true", "true"});
}

TEST_CASE("the language is there, with Intl and look-behind") {
    Listening machine(
        "log(new Intl.NumberFormat('en').format(1234567.5), 'ab'.replace(/(?<=a)b/, 'c'), [1, 2].at(-1));"
        "log(2n ** 64n, [3, 1].sort(), missing()); function missing() {"
        " return typeof WebSocket + typeof fetch; }");
    CHECK(machine.host.logged ==
          Lines{"1,234,567.5 ac 2", "18446744073709551616n [ 1, 3 ] undefinedundefined"});
}

TEST_CASE("crypto makes ids and bytes") {
    Listening machine(
        "const c = require('crypto'); log(c.randomUUID().length, crypto.randomUUID() !== c.randomUUID());"
        "log(/^[0-9a-f]{8}$/.test(c.randomBytes(4).toString('hex')), c.randomInt(1));"
        "log(c.randomFillSync(new Uint8Array(64)).some((byte) => byte !== 0));"
        "log(require('node:perf_hooks').performance === performance)");
    CHECK(machine.host.logged == Lines{"36 true", "true 0", "true", "true"});
}
