#include "plan/program.hpp"

#include <catch2/catch.hpp>

#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::plan;

namespace {

Program compiled(const RunOptions& options) {
    auto program = compile(options, 1);
    REQUIRE(program.ok());
    return std::move(*program);
}

RunOptions with_text(std::string text) {
    RunOptions options;
    options.message_kind = MessageKind::text;
    options.message_text = std::move(text);
    return options;
}

RunOptions with_padding(std::uint32_t size) {
    RunOptions options;
    options.message_kind = MessageKind::padding;
    options.message_size = size;
    return options;
}

RunOptions with_listeners(std::uint32_t publishers, std::uint32_t listeners) {
    RunOptions options;
    options.connections = publishers;
    options.listeners = listeners;
    return options;
}

// What the usage error says.
std::string fault(const RunOptions& options) {
    const auto program = compile(options, 1);
    REQUIRE_FALSE(program.ok());
    CHECK(program.error().fault == Fault::usage);
    return program.error().what;
}

std::vector<ActionKind> kinds(const Program& program) {
    std::vector<ActionKind> kinds;
    for (const Action& action : program.scenario.actions) kinds.push_back(action.kind);
    return kinds;
}

std::string setup_text(const Program& program) {
    test::LogSink sink;
    proto::MessageReader<proto::Role::server> reader;
    std::vector<std::uint8_t> scratch(1024);
    static_cast<void>(reader.consume(program.setup->block(1), sink, {.scratch = scratch}));
    return sink.events.at(0);
}

constexpr auto kConnect = ActionKind::connect;
constexpr auto kMessages = ActionKind::messages;
constexpr auto kSettle = ActionKind::settle;
constexpr auto kGateSettled = ActionKind::gate_settled;
constexpr auto kEnd = ActionKind::end;

}  // namespace

TEST_CASE("program: the default run subscribes, awaits the answer, sends, settles and closes",
          "[plan][program]") {
    const Program program = compiled({});
    CHECK(kinds(program) == std::vector{kConnect, ActionKind::send_setup, ActionKind::await_setup,
                                        kMessages, kSettle, kGateSettled, kEnd});
    CHECK(program.lead == Lead::connections);
    CHECK(program.connect_timeout_ns == 10 * kSecond);
    CHECK(program.answer_timeout_ns == 5 * kSecond);
    CHECK(setup_text(program) == R"(text:{"type":"subscribe","channel":"agents"})");
    CHECK(program.setup_type == YmeraType::subscribe);
    CHECK(program.matching == Matching::ymera_number);
    CHECK(program.message_type == YmeraType::agent_message);
    CHECK(program.pipeline == kPipelineUnlimited);
    CHECK(program.schedule.pacing == Pacing::interval);
    CHECK(program.schedule.messages == 10);
}

TEST_CASE("program: padding needs no setup and is matched first in, first out", "[plan][program]") {
    const Program program = compiled(with_padding(20));
    CHECK(kinds(program) == std::vector{kConnect, kMessages, kSettle, kGateSettled, kEnd});
    CHECK(program.matching == Matching::fifo);
    CHECK_FALSE(program.setup.has_value());
    CHECK(program.message.block_frames() > 1);
}

TEST_CASE("program: a rate waits at the gate until all connections are open", "[plan][program]") {
    RunOptions options = with_padding(20);
    options.pacing = Pacing::rate;
    options.rate = plan::RateCurve::at(500);
    const Program program = compiled(options);
    CHECK(kinds(program) ==
          std::vector{kConnect, ActionKind::gate_opened, kMessages, kSettle, kGateSettled, kEnd});
    CHECK(program.schedule.rate.to_per_s == 500);
}

TEST_CASE("program: --hold keeps the connections after the gate", "[plan][program]") {
    RunOptions options = with_padding(20);
    options.hold_ns = 3 * kSecond;
    const Program program = compiled(options);
    CHECK(kinds(program) ==
          std::vector{kConnect, kMessages, kSettle, kGateSettled, ActionKind::hold, kEnd});
    CHECK(program.hold_ns() == 3 * kSecond);
    CHECK(program.scenario.holds.at(program.scenario.actions[4].index) == 3 * kSecond);
}

