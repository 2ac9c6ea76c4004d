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
    ClientRun run(compressing({.client_max_window_bits = 15}));
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
