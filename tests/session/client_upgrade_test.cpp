#include "session/client_upgrade.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "tests/support/client_run.hpp"

using namespace wsblast;
using namespace wsblast::test;
using stats::ErrorKind;
using Upgrade = ScriptedServer::Upgrade;

namespace {

// What becomes of 4 connections when the server answers their requests with that.
void finish_with_answer(ClientRun& run, std::string text) {
    run.server.script.upgrade = Upgrade::answer_text;
    run.server.script.upgrade_text = std::move(text);
    run.finish();
    CHECK(run.counters().failed == 4);
    CHECK(run.counters().due == 0);
}

}  // namespace

TEST_CASE("client upgrade: every connection asks with a key of its own, the same for one seed",
          "[session][client_upgrade]") {
    std::set<std::string> keys;
    for (int i = 0; i < 2; ++i) {
        plan::RunOptions options = echo_options();
        options.connect_rate_per_s = 10;
        ClientRun run(options);
        for (TimeNs at_ns = 0; at_ns < 400 * kMillisecond; at_ns += 50 * kMillisecond) {
            run.run_until(at_ns);
            if (!run.server.last_request().empty()) keys.insert(run.server.last_request());
        }
        run.finish();
    }
    CHECK(keys.size() == 4);
    CHECK(keys.begin()->starts_with("GET /ws HTTP/1.1\r\nHost: test.example\r\n"));
}

TEST_CASE("client upgrade: a refused upgrade is counted by its status, with an excerpt of its body",
          "[session][client_upgrade]") {
    ClientRun run(echo_options());
    finish_with_answer(run, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 8\r\n\r\nno room!");
    CHECK(run.error(ErrorKind::upgrade_status) == 4);
    stats::KeyCountValues statuses;
    run.shard.upgrade_status.add_to(statuses);
    CHECK(statuses == stats::KeyCountValues{{503, 4}});
    std::vector<stats::Excerpt> excerpts;
    run.shard.excerpts.add_to(excerpts);
    REQUIRE(excerpts.size() == 1);
    CHECK(excerpts[0].text == "no room!");
}

TEST_CASE("client upgrade: an answer that is no proper upgrade fails, by its kind",
          "[session][client_upgrade]") {
    const auto [text, kind] = GENERATE(table<std::string, ErrorKind>(
        {{"SSH-2.0-OpenSSH_9.2\r\n\r\n", ErrorKind::upgrade_not_http},
         {"HTTP/1.1 101 Switching Protocols\r\n\r\n", ErrorKind::upgrade_headers},
         {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
          ErrorKind::wrong_accept_key}}));
    ClientRun run(echo_options());
    finish_with_answer(run, text);
    CHECK(run.error(kind) == 4);
}

TEST_CASE("client upgrade: a head without an end is too large before it fills the memory",
          "[session][client_upgrade]") {
    ClientRun run(echo_options());
    finish_with_answer(run, "HTTP/1.1 101 Switching Protocols\r\nX: " + std::string(64'000, 'x'));
    CHECK(run.error(ErrorKind::upgrade_head_too_large) == 4);
}

TEST_CASE("client upgrade: the timeout covers TCP and the upgrade together", "[session][client_upgrade]") {
    plan::RunOptions options = echo_options();
    options.connect_timeout_ns = 2 * kSecond;
    ClientRun run(options);
    run.server.script.upgrade = Upgrade::silence;
    run.finish();
    CHECK(run.error(ErrorKind::connect_timeout) == 4);
    CHECK(run.elapsed_ns() == 2 * kSecond);
    CHECK(run.server.open() == 0);
}

TEST_CASE("client upgrade: a refused connection is none", "[session][client_upgrade]") {
    ClientRun run(echo_options());
    run.refuse_connections();
    run.finish();
    CHECK(run.error(ErrorKind::refused) == 4);
    CHECK(run.counters().attempted == 4);
}

TEST_CASE("client upgrade: a server that hangs up instead of answering", "[session][client_upgrade]") {
    const auto [mode, kind] =
        GENERATE(table<CloseMode, ErrorKind>({{CloseMode::graceful, ErrorKind::closed_in_handshake},
                                              {CloseMode::abort, ErrorKind::reset_in_handshake}}));
    ClientRun run(echo_options());
    run.server.script.upgrade = Upgrade::answer_text;
    run.server.script.upgrade_text = "HTTP/1.1 101 ";
    run.run_until(kMillisecond);
    for (ConnectionId cid = 0; cid < 4; ++cid) run.server.close(cid, mode);
    run.finish();
    CHECK(run.error(kind) == 4);
}

TEST_CASE("client upgrade: frames right behind the head are read", "[session][client_upgrade]") {
    ClientRun run(echo_options());
    run.server.script.on_upgraded = [&](ConnectionId cid) { run.server.send_text(cid, "welcome"); };
    run.finish();
    CHECK(run.counters().unexpected == 4);
    CHECK(run.counters().received == 20);
}

TEST_CASE("client upgrade: handshakes in flight are bounded", "[session][client_upgrade]") {
    plan::RunOptions options = echo_options();
    options.connections = 2 * limits::kHandshakesStart;
    ClientRun run(options);
    run.server.script.upgrade = Upgrade::silence;
    run.run_until(kSecond);
    CHECK(run.server.open() == limits::kHandshakesStart);
    run.server.script.upgrade = Upgrade::accept;
    run.finish();
    CHECK(run.error(ErrorKind::connect_timeout) == limits::kHandshakesStart);
    CHECK(run.counters().successful == limits::kHandshakesStart);
}

TEST_CASE("client upgrade: a head that comes in small pieces is read a line at a time",
          "[session][client_upgrade]") {
    plan::RunOptions options = echo_options();
    options.connections = 1;
    options.connect_timeout_ns = 10 * kSecond;
    ClientRun run(options);
    run.server.script.upgrade = Upgrade::answer_text;
    run.server.script.upgrade_text = "HTTP/1.1 101 Switching Protocols\r\nX-Odd";
    // A control character in the name of a header is wrong; that is found out with the line's end.
    run.server.script.on_refused = [&](ConnectionId cid) {
        run.server.later(1 * kSecond, cid, [&run, cid] { run.server.send_bytes(cid, Bytes{1}); });
        run.server.later(2 * kSecond, cid, [&run, cid] { run.server.send_bytes(cid, Bytes{'x'}); });
        run.server.later(3 * kSecond, cid, [&run, cid] { run.server.send_bytes(cid, Bytes{'\r', '\n'}); });
    };
    run.run_until(2'500 * kMillisecond);
    CHECK(run.counters().failed == 0);
    run.run_until(4 * kSecond);
    CHECK(run.error(ErrorKind::upgrade_not_http) == 1);
    run.finish();
}

TEST_CASE("client upgrade: what is no HTTP is known from its first bytes, however they come",
          "[session][client_upgrade]") {
    const auto [first, second] = GENERATE(
        table<std::string, std::string>({{"HTTP", "?"}, {"H", "ELLO WORLD, THIS IS NO HTTP SERVER"}}));
    ClientRun run(echo_options());
    run.server.script.upgrade = Upgrade::answer_text;
    run.server.script.upgrade_text = first;
    run.server.script.on_refused = [&, second = second](ConnectionId cid) {
        run.server.later(1 * kSecond, cid, [&run, cid, second] {
            run.server.send_bytes(cid, Bytes(second.begin(), second.end()));
        });
    };
    run.run_until(1'500 * kMillisecond);
    CHECK(run.error(ErrorKind::upgrade_not_http) == 4);
    run.finish();
}
