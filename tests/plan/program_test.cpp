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

std::vector<StepKind> kinds(const Program& program) {
    std::vector<StepKind> kinds;
    for (const Step& step : program.steps) kinds.push_back(step.kind);
    return kinds;
}

std::string setup_text(const Program& program) {
    test::LogSink sink;
    proto::MessageReader<proto::Role::server> reader;
    std::vector<std::uint8_t> scratch(1024);
    static_cast<void>(reader.consume(program.setup->block(1), sink, {.scratch = scratch}));
    return sink.events.at(0);
}

constexpr auto kConnect = StepKind::connect;
constexpr auto kMessages = StepKind::messages;
constexpr auto kSettle = StepKind::settle;
constexpr auto kGateSettled = StepKind::gate_settled;
constexpr auto kClose = StepKind::close;

}  // namespace

TEST_CASE("program: the default run subscribes, awaits the answer, sends, settles and closes",
          "[plan][program]") {
    const Program program = compiled({});
    CHECK(kinds(program) == std::vector{kConnect, StepKind::send_setup, StepKind::await_setup, kMessages,
                                        kSettle, kGateSettled, kClose});
    CHECK(program.steps[0].duration_ns == 10 * kSecond);
    CHECK(program.steps[2].duration_ns == 5 * kSecond);
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
    CHECK(kinds(program) == std::vector{kConnect, kMessages, kSettle, kGateSettled, kClose});
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
          std::vector{kConnect, StepKind::gate_opened, kMessages, kSettle, kGateSettled, kClose});
    CHECK(program.schedule.rate.to_per_s == 500);
}

TEST_CASE("program: --hold keeps the connections after the gate", "[plan][program]") {
    RunOptions options = with_padding(20);
    options.hold_ns = 3 * kSecond;
    const Program program = compiled(options);
    CHECK(kinds(program) ==
          std::vector{kConnect, kMessages, kSettle, kGateSettled, StepKind::hold, kClose});
    CHECK(program.steps[4].duration_ns == 3 * kSecond);
}

TEST_CASE("program: timeouts are those of the options", "[plan][program]") {
    RunOptions options;
    options.connect_timeout_ns = 2 * kSecond;
    options.answer_timeout_ns = 70 * kMillisecond;
    const Program program = compiled(options);
    CHECK(program.steps[0].duration_ns == 2 * kSecond);
    CHECK(program.steps[2].duration_ns == 70 * kMillisecond);
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
          std::vector{kConnect, StepKind::send_setup, kMessages, kSettle, kGateSettled, kClose});
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
