#include "target/connections.hpp"

#include <catch2/catch.hpp>

#include "tests/target/memory_server.hpp"

namespace wsblast::target {

namespace {

using proto::Opcode;

TEST_CASE("connections: an upgrade is answered by the accept key of RFC 6455", "[target][connections]") {
    MemoryServer server;
    const auto cid = server.open("/ws?a=b");
    CHECK(server.events.received(cid) == upgrade_response());
    CHECK(upgrade_response().find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
    CHECK(server.total(Count::connections_open) == 1);
}

TEST_CASE("connections: request and frames may be cut anywhere, and come together",
          "[target][connections]") {
    std::string bytes = upgrade_request("/ws");
    const test::Bytes ping = test::frames({{Opcode::text, kPing}}, proto::Role::client);
    bytes += as_text(ping);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        MemoryServer server;
        const auto cid = server.connect();
        server.say(cid, bytes.substr(0, cut));
        server.say(cid, bytes.substr(cut));
        REQUIRE(server.heard(cid) == Heard{kPong});
    }
}

TEST_CASE("connections: every message of the protocol's table is answered", "[target][connections]") {
    MemoryServer server;
    const auto cid = server.open("/ws");
    server.say(cid,
               {{Opcode::text, kPing},
                {Opcode::text, R"({"type":"subscribe","channel":"agents"})"},
                {Opcode::text, R"({"type":"unsubscribe","channel":"metrics"})"},
                {Opcode::text, R"({"type":"agent_message","from":"user_123","to":"agent_456","payload":)"
                               R"({"action":"execute","timestamp":1234567890,"data":{"test":true}}})"},
                {Opcode::text, R"({"type":"novelty"})"},
                {Opcode::text, "no JSON"},
                {Opcode::binary, kPing},
                {Opcode::text, R"({"type":"disconnect"})"}});
    const std::string error = R"(text:{"type":"error","message":"not a text message of JSON with a type"})";
    const Heard expected{kPong,
                         R"(text:{"type":"subscribed","channel":"agents"})",
                         R"(text:{"type":"unsubscribed","channel":"metrics"})",
                         R"(text:{"type":"agent_response","from":"agent_456","to":"user_123","payload":)"
                         R"({"status":"processed","action":"execute","data":{"test":true}},)"
                         R"("timestamp":1234567890})",
                         R"(text:{"type":"message","data":{"type":"novelty"}})",
                         error,
                         error,
                         R"(text:{"type":"disconnect_ack"})"};
    CHECK(server.heard(cid) == expected);
    CHECK(server.total(Count::messages_received) == 8);
    CHECK(server.total(Count::messages_sent) == 8);
    CHECK(server.total(Count::agent_message) == 1);
    CHECK(server.total(Count::invalid) == 2);
}

TEST_CASE("connections: a YMERA message in fragments is one message", "[target][connections]") {
    MemoryServer server;
    const auto cid = server.open("/ws");
    server.say(cid, {{Opcode::text, kPing.substr(0, 5), false}, {Opcode::continuation, kPing.substr(5)}});
    CHECK(server.heard(cid) == Heard{kPong});
}

TEST_CASE("connections: an echo has the message's type and bytes", "[target][connections]") {
    MemoryServer server;
    const auto cid = server.open("/echo");
    const std::string large(300'000, 'x');
    server.say(cid,
               {{Opcode::text, "hello"}, {Opcode::binary, std::string("\0\xff", 2)}, {Opcode::text, ""}});
    server.say(cid, {{Opcode::binary, large}});
    server.run(16);
    CHECK(server.heard(cid) ==
          Heard{"text:hello", std::string("binary:\0\xff", 9), "text:", "binary:" + large});
    CHECK(server.sink_of(cid).whole_messages == 4);
    CHECK(server.total(Count::echo) == 4);
}

TEST_CASE("connections: fragments are echoed as one frame, with control frames between them answered",
          "[target][connections]") {
    MemoryServer server;
    const auto cid = server.open("/echo");
    server.say(cid, {{Opcode::text, "a", false},
                     {Opcode::ping, "now"},
                     {Opcode::continuation, "b", false},
                     {Opcode::continuation, ""}});
    CHECK(server.heard(cid) == Heard{"pong:now", "text:ab"});
    CHECK(server.sink_of(cid).whole_messages == 1);
}

TEST_CASE("connections: a message above what is kept is echoed in pieces", "[target][connections]") {
    MemoryServer server;
    const auto cid = server.open("/echo");
    const std::string huge(limits::kAssembledBytesMax + 100'000, 'y');
    server.say(cid, {{Opcode::binary, huge}, {Opcode::text, "after"}});
    server.run(40);
    CHECK(server.heard(cid) == Heard{"binary:" + huge, "text:after"});
    CHECK(server.sink_of(cid).whole_messages == 1);
    CHECK(server.total(Count::messages_sent) == 2);
}

TEST_CASE("connections: a close frame is answered with its code, then TCP is closed",
          "[target][connections]") {
    MemoryServer server;
    const auto cid = server.open("/ws");
    server.events.take();
    server.say(cid, {{Opcode::close, "\x10\xe1 my reason"}, {Opcode::text, kPing}});
    CHECK(server.heard(cid) == Heard{"close:4321:"});
    CHECK(server.gone(cid));
    CHECK(server.total(Count::connections_open) == 0);
}

TEST_CASE("connections: a close frame without a code is answered by one without", "[target][connections]") {
    MemoryServer server;
    const auto cid = server.open("/echo");
    server.say(cid, {{Opcode::close, ""}});
    CHECK(server.heard(cid) == Heard{"close:1005:"});
}

TEST_CASE("connections: who breaks the protocol is told how, and closed", "[target][connections]") {
    struct Case {
        std::string bytes;
        std::string close;
    };
    const Case cases[] = {{std::string("\x81\x02hi", 4), "close:1002:"},             // not masked
                          {std::string("\xc1\x80\0\0\0\0", 6), "close:1002:"},       // reserved bit
                          {std::string("\x83\x80\0\0\0\0", 6), "close:1002:"},       // reserved opcode
                          {std::string("\x81\x81\0\0\0\0\xff", 7), "close:1007:"},   // no UTF-8
                          {std::string("\x88\x81\0\0\0\0\x03", 7), "close:1002:"}};  // half a close code
    for (const Case& wrong : cases) {
        MemoryServer server;
        const auto cid = server.open("/echo");
        server.events.take();
        server.say(cid, wrong.bytes);
        CHECK(server.heard(cid) == Heard{wrong.close});
        CHECK(server.gone(cid));
        CHECK(server.total(Count::protocol_errors) == 1);
    }
}

TEST_CASE("connections: plain HTTP gets one page, and is closed", "[target][connections]") {
    MemoryServer server;
    const auto cid = server.connect();
    server.say(cid, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(server.events.received(cid).starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(server.gone(cid));
    const auto upgrade = server.open("/nowhere");
    CHECK(server.events.received(upgrade).starts_with("HTTP/1.1 404 "));
    CHECK(server.total(Count::connections_refused) == 1);
    CHECK(server.total(Count::connections_accepted) == 2);
}

TEST_CASE("connections: a head that never ends is refused", "[target][connections]") {
    MemoryServer server;
    const auto cid = server.connect();
    server.say(cid, "GET /ws HTTP/1.1\r\nHost: x\r\n");
    server.say(cid, "X-Long: " + std::string(2 * limits::kHttpHeadMax, 'x'));
    CHECK(server.events.received(cid).starts_with("HTTP/1.1 431 "));
    CHECK(server.gone(cid));
}

TEST_CASE("connections: one too many is refused, and does not count when it has gone",
          "[target][connections]") {
    MemoryServer server({}, 1);
    const auto first = server.open("/ws");
    const auto second = server.open("/ws");
    CHECK(server.events.received(second).starts_with("HTTP/1.1 503 "));
    CHECK(server.events.received(second).find("connection limit 1 reached") != std::string::npos);
    CHECK(server.total(Count::connections_over_limit) == 1);
    server.client.close(first, transport::CloseMode::abort);
    server.run();
    const auto third = server.open("/ws");
    CHECK(server.events.received(third) == upgrade_response());
}

TEST_CASE("connections: at the limit plain requests are answered, and take no place",
          "[target][connections]") {
    MemoryServer server({}, 1);
    const auto idle = server.connect();
    const auto first = server.open("/ws");
    CHECK(server.events.received(first) == upgrade_response());
    const auto plain = server.connect();
    server.say(plain, "GET /stats HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(server.events.received(plain).starts_with("HTTP/1.1 200 "));
    server.say(idle, upgrade_request("/ws"));
    CHECK(server.events.received(idle).starts_with("HTTP/1.1 503 "));
}

TEST_CASE("connections: at the limit an upgrade may be reset", "[target][connections]") {
    MemoryServer server({}, {1, plan::AtLimit::reset});
    const auto first = server.open("/ws");
    server.events.take();
    const auto second = server.open("/ws");
    CHECK(server.events.received(second).empty());
    const std::vector<std::string> events = server.events.take();
    CHECK(std::ranges::any_of(events, [&](const std::string& event) {
        return event.starts_with("close " + std::to_string(second) + " reset");
    }));
    server.say(first, {{Opcode::text, kPing}});
    CHECK(server.heard(first) == Heard{kPong});
    CHECK(server.total(Count::connections_over_limit) == 1);
}

TEST_CASE("connections: at the limit an upgrade may wait for a place, the oldest first",
          "[target][connections]") {
    MemoryServer server({}, {1, plan::AtLimit::wait});
    const auto first = server.open("/ws");
    const auto second = server.open("/ws");
    const auto third = server.open("/ws");
    const auto leaver = server.open("/ws");
    server.say(second, {{Opcode::text, kPing}});  // it cannot know that it waits
    server.advance(2 * limits::kUpgradeTimeoutNs);
    CHECK(server.events.received(second).empty());
    CHECK(server.total(Count::connections_open) == 1);
    CHECK(server.total(Count::connections_over_limit) == 3);

    server.client.close(leaver, transport::CloseMode::abort);
    server.client.close(first, transport::CloseMode::abort);
    server.run();
    CHECK(server.heard(second) == Heard{kPong});
    CHECK(server.events.received(third).empty());
    server.client.close(second, transport::CloseMode::abort);
    server.run();
    CHECK(server.events.received(third) == upgrade_response());
    server.client.close(third, transport::CloseMode::abort);
    server.run();
    CHECK(server.total(Count::connections_present) == 0);
    CHECK(server.events.received(server.open("/ws")) == upgrade_response());
}

TEST_CASE("connections: who sends no request in time is closed", "[target][connections]") {
    MemoryServer server;
    const auto cid = server.connect();
    server.say(cid, "GET /ws");
    server.events.take();
    server.advance(limits::kUpgradeTimeoutNs - 1);
    CHECK_FALSE(server.gone(cid));
    server.advance(1);
    CHECK(server.gone(cid));
    CHECK(server.total(Count::connections_timed_out) == 1);
}

TEST_CASE("connections: after its ack a disconnect leaves the client time to close",
          "[target][connections]") {
    MemoryServer server;
    const auto cid = server.open("/ws");
    server.events.take();
    server.say(cid, {{Opcode::text, R"({"type":"disconnect"})"}});
    server.advance(limits::kDisconnectGraceNs - 1);
    CHECK(server.heard(cid) == Heard{R"(text:{"type":"disconnect_ack"})"});
    server.advance(1);
    CHECK(server.heard(cid).back() == "close:1000:");
    CHECK_FALSE(server.gone(cid));
    server.advance(limits::kCloseTimeoutNs);
    CHECK(server.gone(cid));
}

TEST_CASE("connections: a stop closes with 1001, and ends when all have answered",
          "[target][connections]") {
    MemoryServer server;
    const auto cid = server.open("/ws");
    server.board.stop();
    server.run();
    CHECK(server.heard(cid) == Heard{"close:1001:"});
    CHECK_FALSE(server.connections.finished());
    server.say(cid, {{Opcode::close, "\x03\xe9"}});
    CHECK(server.gone(cid));
    CHECK(server.connections.finished());
}

TEST_CASE("connections: a stop does not wait for those that do not answer", "[target][connections]") {
    MemoryServer server;
    server.open("/ws");
    server.connect();
    server.board.stop();
    server.run();
    server.advance(limits::kCloseTimeoutNs - 1);
    CHECK_FALSE(server.connections.finished());
    server.advance(1);
    CHECK(server.connections.finished());
}

TEST_CASE("connections: a client that does not read is closed when its backlog is full",
          "[target][connections]") {
    MemoryServer server({.arena_bytes = 2 * limits::kSendBytesMax, .faults = {}});
    const auto cid = server.open("/echo");
    const std::string message(40'000, 'z');
    const test::Bytes frame = test::frames({{Opcode::binary, message}}, proto::Role::client);
    for (int i = 0; i < 60; ++i) {
        REQUIRE(transport::send(server.client, cid, as_text(frame)));
        server.serve();
    }
    CHECK(server.total(Count::slow_readers) == 1);
    const std::uint64_t sent = server.total(Count::bytes_sent);
    CHECK(sent > limits::kBacklogBytesMax);
    CHECK(sent < limits::kBacklogBytesMax + 4 * limits::kSendBytesMax);
    server.run(64);  // it reads, late
    const Heard heard = server.heard(cid);
    CHECK(heard.size() > 50);
    CHECK(heard.front() == "binary:" + message);
    CHECK(heard.back() == "close:1008:");
}

TEST_CASE("connections: no byte is lost or out of order on a bad network", "[target][connections]") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        INFO("seed " << seed);
        MemoryServer server(
            {.faults = transport::MemoryFaults{
                 .seed = seed, .split = 300, .delay = 300, .no_room = 300, .delay_ns_max = kMillisecond}});
        const auto cid = server.connect();
        for (int i = 0; i < 8; ++i) server.advance(kMillisecond);
        Heard expected;
        std::vector<test::FrameSpec> specs;
        for (int i = 0; i < 40; ++i) {
            specs.push_back({Opcode::text, std::to_string(i) + std::string(i * 100, 'm')});
            expected.push_back("text:" + specs.back().payload);
        }
        const test::Bytes frames = test::frames(specs, proto::Role::client);
        server.say(cid, upgrade_request("/echo") + std::string(as_text(frames)));
        for (int i = 0; i < 40; ++i) server.advance(kMillisecond);
        REQUIRE(server.heard(cid) == expected);
    }
}

TEST_CASE("connections: what one burst brought is what a wait may ask for next", "[target][connections]") {
    MemoryServer server;
    for (int i = 0; i < 8; ++i) server.open("/ws");
    const test::Bytes ping = test::frames({{Opcode::text, kPing}}, proto::Role::client);
    for (transport::ConnectionId cid = 0; cid < 8; ++cid)
        transport::send(server.client, cid, as_text(ping));
    server.serve();
    CHECK(server.connections.tick(server.network.now_ns()).awaiting_answers == 16);
    server.serve();
    CHECK(server.connections.tick(server.network.now_ns()).awaiting_answers == 0);
}

}  // namespace

}  // namespace wsblast::target
