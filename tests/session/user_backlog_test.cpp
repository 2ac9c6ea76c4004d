#include "session/user_backlog.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;

TEST_CASE("user_backlog: messages wait in their order until there is room", "[session][user_backlog]") {
    UserBacklog backlog;
    CHECK_FALSE(backlog.waits(1));
    for (const char* text : {"a", "b", "c"}) CHECK(backlog.keep(1, {text}));
    CHECK(backlog.keep(2, {"other"}));
    std::vector<std::string> sent;
    std::size_t room = 2;
    const auto send = [&](const BacklogMessage& message) {
        if (room == 0) return false;
        --room;
        sent.emplace_back(message.payload);
        return true;
    };
    backlog.send_all(1, send);
    CHECK(sent == std::vector<std::string>{"a", "b"});
    CHECK(backlog.waits(1));
    room = 5;
    backlog.send_all(1, send);
    CHECK(sent == std::vector<std::string>{"a", "b", "c"});
    CHECK_FALSE(backlog.waits(1));
    CHECK(backlog.waits(2));
    backlog.drop(2);
    CHECK_FALSE(backlog.waits(2));
    backlog.send_all(2, send);
    CHECK(sent.size() == 3);
}

TEST_CASE("user_backlog: what waits is bounded, and there is room again as it is sent",
          "[session][user_backlog]") {
    UserBacklog backlog;
    const std::string half(limits::kScriptPendingMax / 2, 'x');
    CHECK(backlog.keep(1, {half}));
    CHECK(backlog.keep(1, {half}));
    CHECK_FALSE(backlog.keep(1, {"one more"}));
    bool first = true;
    backlog.send_all(1, [&](const BacklogMessage&) { return std::exchange(first, false); });
    CHECK(backlog.keep(1, {"one more"}));
    CHECK(backlog.keep(2, {half}));
}

TEST_CASE("user_backlog: a message stays what it is, and whose", "[session][user_backlog]") {
    UserBacklog backlog;
    CHECK(backlog.keep(1, {std::string_view("\0\xff", 2), proto::Opcode::binary, Author::handler}));
    CHECK(backlog.keep(1, {"text"}));
    std::vector<std::string> seen;
    backlog.send_all(1, [&](const BacklogMessage& message) {
        const bool binary = message.opcode == proto::Opcode::binary;
        const bool own = message.author == Author::script;
        seen.push_back(std::to_string(message.payload.size()) + (binary ? " binary" : " text") +
                       (own ? " script" : " handler"));
        return true;
    });
    CHECK(seen == std::vector<std::string>{"2 binary handler", "4 text script"});
    CHECK_FALSE(backlog.waits(1));
}
