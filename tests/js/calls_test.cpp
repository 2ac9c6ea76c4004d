#include "js/calls.hpp"

#include "tests/js/support.hpp"

using namespace wsblast;
using namespace wsblast::js;

TEST_CASE("a function that calls done at once is done, one that does not waits") {
    TestMachine machine(R"(
        exports.now = (context, events, done) => done();
        exports.later = (context, events, done) => { setTimeout(done, 20); };
        exports.never = (context, events, done) => {};)");
    CHECK(machine.call("now") == CallState::done);
    CHECK(machine.call("later") == CallState::waiting);
    machine.run_after(19 * kMillisecond);
    CHECK(machine.host.ended.empty());
    machine.run_after(1 * kMillisecond);
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::done, false}});
    CHECK(machine.call("never") == CallState::waiting);
    machine.run_after(kHour);
    CHECK(machine.host.ended.size() == 1);
}

TEST_CASE("async functions are done when their promise is") {
    TestMachine machine(R"(
        const sleep = (ms) => new Promise((ready) => setTimeout(ready, ms));
        exports.now = async (context) => { await null; context.vars.name = 'ran'; };
        exports.later = async (context, events) => { await sleep(5); await sleep(5); };
        exports.compiled = (context, events) => sleep(5);)");
    CHECK(machine.call("now") == CallState::done);
    CHECK(machine->get(0, 0) == Value::of_text("ran"));
    CHECK(machine.call("later") == CallState::waiting);
    machine.run_after(5 * kMillisecond);
    CHECK(machine.host.ended.empty());
    machine.run_after(5 * kMillisecond);
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::done, false}});
    CHECK(machine.call("compiled") == CallState::waiting);
    machine.run_after(5 * kMillisecond);
    CHECK(machine.host.ended.size() == 2);
}

TEST_CASE("an async function that takes done gets it, and whichever comes first counts") {
    TestMachine machine(R"(
        exports.f = async (context, events, done) => {
            await null;
            done(new Error('from done'));
        };
        exports.g = async (context, events, done) => {
            await new Promise((ready) => setTimeout(ready, 1));
            done();
        };)");
    CHECK(machine.call("f") == CallState::failed);
    CHECK(machine.error() == "from done");
    CHECK(machine.call("g") == CallState::waiting);
    machine.run_after(kMillisecond);
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::done, false}});
}

TEST_CASE("a function that takes done and returns a promise waits for done") {
    TestMachine machine(R"(
        exports.step = (context, events, done) => Promise.resolve().then(() => setTimeout(done, 5));
        exports.test = (context, done) => Promise.resolve(1).then(() => { setTimeout(done, 5, false); });)");
    CHECK(machine.call("step") == CallState::waiting);
    CHECK(machine.test("test") == CallState::waiting);
    machine.run_after(5 * kMillisecond);
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::done, false}});
}

TEST_CASE("a call of a user that has not begun fails") {
    TestMachine machine("exports.f = (context, events, done) => done();");
    CHECK(machine.call("f", 3) == CallState::failed);
    CHECK(machine->call_connect(3, 0, "{}") == CallState::failed);
    CHECK_FALSE(machine.error().empty());
}

TEST_CASE("what is thrown fails the call, with file and line") {
    TestMachine machine(R"(exports.sync = (context, events, done) => {
            missing.x = 1;
        };
        exports.async = async () => {
            throw new RangeError('too far');
        };
        exports.text = () => { throw 'a text'; };
        exports.object = () => { throw { code: 7 }; };
        exports.late = async () => {
            await new Promise((ready) => setTimeout(ready, 1));
            null.x;
        };)");
    CHECK(machine.call("sync") == CallState::failed);
    CHECK(machine.error() == "ReferenceError: missing is not defined (test.js:2)");
    CHECK(machine.call("async") == CallState::failed);
    CHECK(machine.error() == "too far");
    CHECK(machine.call("text") == CallState::failed);
    CHECK(machine.error() == "a text (test.js:7)");
    CHECK(machine.call("object") == CallState::failed);
    CHECK(machine.error().find("(test.js:8)") != std::string::npos);
    CHECK(machine.call("late") == CallState::waiting);
    machine.run_after(kMillisecond);
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::failed, false}});
    CHECK(machine.error() == "null has no properties");
    CHECK(machine.host.faults.empty());
}