TEST_CASE("program: timeouts are those of the options", "[plan][program]") {
    RunOptions options;
    options.connect_timeout_ns = 2 * kSecond;
    options.answer_timeout_ns = 70 * kMillisecond;
    const Program program = compiled(options);
    CHECK(program.connect_timeout_ns == 2 * kSecond);
    CHECK(program.answer_timeout_ns == 70 * kMillisecond);
}

TEST_CASE("program: the message chooses its matching", "[plan][program]") {
    CHECK(compiled(with_text(R"({"type":"ping"})")).matching == Matching::ymera_type);
    CHECK(compiled(with_text(R"( { "channel": "agents", "type": "subscribe" } )")).message_type ==
          YmeraType::subscribe);
    CHECK(compiled(with_text(R"({"type":"unsubscribe","channel":"agents"})")).message_type ==
          YmeraType::unsubscribe);
    CHECK(compiled(with_text(R"({"type":"disconnect"})")).message_type == YmeraType::disconnect);
    CHECK(compiled(with_text(R"({"type":"something"})")).matching == Matching::fifo);
    CHECK(compiled(with_text("hello")).matching == Matching::fifo);
}

TEST_CASE("program: a fixed agent_message is matched by its type, not by a number", "[plan][program]") {
    const Program program = compiled(with_text(R"({"type":"agent_message","payload":{"timestamp":7}})"));
    CHECK(program.message_type == YmeraType::agent_message);
    CHECK(program.matching == Matching::ymera_type);
}

TEST_CASE("program: --match beats the choice of the message", "[plan][program]") {
    RunOptions options;
    options.match = MatchRule::fifo;
    CHECK(compiled(options).matching == Matching::fifo);
    CHECK(compiled(options).setup_type == YmeraType::none);
    options.match = MatchRule::ymera;
    CHECK(compiled(options).matching == Matching::ymera_number);
    options.match = MatchRule::none;
    CHECK(compiled(options).matching == Matching::none);
}

TEST_CASE("program: with --match none nothing is awaited, and nothing bounds what is open",
          "[plan][program]") {
    RunOptions options;
    options.match = MatchRule::none;
    options.pacing = Pacing::closed;
    const Program program = compiled(options);
    CHECK(kinds(program) ==
          std::vector{kConnect, ActionKind::send_setup, kMessages, kSettle, kGateSettled, kEnd});
    CHECK(program.pipeline == kPipelineUnlimited);
}

TEST_CASE("program: --match ymera needs a YMERA message", "[plan][program]") {
    RunOptions options = GENERATE(with_text("hello"), with_text("[1]"), with_padding(20));
    options.match = MatchRule::ymera;
    const auto program = compile(options, 1);
    REQUIRE_FALSE(program.ok());
    CHECK(program.error().fault == Fault::usage);
    CHECK(program.error().what.find("--match ymera") != std::string::npos);
    CHECK(program.error().what.find("--match fifo") != std::string::npos);
}

TEST_CASE("program: --setup replaces the subscription, and an empty one leaves it out", "[plan][program]") {
    RunOptions options;
    options.setup = "hello";
    CHECK(setup_text(compiled(options)) == "text:hello");
    CHECK(compiled(options).setup_type == YmeraType::none);
    options.setup = "";
    CHECK_FALSE(compiled(options).setup.has_value());
    RunOptions padded = with_padding(1);
    padded.setup = R"({"type":"ping"})";
    CHECK(setup_text(compiled(padded)) == R"(text:{"type":"ping"})");
    CHECK(compiled(padded).setup_type == YmeraType::none);
}

TEST_CASE("program: the closed loop has one place unless --pipeline says otherwise", "[plan][program]") {
    RunOptions options;
    options.pacing = Pacing::closed;
    CHECK(compiled(options).pipeline == 1);
    options.pipeline = 16;
    CHECK(compiled(options).pipeline == 16);
    options.pacing = Pacing::interval;
    CHECK(compiled(options).pipeline == 16);
}

TEST_CASE("program: --duration takes the place of --messages", "[plan][program]") {
    RunOptions options;
    options.messages.reset();
    options.duration_ns = 3 * kSecond;
    const Program program = compiled(options);
    CHECK(program.schedule.messages == kUnlimited);
    CHECK(program.schedule.duration_ns == 3 * kSecond);
    options.duration_ns.reset();
    options.messages = 5;
    CHECK(compiled(options).schedule.messages == 5);
    CHECK(compiled(options).schedule.duration_ns == kNever);
}

