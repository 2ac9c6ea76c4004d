#include "session/client_inbox.hpp"

#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/client_run.hpp"

using namespace wsblast;
using namespace wsblast::test;
using stats::ErrorKind;

namespace {

// Five messages of each connection, 10 ms apart, with the stamp that they have by default.
plan::RunOptions fan_out_options(std::uint32_t publishers, std::uint32_t listeners) {
    plan::RunOptions options;
    options.connections = publishers;
    options.listeners = listeners;
    options.messages = 5;
    return options;
}

// A server that sends what one connection sends to all others.
struct Broadcast {
    explicit Broadcast(ClientRun& of_run) : run(of_run) {
        run.server.script.on_upgraded = [this](ConnectionId cid) { all.push_back(cid); };
        run.server.script.on_message = [this](ConnectionId from, const std::string& message) {
            pass_on(from, message);
        };
    }
    void pass_on(ConnectionId from, const std::string& message) {
        for (const ConnectionId cid : all)
            if (cid != from) run.server.send_text(cid, message);
    }

    ClientRun& run;
    std::vector<ConnectionId> all;
};

// How many messages came to all, and how many did not.
std::pair<std::uint64_t, std::uint64_t> completed(ClientRun& run) {
    std::pair<std::uint64_t, std::uint64_t> counts;
    run.board()->for_each_known([&](const session::FanOutBoard::Forgotten& known) {
        ++(known.delivery == session::FanOutBoard::Delivery::complete ? counts.first : counts.second);
    });
    return counts;
}

}  // namespace

TEST_CASE("inbox: what one connection sends comes to every listener", "[session][inbox]") {
    ClientRun run(fan_out_options(1, 3));
    Broadcast server(run);
    run.finish();
    CHECK(run.counters().sent == 5);
    CHECK(run.counters().pushes == 15);
    CHECK(run.counters().unexpected == 0);
    CHECK(stats::errors_total(run.counters()) == 0);
    CHECK(run.board()->totals().published == 5);
    CHECK(run.board()->totals().expected == 15);
    CHECK(completed(run) == std::pair<std::uint64_t, std::uint64_t>{5, 0});
    CHECK(run.shard.push_latency.snapshot().count() == 15);
    CHECK(run.server.messages().front() == R"({"connection":0,"seq":1})");
}

TEST_CASE("inbox: the way to a listener is measured from the due time, the spread from the first on",
          "[session][inbox]") {
    ClientRun run(fan_out_options(1, 2));
    Broadcast server(run);
    run.server.script.on_message = [&](ConnectionId from, const std::string& message) {
        TimeNs delay_ns = 0;
        for (const ConnectionId cid : server.all) {
            if (cid == from) continue;
            delay_ns += 30 * kMs;  // one after the other
            run.server.later(delay_ns, cid, [&run, cid, message] { run.server.send_text(cid, message); });
        }
    };
    run.finish();
    CHECK(run.shard.push_latency.snapshot().min_ns() == 30 * kMs);
    CHECK(run.shard.push_latency.snapshot().max_ns() == 60 * kMs);
    run.board()->for_each_known([](const auto& known) { CHECK(known.spread_ns == 30 * kMs); });
}

