#include "session/client_closing.hpp"

#include <catch2/catch.hpp>

#include "tests/support/client_run.hpp"

using namespace wsblast;
using namespace wsblast::test;
using stats::CloseBy;
using stats::ClosePhase;
using stats::ErrorKind;
using OnClose = ScriptedServer::OnClose;

namespace {

constexpr std::uint16_t kNormal = proto::close_code::kNormal;
constexpr std::uint16_t kGoingAway = proto::close_code::kGoingAway;

// The server does `act` instead of answering the third message of each connection.
template <class Act>
void at_third_message(ClientRun& run, Act act) {
    auto seen = std::make_shared<std::map<ConnectionId, int>>();
    run.server.script.on_message = [&run, seen, act](ConnectionId cid, const std::string& message) {
        if (++(*seen)[cid] == 3) return act(cid);
        run.server.send(cid, {{proto::Opcode::binary, message}});
    };
}

}  // namespace

TEST_CASE("client closing: a run ends with the closing handshake", "[session][client_closing]") {
    ClientRun run(echo_options());
    run.finish();
    CHECK(run.server.close_codes() == std::vector<std::uint16_t>(4, kNormal));
    CHECK(run.closes(kNormal, CloseBy::us, ClosePhase::open) == 4);
    CHECK(run.counters().closed_by_peer == 0);
    CHECK(run.elapsed_ns() == run.settled_ns - run.began_ns);
}

TEST_CASE("client closing: a close that nobody answers is cut off, and no error of the run",
          "[session][client_closing]") {
    ClientRun run(echo_options());
    run.server.script.on_close = OnClose::silence;
    run.finish();
    CHECK(run.error(ErrorKind::close_timeout) == 4);
    CHECK(run.counters().lost == 0);
    CHECK(run.elapsed_ns() == run.settled_ns - run.began_ns + limits::kCloseTimeoutNs);
}

TEST_CASE("client closing: a server that does not close TCP is cut off without an error",
          "[session][client_closing]") {
    ClientRun run(echo_options());
    run.server.script.on_close = OnClose::answer_and_linger;
    run.finish();
    CHECK(stats::errors_total(run.counters()) == 0);
    CHECK(run.elapsed_ns() == run.settled_ns - run.began_ns + limits::kCloseTimeoutNs);
}

TEST_CASE("client closing: a server that closes before all answers are in is an error",
          "[session][client_closing]") {
    ClientRun run(echo_options());
    at_third_message(run, [&](ConnectionId cid) { run.server.send_close(cid, 1013); });
    run.finish();
    CHECK(run.error(ErrorKind::closed_by_peer) == 4);
    CHECK(run.error(ErrorKind::connection_lost) == 4);
    CHECK(run.counters().received == 8);
    CHECK(run.counters().unsent == 8);
    CHECK(run.counters().closed_by_peer == 4);
    CHECK(run.closes(1013, CloseBy::peer, ClosePhase::open) == 4);
    CHECK(run.server.close_codes() == std::vector<std::uint16_t>(4, 1013));
}

TEST_CASE("client closing: answers that come with the close frame still count",
          "[session][client_closing]") {
    ClientRun run(echo_options());
    at_third_message(run, [&](ConnectionId cid) {
        run.server.send(cid, {{proto::Opcode::binary, "third"}, {proto::Opcode::close, "\x03\xe9"}});
    });
    run.finish();
    CHECK(run.counters().received == 12);
    CHECK(run.counters().lost == 0);
    CHECK(run.counters().unsent == 8);
    CHECK(run.error(ErrorKind::closed_by_peer) == 4);
}

TEST_CASE("client closing: a server that closes with the last answer is no error",
          "[session][client_closing]") {
    plan::RunOptions options = echo_options();
    options.messages = 3;
    ClientRun run(options);
    at_third_message(run, [&](ConnectionId cid) {
        run.server.send(cid, {{proto::Opcode::binary, "last"}, {proto::Opcode::close, "\x03\xe8"}});
    });
    run.finish();
    CHECK(run.counters().received == 12);
    CHECK(stats::errors_total(run.counters()) == 0);
    CHECK(run.counters().closed_by_peer == 4);
    CHECK(run.closes(kNormal, CloseBy::peer, ClosePhase::open) == 4);
}

TEST_CASE("client closing: a server that closes TCP with the last answer is no error",
          "[session][client_closing]") {
    plan::RunOptions options = echo_options();
    options.messages = 3;
    ClientRun run(options);
    const CloseMode mode = GENERATE(CloseMode::graceful, CloseMode::abort);
    at_third_message(run, [&, mode](ConnectionId cid) {
        run.server.send_text(cid, "last");
        run.server.close(cid, mode);
    });
    run.finish();
    CHECK(run.counters().received == 12);
    CHECK(stats::errors_total(run.counters()) == 0);
}