TEST_CASE("done with an error fails the call") {
    TestMachine machine(R"(
        exports.text = (context, events, done) => done('no luck');
        exports.error = (context, events, done) => done(new Error('worse'));
        exports.nothing = (context, events, done) => done(null);
        exports.late = (context, events, done) => { setTimeout(() => done(new Error('at last')), 1); };)");
    CHECK(machine.call("text") == CallState::failed);
    CHECK(machine.error() == "no luck");
    CHECK(machine.call("error") == CallState::failed);
    CHECK(machine.error() == "worse");
    CHECK(machine.call("nothing") == CallState::done);
    CHECK(machine.call("late") == CallState::waiting);
    machine.run_after(kMillisecond);
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::failed, false}});
    CHECK(machine.error() == "at last");
}

TEST_CASE(
    "an error of done or of a promise counts by its message, and the log has once where it was made") {
    TestMachine machine(R"(
        exports.done = (context, events, done) => done(new RangeError('my failure'));
        exports.other = (context, events, done) => done(new Error('my failure'));
        exports.rejected = () => Promise.reject(new TypeError('no token'));
        let calls = 0;
        exports.each = async () => { throw new Error('number ' + ++calls); };)");
    const auto error_of = [&](const char* function) {
        CHECK(machine.call(function) == CallState::failed);
        return machine.error();
    };
    CHECK(error_of("done") == "my failure");
    CHECK(error_of("done") == "my failure");
    CHECK(error_of("other") == "my failure");
    CHECK(error_of("rejected") == "no token");
    CHECK(error_of("rejected") == "no token");
    CHECK(machine.host.logged ==
          std::vector<std::string>{"RangeError: my failure (test.js:2)", "Error: my failure (test.js:3)",
                                   "TypeError: no token (test.js:4)"});
    for (int i = 0; i < 100; ++i) CHECK(error_of("each") == "number " + std::to_string(i + 1));
    CHECK(machine.host.logged.size() == 20);
}

TEST_CASE("a done that comes again, or after its user, is ignored and counted") {
    TestMachine machine(R"(
        exports.twice = (context, events, done) => {
            done();
            done(new Error('again'));
            setTimeout(done, 1);
        };
        exports.wait = (context, events, done) => { globalThis.kept = done; };
        exports.kept = (context, events, done) => { kept(); done(); };)");
    CHECK(machine.call("twice") == CallState::done);
    CHECK(machine->late_dones() == 1);
    // The timer's done belongs to the call before, and does not end this one.
    CHECK(machine.call("wait") == CallState::waiting);
    machine.run_after(kMillisecond);
    CHECK(machine->late_dones() == 2);
    CHECK(machine.host.ended.empty());
    machine->end_user(0);
    machine->begin_user(0);
    CHECK(machine.call("kept") == CallState::done);
    CHECK(machine->late_dones() == 3);
    CHECK(machine.host.ended.empty());
}

TEST_CASE("a test of whileTrue takes context and done, and says what done was told") {
    TestMachine machine(R"(
        exports.yes = (context, done) => done(context.vars !== undefined);
        exports.no = (context, done) => done(0);
        exports.async = async (context) => context.vars.count < 3;
        exports.late = (context, done) => { setTimeout(() => done(true), 1); };)");
    CHECK(machine.test("yes") == CallState::done);
    CHECK(machine->truth());
    CHECK(machine.test("no") == CallState::done);
    CHECK_FALSE(machine->truth());
    machine->set(0, 1, Value::of_number(2));
    CHECK(machine.test("async") == CallState::done);
    CHECK(machine->truth());
    CHECK(machine.test("late") == CallState::waiting);
    machine.run_after(kMillisecond);
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::done, true}});
}