TEST_CASE("program: mask keys come from the seed", "[plan][program]") {
    const RunOptions options = with_padding(8);
    const auto one = compile(options, 1);
    const auto same = compile(options, 1);
    const auto other = compile(options, 2);
    REQUIRE((one.ok() && same.ok() && other.ok()));
    const auto bytes = [](const Program& program) {
        const ByteView block = program.message.block(1);
        return test::Bytes(block.begin(), block.end());
    };
    CHECK(bytes(*one) == bytes(*same));
    CHECK(bytes(*one) != bytes(*other));
}

TEST_CASE("program: those that listen have a flow of their own, behind those that send",
          "[plan][program]") {
    RunOptions options = with_listeners(3, 5);
    options.setup = "join";
    options.hold_ns = kSecond;
    const Program program = compiled(options);
    CHECK(kinds(program) == std::vector{kConnect, ActionKind::send_setup, ActionKind::gate_opened,
                                        kMessages, kSettle, kGateSettled, ActionKind::hold, kEnd, kConnect,
                                        ActionKind::send_setup, ActionKind::gate_opened, ActionKind::listen,
                                        kGateSettled, ActionKind::hold, kEnd});
    CHECK(program.scenario.flows.at(program.flow_of(2)).first == 0);
    CHECK(program.scenario.flows.at(program.flow_of(3)).first == 8);
    CHECK(program.connections_all() == 8);
    CHECK(compiled({}).connections_all() == 100);
}

TEST_CASE("program: with listeners the message is a stamp, and nothing is awaited", "[plan][program]") {
    const Program program = compiled(with_listeners(2, 5));
    CHECK(program.matching == Matching::none);
    CHECK(program.message_label == "message");
    CHECK_FALSE(program.setup.has_value());
    REQUIRE(program.stamps.has_value());
    const auto stamp = program.stamps->read(as_bytes(R"({"connection":1,"seq":7})"));
    REQUIRE(stamp.has_value());
    CHECK(stamp->connection == 1);
    CHECK(stamp->number == 7);
    RunOptions awaited = with_listeners(2, 5);
    awaited.match = MatchRule::seq;
    CHECK(compiled(awaited).matching == Matching::key);
    CHECK_FALSE(compiled({}).stamps.has_value());
}

TEST_CASE("program: targets of the same path share a channel, wherever they are", "[plan][program]") {
    RunOptions options = with_listeners(2, 5);
    options.urls = {"ws://10.0.0.1:8000/room", "ws://10.0.0.2/room", "ws://10.0.0.1:8000/room?b=1",
                    "ws://[::1]:9000/room"};
    const Program program = compiled(options);
    CHECK(program.channels == 2);
    CHECK(program.target_channels == std::vector<std::uint32_t>{0, 0, 1, 0});
    CHECK(program.channel_of(0) == 0);
    CHECK(program.channel_of(2) == 1);
    CHECK(program.channel_of(6) == 1);  // a listener: connection i goes to target i mod 4
    CHECK(program.channel_of(7) == 0);
}

TEST_CASE("program: a URL without a path has that of the root", "[plan][program]") {
    RunOptions options = with_listeners(1, 1);
    options.urls = {"ws://a", "ws://b/", "ws://c?back=/", "ws://d/?back=/", "ws://e/x"};
    const Program program = compiled(options);
    CHECK(program.target_channels == std::vector<std::uint32_t>{0, 0, 1, 1, 2});
    options.urls.clear();  // the built-in target, whose port is not known yet
    CHECK(compiled(options).channels == 1);
    CHECK(compiled(options).channel_of(1) == 0);
}

TEST_CASE("program: a gate is there for whatever has to begin together", "[plan][program]") {
    RunOptions options = with_padding(20);
    CHECK(compiled(options).scenario.actions[1].kind == kMessages);
    SECTION("a warm-up") {
        options.warmup_ns = kSecond;
    }
    SECTION("a rate") {
        options.pacing = Pacing::rate;
        options.rate = RateCurve::at(1);
    }
    CHECK(compiled(options).scenario.actions[1].kind == ActionKind::gate_opened);
    CHECK(compiled(options).schedule.warmup_ns == options.warmup_ns);
}

