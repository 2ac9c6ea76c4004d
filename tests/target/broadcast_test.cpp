#include "target/broadcast.hpp"

#include <catch2/catch.hpp>

#include "tests/target/memory_server.hpp"

namespace wsblast::target {

namespace {

using proto::Opcode;

// A server with two workers in one thread, each with clients of its own.
struct TwoWorkers {
    explicit TwoWorkers(const transport::MemoryNetworkOptions& options = {})
        : board(2, 32, 0), first(options, board, 0), second(options, board, 1) {
        board.mail().set_wake(0, [this] { ++wakes[0]; });
        board.mail().set_wake(1, [this] { ++wakes[1]; });
    }
    void run() {
        first.run();
        second.run();
    }

    Board board;
    MemoryWorker first;
    MemoryWorker second;
    std::array<int, 2> wakes{};
};

TEST_CASE("broadcast: a message goes to all other members, as it was, and not back",
          "[target][broadcast]") {
    MemoryServer server;
    const auto a = server.open("/broadcast");
    const auto b = server.open("/broadcast?as=b");
    const auto c = server.open("/broadcast");
    server.say(a,
               {{Opcode::text, "hello"}, {Opcode::binary, std::string("\0\xff", 2)}, {Opcode::text, ""}});
    const Heard expected{"text:hello", std::string("binary:\0\xff", 9), "text:"};
    CHECK(server.heard(a).empty());
    CHECK(server.heard(b) == expected);
    CHECK(server.heard(c) == expected);
    server.say(b, {{Opcode::text, "back"}});
    CHECK(server.heard(a) == Heard{"text:back"});
    CHECK(server.total(Count::messages_received) == 4);
    CHECK(server.total(Count::broadcast) == 4);
    CHECK(server.total(Count::messages_sent) == 8);
    CHECK(server.total(Count::broadcast_dropped) == 0);
}

TEST_CASE("broadcast: channels are apart, and from the other services", "[target][broadcast]") {
    MemoryServer server;
    const auto a = server.open("/broadcast/news");
    const auto b = server.open("/broadcast/news");
    const auto c = server.open("/broadcast/new");
    const auto d = server.open("/broadcast");
    const auto e = server.open("/echo");
    server.say(a, {{Opcode::text, "1"}});
    server.say(e, {{Opcode::text, "2"}});
    CHECK(server.heard(b) == Heard{"text:1"});
    CHECK(server.heard(e) == Heard{"text:2"});
    for (const auto cid : {a, c, d}) CHECK(server.heard(cid).empty());
}

TEST_CASE("broadcast: who has left gets nothing, and the next owner of its id begins anew",
          "[target][broadcast]") {
    MemoryServer server;
    const auto a = server.open("/broadcast");
    const auto b = server.open("/broadcast");
    server.say(b, {{Opcode::close, "\x03\xe8"}});
    server.say(a, {{Opcode::text, "1"}});
    CHECK(server.heard(b) == Heard{"close:1000:"});
    const auto c = server.open("/echo");
    server.say(a, {{Opcode::text, "2"}});
    CHECK(server.heard(c).empty());
    const auto d = server.open("/broadcast");
    server.say(a, {{Opcode::text, "3"}});
    CHECK(server.heard(d) == Heard{"text:3"});
    CHECK(server.total(Count::messages_sent) == 1);
}

TEST_CASE("broadcast: a message in fragments is one message, control frames between them are answered",
          "[target][broadcast]") {
    MemoryServer server;
    const auto a = server.open("/broadcast");
    const auto b = server.open("/broadcast");
    server.say(a, {{Opcode::text, "a", false},
                   {Opcode::ping, "now"},
                   {Opcode::continuation, "b", false},
                   {Opcode::continuation, ""}});
    CHECK(server.heard(a) == Heard{"pong:now"});
    CHECK(server.heard(b) == Heard{"text:ab"});
    CHECK(server.sink_of(b).whole_messages == 1);
    const std::string largest(limits::kAssembledBytesMax, 'x');
    server.say(a, {{Opcode::binary, largest}});
    server.run(40);
    CHECK(server.heard(b).back() == "binary:" + largest);
    CHECK(server.total(Count::broadcast) == 2);
}

TEST_CASE("broadcast: a message too large to be put together is refused with 1009", "[target][broadcast]") {
    MemoryServer server;
    const auto a = server.open("/broadcast");
    const auto b = server.open("/broadcast");
    server.say(a, {{Opcode::binary, std::string(limits::kAssembledBytesMax + 1, 'x')}});
    CHECK(server.heard(a) == Heard{"close:1009:"});
    CHECK(server.heard(b).empty());
    CHECK(server.total(Count::broadcast) == 0);
}

TEST_CASE("broadcast: a member that does not read is closed, and what it missed is counted",
          "[target][broadcast]") {
    MemoryServer server;
    const auto a = server.open("/broadcast");
    const auto reader = server.open("/broadcast");
    const std::string message(40'000, 'z');
    // Nothing is read meanwhile: all backlogs fill up.
    const test::Bytes frame = test::frames({{Opcode::binary, message}}, proto::Role::client);
    for (int i = 0; i < 200; ++i) {
        REQUIRE(transport::send(server.client, a, as_text(frame)));
        server.serve();
    }
    CHECK(server.total(Count::slow_readers) == 1);
    CHECK(server.total(Count::broadcast_dropped) == 1);
    const std::uint64_t sent = server.total(Count::messages_sent);
    server.run(200);
    const Heard heard = server.heard(reader);
    CHECK(heard.size() == sent + 1);
    CHECK(heard.back() == "close:1008:");
}

TEST_CASE("broadcast: plain HTTP is told to upgrade, and a name too long is no channel",
          "[target][broadcast]") {
    MemoryServer server;
    const auto cid = server.connect();
    server.say(cid, "GET /broadcast/a HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(server.events.received(cid).starts_with("HTTP/1.1 426 "));
    const auto long_name = server.open("/broadcast/" + std::string(limits::kChannelNameMax + 1, 'n'));
    CHECK(server.events.received(long_name).starts_with("HTTP/1.1 404 "));
}

TEST_CASE("broadcast: a channel too many is refused with 503, those that are there go on",
          "[target][broadcast]") {
    MemoryServer server;
    const auto a = server.open("/broadcast/a");
    for (std::uint32_t i = 0; i < limits::kChannelsMax; ++i) {
        (void)server.board.channels().number_of(std::to_string(i));
    }
    const auto refused = server.open("/broadcast/b");
    CHECK(server.events.received(refused).starts_with("HTTP/1.1 503 "));
    CHECK(server.total(Count::connections_open) == 1);
    server.client.close(refused, transport::CloseMode::abort);
    server.run();
    const auto b = server.open("/broadcast/a");
    server.say(a, {{Opcode::text, "1"}});
    CHECK(server.heard(b) == Heard{"text:1"});
}

TEST_CASE("broadcast: members on all workers hear a message, in order and once", "[target][broadcast]") {
    TwoWorkers server;
    const auto sender = server.first.open("/broadcast");
    const auto near = server.first.open("/broadcast");
    const auto far = server.second.open("/broadcast");
    const auto farther = server.second.open("/broadcast");
    const auto elsewhere = server.second.open("/broadcast/other");
    Heard expected;
    for (int i = 0; i < 300; ++i) {
        const std::string text = std::to_string(i) + std::string(i * 50, 'x');
        server.first.say(sender, {{Opcode::text, text}});
        if (i % 7 == 0) server.second.run();
        expected.push_back("text:" + text);
    }
    server.run();
    for (MemoryWorker* worker : {&server.first, &server.second}) {
        for (const auto cid : worker == &server.first ? std::vector{near} : std::vector{far, farther})
            CHECK(worker->heard(cid) == expected);
    }
    CHECK(server.first.heard(sender).empty());
    CHECK(server.second.heard(elsewhere).empty());
    CHECK(server.board.total(Count::messages_sent) == 900);
    server.second.say(far, {{Opcode::text, "back"}});
    server.run();
    CHECK(server.first.heard(sender) == Heard{"text:back"});
}

TEST_CASE("broadcast: a worker is woken once for a burst, and only where it has members",
          "[target][broadcast]") {
    TwoWorkers server;
    const auto sender = server.first.open("/broadcast");
    server.first.say(sender, {{Opcode::text, "1"}});
    CHECK(server.wakes == std::array<int, 2>{0, 0});
    server.second.open("/broadcast");
    server.first.say(sender, {{Opcode::text, "1"}, {Opcode::text, "2"}, {Opcode::text, "3"}});
    CHECK(server.wakes == std::array<int, 2>{0, 1});
}

TEST_CASE("broadcast: what a mailbox has no room for is counted for each member, and the rest arrives",
          "[target][broadcast]") {
    TwoWorkers server;
    const auto sender = server.first.open("/broadcast");
    const auto far = server.second.open("/broadcast");
    const auto farther = server.second.open("/broadcast");
    const std::string message(60'000, 'm');
    constexpr int kMessages = 100;  // of 60 kB: a third is too many
    for (int i = 0; i < kMessages; ++i) server.first.say(sender, {{Opcode::text, message}});
    const std::uint64_t dropped = server.board.total(Count::broadcast_dropped);
    CHECK(dropped > 0);
    CHECK(dropped % 2 == 0);
    CHECK(server.second.connections.tick(server.second.network.now_ns()).until_ns ==
          server.second.network.now_ns());
    // The members read while it writes: no backlog fills up.
    for (int i = 0; i < kMessages; ++i) server.run();
    CHECK(server.second.heard(far).size() + server.second.heard(farther).size() + dropped == 2 * kMessages);
    CHECK(server.board.total(Count::slow_readers) == 0);
    server.first.say(sender, {{Opcode::text, "after"}});
    server.run();
    CHECK(server.second.heard(far).back() == "text:after");
}

TEST_CASE("broadcast: no byte is lost or out of order on a bad network", "[target][broadcast]") {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        INFO("seed " << seed);
        TwoWorkers server(
            {.faults = transport::MemoryFaults{
                 .seed = seed, .split = 300, .delay = 300, .no_room = 300, .delay_ns_max = kMillisecond}});
        const auto settle = [&](int rounds) {
            for (int i = 0; i < rounds; ++i) {
                server.first.advance(kMillisecond);
                server.second.advance(kMillisecond);
            }
        };
        const auto sender = server.first.connect();
        const auto far = server.second.connect();
        settle(8);
        server.second.say(far, upgrade_request("/broadcast"));
        server.first.say(sender, upgrade_request("/broadcast"));
        settle(20);
        Heard expected;
        for (int i = 0; i < 40; ++i) {
            const std::string text = std::to_string(i) + std::string(i * 100, 'm');
            server.first.say(sender, {{Opcode::text, text}});
            expected.push_back("text:" + text);
        }
        settle(40);
        REQUIRE(server.second.heard(far) == expected);
    }
}

}  // namespace

}  // namespace wsblast::target