TEST_CASE("inbox: listeners stay until the last message has had its time", "[session][inbox]") {
    plan::RunOptions options = fan_out_options(1, 2);
    options.answer_timeout_ns = 2 * kSecond;
    ClientRun run(options);
    Broadcast server(run);
    run.server.script.on_message = [&](ConnectionId from, const std::string& message) {
        run.server.later(1'900 * kMs, from, [&server, from, message] { server.pass_on(from, message); });
    };
    run.finish();
    CHECK(run.counters().pushes == 10);
    CHECK(run.settled_ns == run.senders_settled_ns + 2 * kSecond);
}

TEST_CASE("inbox: second copies are told apart", "[session][inbox]") {
    ClientRun run(fan_out_options(2, 3));
    Broadcast server(run);
    run.server.script.on_message = [&](ConnectionId from, const std::string& message) {
        server.pass_on(from, message);
        server.pass_on(from, message);
    };
    run.finish();
    CHECK(run.counters().pushes == 30);
    CHECK(run.counters().push_duplicates == 30);
    CHECK(run.counters().push_out_of_order == 0);
    CHECK(run.shard.push_latency.snapshot().count() == 30);
}

TEST_CASE("inbox: what comes after a later message of its publisher is out of order", "[session][inbox]") {
    ClientRun run(fan_out_options(1, 4));
    Broadcast server(run);
    std::string held;
    run.server.script.on_message = [&](ConnectionId from, const std::string& message) {
        if (message.find(R"("seq":2})") != std::string::npos) {
            held = message;
            return;
        }
        server.pass_on(from, message);
        if (message.find(R"("seq":4})") != std::string::npos) server.pass_on(from, held);
    };
    run.finish();
    CHECK(run.counters().pushes == 20);
    CHECK(run.counters().push_out_of_order == 4);
    CHECK(completed(run).first == 5);
}

TEST_CASE("inbox: of what does not come to all it is known how many they are", "[session][inbox]") {
    ClientRun run(fan_out_options(1, 3));
    Broadcast server(run);
    run.server.script.on_message = [&](ConnectionId from, const std::string& message) {
        if (message.find(R"("seq":3})") == std::string::npos) return server.pass_on(from, message);
        run.server.send_text(server.all.back(), message);
    };
    run.finish();
    CHECK(run.counters().pushes == 13);
    CHECK(run.board()->totals().expected == 15);
    CHECK(completed(run) == std::pair<std::uint64_t, std::uint64_t>{4, 1});
}

TEST_CASE("inbox: the warm-up's messages are no deliveries", "[session][inbox]") {
    plan::RunOptions options = fan_out_options(1, 2);
    options.warmup_ns = 100 * kMs;
    ClientRun run(options);
    Broadcast server(run);
    run.finish();
    CHECK(run.warm.counters.sent.get() == 10);
    CHECK(run.counters().sent == 5);
    CHECK(run.counters().pushes == 10);
    CHECK(run.counters().unexpected == 0);
    CHECK(run.board()->totals().published == 5);
    CHECK(run.board()->totals().expected == 10);
}

TEST_CASE("inbox: messages of another channel are unexpected", "[session][inbox]") {
    plan::RunOptions options = fan_out_options(2, 4);
    options.urls = {"ws://a.example/one", "ws://a.example/two"};
    ClientRun run(options);
    Broadcast server(run);  // which knows no channels
    run.finish();
    CHECK(run.board()->totals().expected == 20);
    CHECK(run.counters().pushes == 20);
    CHECK(run.counters().unexpected == 20);
    CHECK(completed(run).first == 10);
}

TEST_CASE("inbox: those that send hear each other, and only what has no stamp is unexpected",
          "[session][inbox]") {
    ClientRun run(fan_out_options(3, 1));
    Broadcast server(run);
    run.server.script.on_message = [&](ConnectionId from, const std::string& message) {
        server.pass_on(from, message);
        if (message.find(R"("seq":1})") != std::string::npos) run.server.send_text(from, "welcome");
    };
    run.finish();
    CHECK(run.counters().pushes == 15);
    CHECK(run.counters().received == 0);
    CHECK(run.counters().unexpected == 3);
}

TEST_CASE("inbox: with a matching those that send await their answers besides", "[session][inbox]") {
    plan::RunOptions options = fan_out_options(1, 2);
    options.match = plan::MatchRule::seq;
    ClientRun run(options);
    Broadcast server(run);
    run.server.script.on_message = [&](ConnectionId from, const std::string& message) {
        server.pass_on(from, message);
        run.server.send_text(from, message);
    };
    run.finish();
    CHECK(run.counters().received == 5);
    CHECK(run.counters().pushes == 10);
    CHECK(run.counters().unexpected == 0);
}

TEST_CASE("inbox: listeners send the setup and await it, as all others", "[session][inbox]") {
    plan::RunOptions options = fan_out_options(1, 3);
    options.match = plan::MatchRule::seq;
    options.setup = "join";
    ClientRun run(options);
    Broadcast server(run);
    run.server.script.on_message = [&](ConnectionId from, const std::string& message) {
        if (message == "join") {
            run.server.later(20 * kMs, from, [&run, from] { run.server.send_text(from, "joined"); });
            return;
        }
        server.pass_on(from, message);
        run.server.send_text(from, message);
    };
    run.finish();
    CHECK(run.counters().setup_sent == 4);
    CHECK(run.counters().setup_answered == 4);
    CHECK(run.counters().pushes == 15);
    CHECK(run.gate_ns >= run.began_ns + 20 * kMs);
}

TEST_CASE("inbox: a push in fragments is one message", "[session][inbox]") {
    ClientRun run(fan_out_options(1, 2));
    Broadcast server(run);
    run.server.script.on_message = [&](ConnectionId from, const std::string& message) {
        for (const ConnectionId cid : server.all) {
            if (cid == from) continue;
            run.server.send(cid, {{proto::Opcode::text, message.substr(0, 12), false},
                                  {proto::Opcode::ping, "x"},
                                  {proto::Opcode::continuation, message.substr(12)}});
        }
    };
    run.finish();
    CHECK(run.counters().pushes == 10);
    CHECK(run.counters().unexpected == 0);
}

TEST_CASE("inbox: a listener that is lost is one error, and what was sent to it did not come",
          "[session][inbox]") {
    ClientRun run(fan_out_options(1, 3));
    Broadcast server(run);
    run.server.script.on_message = [&](ConnectionId from, const std::string& message) {
        if (message.find(R"("seq":3})") != std::string::npos)
            run.server.close(server.all.back(), CloseMode::abort);
        server.pass_on(from, message);
    };
    run.finish();
    CHECK(run.error(ErrorKind::connection_reset) == 1);
    CHECK(run.counters().lost == 0);
    CHECK(run.counters().unsent == 0);
    CHECK(run.board()->totals().expected == 15);
    CHECK(run.counters().pushes == 12);
    CHECK(completed(run) == std::pair<std::uint64_t, std::uint64_t>{2, 3});
}

TEST_CASE("inbox: a listener that is lost before anything is sent is not awaited", "[session][inbox]") {
    plan::RunOptions options = fan_out_options(1, 3);
    options.connect_rate_per_s = 10;
    ClientRun run(options);
    Broadcast server(run);
    run.server.script.on_upgraded = [&](ConnectionId cid) {
        server.all.push_back(cid);
        if (server.all.size() != 2) return;  // the first listener, which waits for the others
        run.server.later(50 * kMs, cid, [&run, cid] { run.server.close(cid, CloseMode::abort); });
    };
    run.finish();
    CHECK(run.error(ErrorKind::connection_reset) == 1);
    CHECK(run.counters().pushes == 10);
    CHECK(run.board()->totals().expected == 10);
    CHECK(completed(run).first == 5);
}

TEST_CASE("inbox: an interrupt ends listeners too", "[session][inbox]") {
    plan::RunOptions options = fan_out_options(1, 3);
    options.messages = 1'000;
    ClientRun run(options);
    Broadcast server(run);
    run.run_until(100 * kMs);
    run.interrupt();
    run.finish();
    CHECK(run.counters().pushes > 0);
    CHECK(run.closes(1001, stats::CloseBy::us, stats::ClosePhase::open) == 4);
}