TEST_CASE("client closing: a server that closes while connections are held is no error",
          "[session][client_closing]") {
    plan::RunOptions options = echo_options();
    options.hold_ns = 3 * kSecond;
    ClientRun run(options);
    run.run_until(kSecond);
    run.server.send_close(1, kGoingAway);
    run.finish();
    CHECK(stats::errors_total(run.counters()) == 0);
    CHECK(run.closes(kGoingAway, CloseBy::peer, ClosePhase::hold) == 1);
    CHECK(run.closes(kNormal, CloseBy::us, ClosePhase::hold) == 0);
    CHECK(run.closes(kNormal, CloseBy::us, ClosePhase::open) == 3);
}

TEST_CASE("client closing: the end of the hold leaves the deadline of who closes already",
          "[session][client_closing]") {
    plan::RunOptions options = echo_options();
    options.hold_ns = 3 * kSecond;
    ClientRun run(options);
    run.server.script.on_close = OnClose::silence;
    run.run_until(2'500 * kMillisecond);
    run.server.send_close(1, kGoingAway);
    run.run_until(2'500 * kMillisecond + limits::kCloseTimeoutNs + kMillisecond);
    CHECK(run.server.open() == 3);
    run.finish();
    CHECK(run.closes(kNormal, CloseBy::us, ClosePhase::open) == 3);
}

TEST_CASE("client closing: TCP that ends without a close frame is an error by its cause",
          "[session][client_closing]") {
    const auto [mode, kind] =
        GENERATE(table<CloseMode, ErrorKind>({{CloseMode::graceful, ErrorKind::closed_by_peer},
                                              {CloseMode::abort, ErrorKind::connection_reset}}));
    ClientRun run(echo_options());
    at_third_message(run, [&, mode = mode](ConnectionId cid) { run.server.close(cid, mode); });
    run.finish();
    CHECK(run.error(kind) == 4);
    CHECK(run.error(ErrorKind::connection_lost) == 4);
    CHECK(run.counters().received == 8);
    CHECK(run.counters().unsent == 8);
    CHECK(run.counters().closed_by_peer == (mode == CloseMode::graceful ? 4 : 0));
}

TEST_CASE("client closing: a connection that dies while it is held is noticed",
          "[session][client_closing]") {
    const auto [mode, resets, closed] = GENERATE(table<CloseMode, std::uint64_t, std::uint64_t>(
        {{CloseMode::graceful, 0, 1}, {CloseMode::abort, 1, 0}}));
    plan::RunOptions options = echo_options();
    options.hold_ns = 3 * kSecond;
    ClientRun run(options);
    run.run_until(kSecond);
    run.server.close(1, mode);
    run.finish();
    CHECK(run.error(ErrorKind::connection_reset) == resets);
    CHECK(run.counters().closed_by_peer == closed);
    CHECK(run.closes(proto::close_code::kAbnormal, CloseBy::peer, ClosePhase::hold) == closed);
    CHECK(run.counters().lost == 0);
}

TEST_CASE("client closing: each violation has its kind, and is answered with its close code",
          "[session][client_closing]") {
    const auto [bytes, kind, code] = GENERATE(table<Bytes, ErrorKind, std::uint16_t>(
        {{Bytes{0x81, 0x81, 1, 2, 3, 4, 5}, ErrorKind::masked_frame, 1002},
         {Bytes{0xc1, 0x01, 'x'}, ErrorKind::reserved_bits, 1002},
         {Bytes{0x83, 0x00}, ErrorKind::reserved_opcode, 1002},
         {Bytes{0x82, 0x7e, 0x00, 0x05}, ErrorKind::bad_length, 1002},
         {Bytes{0x09, 0x00}, ErrorKind::fragmented_control, 1002},
         {Bytes{0x89, 0x7e, 0x00, 0x80}, ErrorKind::control_too_long, 1002},
         {Bytes{0x80, 0x00}, ErrorKind::unexpected_continuation, 1002},
         {Bytes{0x01, 0x01, 'x', 0x81, 0x01, 'y'}, ErrorKind::expected_continuation, 1002},
         {Bytes{0x81, 0x02, 0xc3, 0x28}, ErrorKind::bad_utf8, 1007},
         {Bytes{0x88, 0x01, 0x03}, ErrorKind::bad_close_payload, 1002},
         {Bytes{0x88, 0x02, 0x03, 0xed}, ErrorKind::bad_close_code, 1002},
         {Bytes{0x82, 0x7f, 0, 0, 0, 1, 0, 0, 0, 0}, ErrorKind::message_too_big, 1009}}));
    ClientRun run(echo_options());
    at_third_message(run, [&, bytes = bytes](ConnectionId cid) { run.server.send_bytes(cid, bytes); });
    run.finish();
    CHECK(run.error(kind) == 4);
    CHECK(run.error(ErrorKind::connection_lost) == 4);
    CHECK(run.counters().received == 8);
    CHECK(run.closes(code, CloseBy::us, ClosePhase::open) == 4);
    CHECK(run.server.close_codes() == std::vector<std::uint16_t>(4, code));
}

TEST_CASE("client closing: who breaks the protocol and does not read is cut off, and is one error",
          "[session][client_closing]") {
    ClientRun run(echo_options());
    at_third_message(run, [&](ConnectionId cid) {
        run.stop_reading(cid);
        run.server.send_bytes(cid, Bytes{0x83, 0x00});
    });
    run.finish();
    CHECK(run.error(ErrorKind::reserved_opcode) == 4);
    CHECK(run.error(ErrorKind::close_timeout) == 0);
    CHECK(run.elapsed_ns() >= limits::kCloseTimeoutNs);
    CHECK(run.elapsed_ns() < limits::kCloseTimeoutNs + 100 * kMillisecond);
}

TEST_CASE("client closing: an interrupt ends what nobody reads", "[session][client_closing]") {
    plan::RunOptions options = echo_options();
    options.messages = 100;
    ClientRun run(options);
    at_third_message(run, [&](ConnectionId cid) { run.stop_reading(cid); });
    run.run_until(100 * kMillisecond);
    run.interrupt();
    run.finish();
    CHECK(run.counters().sent == 12);
    CHECK(run.elapsed_ns() == 100 * kMillisecond + limits::kCloseTimeoutNs);
}

TEST_CASE("client closing: answers before a violation count", "[session][client_closing]") {
    ClientRun run(echo_options());
    at_third_message(run, [&](ConnectionId cid) {
        run.server.send_bytes(cid, Bytes{0x82, 0x01, 'x', 0x83, 0x00});
    });
    run.finish();
    CHECK(run.counters().received == 12);
    CHECK(run.error(ErrorKind::reserved_opcode) == 4);
    CHECK(run.counters().lost == 0);
}

TEST_CASE("client closing: an interrupt says that we go away, and loses nothing",
          "[session][client_closing]") {
    plan::RunOptions options = echo_options();
    options.messages = 100;
    ClientRun run(options);
    run.server.script.on_message = [](ConnectionId, const std::string&) {};  // in flight until the end
    run.run_until(35 * kMillisecond);
    run.interrupt();
    run.finish();
    CHECK(run.closes(kGoingAway, CloseBy::us, ClosePhase::open) == 4);
    CHECK(run.counters().lost == 0);
    CHECK(run.counters().unsent == 0);
    CHECK(stats::in_flight(run.counters()) == run.counters().sent);
    CHECK(run.counters().sent == 4 + 4 + 4 + 3);  // the last one's phase is 7.5 ms
    CHECK(stats::errors_total(run.counters()) == 0);
}

TEST_CASE("client closing: at an interrupt, what was due and waits for a place is unsent",
          "[session][client_closing]") {
    plan::RunOptions options = echo_options();
    options.connections = 1;
    options.messages = 100;
    options.pipeline = 1;
    ClientRun run(options);
    run.server.script.on_message = [](ConnectionId, const std::string&) {};
    run.run_until(35 * kMillisecond);
    run.interrupt();
    run.finish();
    CHECK(run.counters().sent == 1);
    CHECK(run.counters().unsent == 3);  // of 10, 20 and 30 ms
}

TEST_CASE("client closing: an interrupt during the ramp opens no more", "[session][client_closing]") {
    plan::RunOptions options = echo_options();
    options.connections = 100;
    options.connect_rate_per_s = 10;
    ClientRun run(options);
    run.server.script.upgrade = GENERATE(ScriptedServer::Upgrade::accept, ScriptedServer::Upgrade::silence);
    run.run_until(950 * kMillisecond);
    run.interrupt();
    run.finish();
    CHECK(run.counters().failed == 0);
    CHECK(run.server.open_peak() == 10);
    CHECK(run.server.open() == 0);
}

TEST_CASE("client closing: connections close in turns, a bounded number at a time",
          "[session][client_closing]") {
    plan::RunOptions options = echo_options();
    options.connections = 2 * limits::kClosesMax + 10;
    options.messages = 1;
    ClientRun run(options);
    run.server.script.on_close = OnClose::silence;
    SECTION("to the end") {
        run.finish();
    }
    SECTION("interrupted while most of them wait for their turn") {
        run.run_until(500 * kMillisecond);
        run.interrupt();
        run.finish();
    }
    CHECK(run.server.close_codes().size() == options.connections);
    CHECK(run.error(ErrorKind::close_timeout) == options.connections);
    CHECK(run.counters().received == options.connections);
    CHECK(run.elapsed_ns() == run.settled_ns - run.began_ns + 3 * limits::kCloseTimeoutNs);
}
