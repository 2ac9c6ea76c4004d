#include "js/machine.hpp"

#include "tests/js/support.hpp"

using namespace wsblast;
using namespace wsblast::js;

TEST_CASE("exported functions are found by name, and nothing else is") {
    TestMachine machine(R"(
        function one(context, events, done) { done(); }
        exports.one = one;
        exports.two = async () => {};
        exports.number = 3;)");
    CHECK(machine->names() == std::vector<std::string>{"one", "two"});
    CHECK(machine->function("one") == FunctionId{0});
    CHECK_FALSE(machine->function("number").has_value());
    CHECK_FALSE(machine->function("toString").has_value());
}

TEST_CASE("variables keep their type on the way in and on the way out") {
    TestMachine machine(R"(exports.look = (context, events, done) => {
        const { name, count, list } = context.vars;
        context.vars.name = [typeof name, typeof count, Array.isArray(list), list[1].x].join();
        context.vars.count = count + 0.5;
        list.push('ü');
        done(); })");
    machine->set(0, 0, Value::of_text("Grüße"));
    machine->set(0, 1, Value::of_number(41));
    machine->set(0, 2, Value::of_json(R"([1,{"x":true}])"));
    CHECK(machine->get(0, 0) == Value::of_text("Grüße"));
    REQUIRE(machine.call("look") == CallState::done);
    CHECK(machine->get(0, 0) == Value::of_text("string,number,true,true"));
    CHECK(machine->get(0, 1) == Value::of_number(41.5));
    CHECK(machine->get(0, 2).type == ValueType::json);
    CHECK(machine->get(0, 2).text == std::string_view(R"([1,{"x":true},"ü"])"));
}

TEST_CASE("values that are no JSON are undefined variables") {
    TestMachine machine(R"(exports.look = (context, events, done) => {
        context.vars.name = null;
        context.vars.count = () => 1;
        context.vars.list = []; context.vars.list.push(context.vars.list);
        done(); })");
    CHECK(machine->get(0, 0).type == ValueType::undefined);
    REQUIRE(machine.call("look") == CallState::done);
    CHECK(machine->get(0, 0) == Value::of_null());
    CHECK(machine->get(0, 1).type == ValueType::undefined);
    CHECK(machine->get(0, 2).type == ValueType::undefined);
    machine->set(0, 1, Value::of_boolean(1));
    CHECK(machine->get(0, 1) == Value::of_boolean(1));
}

TEST_CASE("a script may put another object in the place of context.vars") {
    TestMachine machine(
        "exports.f = (context, events, done) => { context.vars = { name: 'new' }; done(); }");
    REQUIRE(machine.call("f") == CallState::done);
    CHECK(machine->get(0, 0) == Value::of_text("new"));
}

TEST_CASE("a getter that throws, and one that never ends, are undefined variables") {
    TestMachine machine(R"(exports.f = (context, events, done) => {
        context.vars = { get name() { throw new Error('no'); }, get count() { for (;;) {} } }; done(); })");
    REQUIRE(machine.call("f") == CallState::done);
    CHECK(machine->get(0, 0).type == ValueType::undefined);
    CHECK(machine->get(0, 1).type == ValueType::undefined);
}

TEST_CASE("users have variables of their own, which end with them") {
    TestMachine machine(
        "exports.f = (context, events, done) => { context.mine = context.mine || 0; "
        "context.vars.count = ++context.mine; done(); }");
    machine->begin_user(1);
    REQUIRE(machine.call("f", 0) == CallState::done);
    REQUIRE(machine.call("f", 0) == CallState::done);
    REQUIRE(machine.call("f", 1) == CallState::done);
    CHECK(machine->get(0, 1) == Value::of_number(2));
    CHECK(machine->get(1, 1) == Value::of_number(1));
    machine->end_user(0);
    CHECK(machine->get(0, 1).type == ValueType::undefined);
    machine->begin_user(0);
    CHECK(machine->get(0, 1).type == ValueType::undefined);
    REQUIRE(machine.call("f", 0) == CallState::done);
    CHECK(machine->get(0, 1) == Value::of_number(1));
}

