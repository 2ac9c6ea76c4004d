#include <catch2/catch.hpp>

#include "deflate/stream.hpp"
#include "tests/support/client_run.hpp"

using namespace wsblast;
using test::Bytes;
using test::ClientRun;
using test::echo_options;
using transport::ConnectionId;

namespace {

plan::RunOptions compressing(const proto::DeflateParameters& offer) {
    plan::RunOptions options = echo_options();
    options.message_kind = plan::MessageKind::text;
    options.message_text = R"({"seq":{{$seq}},"text":"again and again and again and again and again"})";
    options.message.deflate = offer;
    return options;
}

std::string message(int number) {
    return R"({"seq":)" + std::to_string(number) +
           R"(,"text":"again and again and again and again and again"})";
}

test::FrameSpec compressed_frame(deflate::Deflater& deflater, const std::string& text) {
    Bytes out(deflate::Deflater::size_max(text.size()));
    const auto made = deflater.deflate(as_bytes(text), deflate::DeflateEnd::message, out);
    return {.payload = std::string(as_text(ByteView(out).first(made.size))), .rsv1 = true};
}

}  // namespace

TEST_CASE("compression: what is sent compressed is what was meant, for every window that is answered",
          "[session][compression]") {
    const std::uint8_t bits = GENERATE(as<std::uint8_t>{}, 8, 9, 12, 15);
    const bool alone = GENERATE(false, true);
    ClientRun run(compressing({.client_no_context_takeover = alone, .client_max_window_bits = 15}));
    run.server.script.deflate = proto::DeflateParameters{.client_max_window_bits = bits};
    run.finish();
    const stats::CounterValues counters = run.counters();
    CHECK(counters.compressed_connections == 4);
    CHECK(counters.received == 20);
    for (int number = 1; number <= 5; ++number)
        CHECK(std::ranges::count(run.server.messages(), message(number)) == 4);
    CHECK(counters.deflated_from == 4 * 5 * message(1).size());
    CHECK(counters.deflated_to < counters.deflated_from);
    // What a server does not compress is no compressed message.
    CHECK(counters.inflated_from == 0);
    CHECK(stats::errors_total(counters) == 0);
}

TEST_CASE("compression: messages refer to those before them, unless that is ruled out",
          "[session][compression]") {
    const auto ratio = [](const proto::DeflateParameters& offer, const proto::DeflateParameters& answer) {
        ClientRun run(compressing(offer));
        run.server.script.deflate = answer;
        run.finish();
        const stats::CounterValues counters = run.counters();
        CHECK(counters.received == 20);
        CHECK(stats::errors_total(counters) == 0);
        CHECK(counters.deflated_from == 4 * 5 * message(1).size());
        const session::InflatedBytes heard = run.server.take_inflated();
        CHECK(heard.from == counters.deflated_to);
        CHECK(heard.to == counters.deflated_from);
        return static_cast<double>(counters.deflated_to) / static_cast<double>(counters.deflated_from);
    };
    const double remembered = ratio({}, {});
    const double alone = ratio({.client_no_context_takeover = true}, {});
    const double forbidden = ratio({}, {.client_no_context_takeover = true});
    CHECK(remembered < alone / 2);
    CHECK(forbidden == alone);
}

TEST_CASE("compression: whoever has no room has compressed nothing", "[session][compression]") {
    plan::RunOptions options = compressing({});
    options.message_text = R"({"seq":{{$seq}},"text":"{{$randomString(900)}}"})";
    options.message.fragment_bytes = GENERATE(0, 100);
    options.messages = 200;
    options.setup = "a setup message that is compressed too, and may wait for room";
    options.pacing = GENERATE(plan::Pacing::interval, plan::Pacing::closed);
    ClientRun run(options, transport::MemoryFaults{.seed = 7, .split = 300, .no_room = 700});
    run.server.script.deflate = proto::DeflateParameters{};
    run.finish();
    CHECK(run.server.violations() == 0);
    CHECK(run.counters().received == 4 * 200);
    CHECK(stats::errors_total(run.counters()) == 0);
    const auto text = *plan::MessageText::parse(options.message_text, 1);
    for (std::uint32_t connection = 0; connection < 4; ++connection) {
        for (std::uint64_t number = 1; number <= 200; ++number)
            CHECK(std::ranges::count(run.server.messages(), text.to_string({connection, number, 0})) == 1);
    }
}

TEST_CASE("compression: the setup message begins what is remembered, and is not counted",
          "[session][compression]") {
    plan::RunOptions options = compressing({});
    options.setup = message(1);
    options.messages = 1;
    ClientRun run(options);
    run.server.script.deflate = proto::DeflateParameters{};
    run.finish();
    CHECK(run.counters().deflated_from == 4 * message(1).size());
    CHECK(run.counters().deflated_to < 4 * 12);
    CHECK(run.server.take_inflated().to == 8 * message(1).size());
}

TEST_CASE("compression: a YMERA message refers to the one before it", "[session][compression]") {
    plan::RunOptions options = compressing({});
    options.message_kind = plan::MessageKind::ymera;
    options.message.fragment_bytes = GENERATE(0, 7);
    ClientRun run(options);
    run.server.script.deflate = proto::DeflateParameters{};
    run.server.script.on_message = [&](ConnectionId cid, const std::string& text) {
        run.server.answer_ymera(cid, text);
    };
    run.finish();
    CHECK(run.counters().received == 20);
    CHECK(stats::errors_total(run.counters()) == 0);
    CHECK(run.counters().deflated_to < run.counters().deflated_from / 2);
}