TEST_CASE("a connect function changes its parameters") {
    TestMachine machine(R"(
        exports.f = (params, context, done) => {
            params.target += '?user=' + context.vars.name;
            params.options = { headers: { 'X-User': 'ü' } };
            done();
        };
        exports.late = async (params) => {
            await new Promise((ready) => setTimeout(ready, 1));
            params.subprotocols.push('v2');
        };
        exports.circle = (params, context, done) => { params.me = params; done(); };)");
    machine->set(0, 0, Value::of_text("eva"));
    constexpr std::string_view kParams = R"({"target":"ws://x/","subprotocols":["v1"]})";
    CHECK(machine->call_connect(0, 0, kParams) == CallState::done);
    CHECK(machine->connect_params() ==
          R"({"target":"ws://x/?user=eva","subprotocols":["v1"],"options":{"headers":{"X-User":"ü"}}})");
    CHECK(machine->call_connect(0, 1, kParams) == CallState::waiting);
    machine.run_after(kMillisecond);
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::done, false}});
    CHECK(machine->connect_params() == R"({"target":"ws://x/","subprotocols":["v1","v2"]})");
    CHECK(machine->call_connect(0, 2, kParams) == CallState::failed);
    CHECK(machine.error().find("cyclic object value") != std::string::npos);
    CHECK(machine->call_connect(0, 0, "[") == CallState::failed);
}

TEST_CASE("a call of another user may end one that waits: the next run_due says so") {
    TestMachine machine(R"(
        let waiting = [];
        exports.f = (context, events, done) => {
            waiting.push(done);
            if (waiting.length === 2) waiting.forEach((ready) => ready());
        };)");
    machine->begin_user(1);
    CHECK(machine.call("f", 0) == CallState::waiting);
    CHECK(machine->next_due_ns() == kNever);
    CHECK(machine.call("f", 1) == CallState::done);
    CHECK(machine.host.ended.empty());
    CHECK(machine->next_due_ns() == 0);
    machine.run_after(0);
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::done, false}});
    CHECK(machine->next_due_ns() == kNever);
}

TEST_CASE("a host may call from within on_done") {
    struct CallingHost : TestHost {
        Machine* machine = nullptr;
        std::vector<CallState> states;
        void on_done(UserId user, CallState state, bool truth) override {
            TestHost::on_done(user, state, truth);
            if (ended.size() >= 3) return machine->end_user(user);
            states.push_back(machine->call(user, 0));
        }
    };
    const Folder folder;
    CallingHost host;
    const MachineOptions options{
        .file = folder.write("x.js", "exports.f = (c, e, done) => { setTimeout(done, 1); };")};
    auto machine = Machine::create(options, host);
    REQUIRE(machine.ok());
    host.machine = machine->get();
    (*machine)->begin_user(0);
    CHECK((*machine)->call(0, 0) == CallState::waiting);
    for (int i = 0; i < 10; ++i) {
        host.time_ns += kMillisecond;
        (*machine)->run_due(host.time_ns);
    }
    CHECK(host.ended.size() == 3);
    CHECK(host.states == std::vector<CallState>{CallState::waiting, CallState::waiting});
}

TEST_CASE("a handler or timer that throws is told, and fails the call of its user that waits") {
    TestMachine machine(R"(
        exports.listen = (context, events, done) => {
            context.ws.on('message', (data) => { throw new Error('handler ' + data); });
            done();
        };
        exports.wait = (context, events, done) => { setTimeout(() => { throw new Error('timer'); }, 1); };
        exports.reject = (context, events, done) => { Promise.reject(new Error('nobody')); done(); };)");
    CHECK(machine.call("listen") == CallState::done);
    machine->message(0, "one");
    CHECK(machine.host.faults == std::vector<std::string>{"0: Error: handler one (test.js:3)"});
    CHECK(machine.call("wait") == CallState::waiting);
    machine.run_after(kMillisecond);
    CHECK(machine.host.faults.size() == 1);
    CHECK(machine.host.ended == std::vector<Ended>{{0, CallState::failed, false}});
    CHECK(machine.error() == "Error: timer (test.js:6)");
    CHECK(machine.call("reject") == CallState::done);
    CHECK(machine.host.faults.size() == 2);
    CHECK(machine.host.faults.back() == "0: Error: nobody (test.js:7)");
}