TEST_CASE("program: in rounds connections rest where others wait for the start", "[plan][program]") {
    RunOptions options;
    options.pacing = Pacing::closed;
    options.hold_ns = kSecond;
    options.warmup_ns = kSecond;
    const auto program = compile_rounds(options, 1);
    REQUIRE(program);
    CHECK(kinds(*program) == std::vector{kConnect, ActionKind::send_setup, ActionKind::await_setup,
                                         ActionKind::next_round, kMessages, kSettle, kGateSettled, kEnd});
    CHECK(program->round_action == 3);
    CHECK(program->rounds());
    CHECK_FALSE(program->has_start_gate());
    CHECK(program->pipeline == kPipelineUnlimited);
    CHECK_FALSE(compile(options, 1)->rounds());
    CHECK(compile(options, 1)->has_start_gate());
    options.listeners = 1;
    CHECK(compile_rounds(options, 1).error().fault == Fault::usage);
}

TEST_CASE("program: a message with {{$seq}} is matched by it, and named by its type", "[plan][program]") {
    const Program order = compiled(with_text(R"({"type":"order","id":{{$seq}}})"));
    CHECK(order.matching == Matching::key);
    CHECK(order.message_label == "order");
    CHECK(order.answer_key.has_value());
    CHECK(compiled(with_text(R"({"type":"ping","id":{{$seq}}})")).matching == Matching::ymera_type);
    CHECK(compiled(with_text("hello")).message_label == "message");
    CHECK(compiled(with_padding(1)).message_label == "binary");
    CHECK(compiled({}).message_label == "agent_message");
    RunOptions by_field = with_text(R"({"a":{"b":"{{$uuid}}"}})");
    by_field.match = MatchRule::field;
    by_field.match_field = {"/a/b", "/c"};
    CHECK(compiled(by_field).matching == Matching::key);
}

TEST_CASE("program: a matching by value needs a text of one's own that has the value", "[plan][program]") {
    RunOptions options = GENERATE(RunOptions{}, with_padding(5));
    options.match = MatchRule::seq;
    CHECK_THAT(fault(options), Catch::Contains("--match seq") && Catch::Contains("--message"));
    options.match = MatchRule::field;
    CHECK_THAT(fault(options), Catch::Contains("--match-field") && Catch::Contains("--message"));

    RunOptions without = with_text("hello");
    without.match = MatchRule::seq;
    CHECK_THAT(fault(without), Catch::StartsWith("--match seq: the message has no {{$seq}}"));
    without.match = MatchRule::field;
    without.match_field = {"/id", "/id"};
    CHECK_THAT(fault(without), Catch::StartsWith("--match-field: ") && Catch::Contains("/id"));
    CHECK_THAT(fault(with_text("{{$uuid}}{{$seq}}")),
               Catch::StartsWith("--message: a word has to stand before {{$seq}}") &&
                   Catch::EndsWith("; or give --match fifo"));
}

TEST_CASE("program: listeners need messages that tell who sent which", "[plan][program]") {
    RunOptions padding = with_padding(5);
    padding.listeners = 1;
    CHECK_THAT(fault(padding), Catch::Contains("--listen") && Catch::Contains("not --size"));
    RunOptions options = with_text("hello");
    options.listeners = 1;
    CHECK_THAT(fault(options), Catch::StartsWith("--listen: the message has no {{$seq}}"));
    options.message_text = R"({"seq":{{$seq}}})";
    options.connections = 2;
    CHECK_THAT(fault(options), Catch::StartsWith("--listen: the message has no {{$connection}}"));
    options.connections = 1;
    CHECK(compiled(options).stamps.has_value());
}

TEST_CASE("program: bad holes are refused, those of the setup by its name", "[plan][program]") {
    CHECK_THAT(fault(with_text("{{$nothing}}")), Catch::Contains("'{{$nothing}}' at byte 0 is not known"));
    RunOptions options;
    options.setup = "{{$nothing}}";
    CHECK_THAT(fault(options), Catch::StartsWith("--setup: the hole '{{$nothing}}'"));
    std::string large;
    for (int i = 0; i < 13; ++i) large += "{{$randomString(4096)}}";
    CHECK_THAT(fault(with_text(large)), Catch::Contains("53248 bytes long") && Catch::Contains("49152"));
    options.setup = large;
    CHECK_THAT(fault(options), Catch::StartsWith("--setup: the message may become"));
}