TEST_CASE("the scenario's JSON is context.scenario, and has to be JSON") {
    TestMachine machine("exports.f = (c, e, done) => { c.vars.name = c.scenario.name; done(); }");
    REQUIRE(machine.call("f") == CallState::done);
    CHECK(machine->get(0, 0) == Value::of_text("the scenario"));
    machine.machine.reset();
    const MachineOptions options{.file = machine.folder.path() + "/test.js", .scenarios_json = "["};
    auto made = Machine::create(options, machine.host);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().what.find("context.scenario") != std::string::npos);
}

TEST_CASE("each user has the scenario of its own, and what all users have") {
    const Folder folder;
    TestHost host;
    const MachineOptions options{.file = folder.write("x.js", R"(
        exports.f = (c, e, done) => {
            c.vars.name = [c.scenario.name, c.vars.shared.n, c.vars.later, c.vars.$uuid.length].join(' ');
            c.vars.shared = { n: 2 };
            done();
        };)"),
                                 .slot_names = {"name", "shared"},
                                 .scenarios_json = R"([{"name":"a"},{"name":"b"}])",
                                 .vars_json = R"([{"shared":{"n":1}},{"later":"x"}])"};
    auto machine = Machine::create(options, host);
    REQUIRE(machine.ok());
    for (UserId user = 0; user < 2; ++user) {
        (*machine)->begin_user(user, user);
        CHECK_FALSE((*machine)->owns(user, 1));
        REQUIRE((*machine)->call(user, 0) == CallState::done);
        CHECK((*machine)->owns(user, 1));
        CHECK((*machine)->get(user, 0) == Value::of_text(user == 0 ? "a 1 x 36" : "b 1 x 36"));
    }
    const std::string json((*machine)->vars_json(0));
    CHECK(json.starts_with(R"({"$uuid":")"));
    CHECK(json.ends_with(R"(,"name":"a 1 x 36","shared":{"n":2}})"));
}

TEST_CASE("users have the environment in their variables, as Artillery's have") {
    REQUIRE(setenv("WSBLAST_TEST_TOKEN", "secret", 1) == 0);
    TestMachine machine(
        "exports.f = (c, e, done) => { c.vars.name = c.vars.$processEnvironment.WSBLAST_TEST_TOKEN"
        " + c.vars.$env.WSBLAST_TEST_TOKEN; done(); }");
    REQUIRE(machine.call("f") == CallState::done);
    CHECK(machine->get(0, 0) == Value::of_text("secretsecret"));
}

TEST_CASE("a thread has one machine at a time, and another one after it") {
    TestMachine first("exports.f = (context, events, done) => done()");
    const MachineOptions options{.file = first.folder.path() + "/test.js"};
    auto second = Machine::create(options, first.host);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().fault == Fault::environment);
    first.machine.reset();
    CHECK(Machine::create(options, first.host).ok());
}

TEST_CASE("20,000 users begin and end, and what they kept is collected") {
    constexpr std::uint32_t kUsers = 20'000;
    const Folder folder;
    TestHost host;
    const MachineOptions options{
        .file =
            folder.write("x.js",
                         "exports.f = (context, events, done) => {"
                         " context.vars.name = 'user_' + Math.random(); context.ws.on('message', () => {});"
                         " setTimeout(() => {}, 1e6); done(); }"),
        .slot_names = {"name"}};
    auto machine = Machine::create(options, host);
    REQUIRE(machine.ok());
    const std::size_t before_bytes = (*machine)->heap_bytes();
    for (UserId user = 0; user < kUsers; ++user) {
        (*machine)->begin_user(user);
        REQUIRE((*machine)->call(user, 0) == CallState::done);
    }
    const std::size_t full_bytes = (*machine)->heap_bytes() - before_bytes;
    CHECK(full_bytes / kUsers < 2'048);
    CHECK((*machine)->next_due_ns() != kNever);
    for (UserId user = 0; user < kUsers; ++user) (*machine)->end_user(user);
    CHECK((*machine)->next_due_ns() == kNever);
    const std::size_t few_bytes = before_bytes + full_bytes / 4;
    CHECK(collect_until(**machine, [&] { return (*machine)->heap_bytes() < few_bytes; }));
}