TEST_CASE("compression: a connection without memory for its deflater fails, and by our doing",
          "[session][compression]") {
    plan::RunOptions options = compressing({});
    auto program = *plan::compile(options, 1);
    program.deflate_bytes_max = 3 * deflate::Deflater::memory_bytes(15, limits::kDeflateMemoryLevel);
    ClientRun run(std::move(program), options, {});
    run.server.script.deflate = proto::DeflateParameters{};
    run.finish();
    CHECK(run.error(stats::ErrorKind::no_memory) == 1);
    CHECK(run.counters().successful == 3);
    CHECK(run.counters().received == 15);
}

TEST_CASE("compression: a message that there is no memory to inflate for ends by our doing",
          "[session][compression]") {
    plan::RunOptions options = compressing({.client_no_context_takeover = true});
    auto program = *plan::compile(options, 1);
    program.deflate_bytes_max = 2 * deflate::Inflater::memory_bytes(15);
    ClientRun run(std::move(program), options, {});
    run.server.script.deflate = proto::DeflateParameters{};
    std::map<ConnectionId, deflate::Deflater> deflaters;
    run.server.script.on_message = [&](ConnectionId cid, const std::string& text) {
        run.server.send(cid, {compressed_frame(deflaters.try_emplace(cid, 15, 6).first->second, text)});
    };
    run.finish();
    CHECK(run.error(stats::ErrorKind::inflate_memory) == 2);
    CHECK(run.error(stats::ErrorKind::bad_deflate) == 0);
    CHECK(std::ranges::count(run.server.close_codes(), 1011) == 2);
    CHECK_FALSE(stats::is_protocol_error(stats::ErrorKind::inflate_memory));
}

TEST_CASE("compression: answers are inflated before they are matched", "[session][compression]") {
    ClientRun run(compressing({}));
    run.server.script.deflate = proto::DeflateParameters{};
    std::map<ConnectionId, deflate::Deflater> deflaters;
    std::uint64_t plain = 0;
    std::uint64_t sent = 0;
    run.server.script.on_message = [&](ConnectionId cid, const std::string& text) {
        deflate::Deflater& deflater = deflaters.try_emplace(cid, 15, 6).first->second;
        const test::FrameSpec answer = compressed_frame(deflater, text);
        plain += text.size();
        sent += answer.payload.size();
        run.server.send(cid, {answer});
    };
    run.finish();
    const stats::CounterValues counters = run.counters();
    CHECK(counters.received == 20);
    CHECK(counters.unexpected == 0);
    CHECK(counters.inflated_to == plain);
    CHECK(counters.inflated_from == sent);
    CHECK(sent < plain / 2);
    CHECK(stats::errors_total(counters) == 0);
}

TEST_CASE("compression: where it is declined messages go as they are", "[session][compression]") {
    ClientRun run(compressing({.client_no_context_takeover = true}));
    run.finish();
    const stats::CounterValues counters = run.counters();
    CHECK(counters.received == 20);
    CHECK(counters.compressed_connections == 0);
    CHECK(counters.deflated_to == 0);
    CHECK(std::ranges::count(run.server.messages(), message(3)) == 4);
}

TEST_CASE("compression: a compressed answer is a violation where it was not agreed on",
          "[session][compression]") {
    ClientRun run(compressing({}));
    run.server.script.on_message = [&](ConnectionId cid, const std::string& text) {
        deflate::Deflater deflater(15, 6);
        run.server.send(cid, {compressed_frame(deflater, text)});
    };
    run.finish();
    CHECK(run.error(stats::ErrorKind::reserved_bits) == 4);
}

TEST_CASE("compression: damaged and oversized answers end the connection", "[session][compression]") {
    plan::RunOptions options = compressing({});
    options.message.size_max = 1'000;
    ClientRun run(options);
    run.server.script.deflate = proto::DeflateParameters{};
    SECTION("damaged") {
        run.server.script.on_message = [&](ConnectionId cid, const std::string&) {
            run.server.send(cid, {{.payload = "\xff\xff\xff", .rsv1 = true}});
        };
        run.finish();
        CHECK(run.error(stats::ErrorKind::bad_deflate) == 4);
        CHECK(run.server.close_codes() == std::vector<std::uint16_t>(4, 1007));
    }
    SECTION("too large once it is inflated") {
        run.server.script.on_message = [&](ConnectionId cid, const std::string&) {
            deflate::Deflater deflater(15, 6);
            run.server.send(cid, {compressed_frame(deflater, std::string(1'001, 'x'))});
        };
        run.finish();
        CHECK(run.error(stats::ErrorKind::message_too_big) == 4);
        CHECK(run.server.close_codes() == std::vector<std::uint16_t>(4, 1009));
    }
}

TEST_CASE("compression: a message that is larger compressed is as large as what it inflates to",
          "[session][compression]") {
    plan::RunOptions options = compressing({});
    options.message_text = "hello";
    options.message.size_max = 5;
    ClientRun run(options);
    run.server.script.deflate = proto::DeflateParameters{};
    run.server.script.on_message = [&](ConnectionId cid, const std::string&) {
        deflate::Deflater deflater(15, 6);
        const auto frame = compressed_frame(deflater, "hello");
        CHECK(frame.payload.size() > 5);
        run.server.send(cid, {frame});
    };
    run.finish();
    CHECK(stats::errors_total(run.counters()) == 0);
    CHECK(run.counters().received == run.counters().sent);
}

TEST_CASE("closing: the run's own code and reason are said at its end", "[session][compression]") {
    plan::RunOptions options = echo_options();
    options.message.close_code = 4'321;
    options.message.close_reason = "that was all";
    ClientRun run(options);
    run.finish();
    CHECK(run.server.close_codes() == std::vector<std::uint16_t>(4, 4'321));
    CHECK(run.server.close_reasons() == std::vector<std::string>(4, "that was all"));
    CHECK(run.closes(4'321, stats::CloseBy::us, stats::ClosePhase::open) == 4);
}
