#include "session/user_backlog.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;

TEST_CASE("user_backlog: messages wait in their order until there is room", "[session][user_backlog]") {
    UserBacklog backlog;
    CHECK_FALSE(backlog.waits(1));
    for (const char* text : {"a", "b", "c"}) CHECK(backlog.keep(1, text));
    CHECK(backlog.keep(2, "other"));
    std::vector<std::string> sent;
    std::size_t room = 2;
    const auto send = [&](std::string_view text) {
        if (room == 0) return false;
        --room;
        sent.emplace_back(text);
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
    CHECK(backlog.keep(1, half));
    CHECK(backlog.keep(1, half));
    CHECK_FALSE(backlog.keep(1, "one more"));
    bool first = true;
    backlog.send_all(1, [&](std::string_view) { return std::exchange(first, false); });
    CHECK(backlog.keep(1, "one more"));
    CHECK(backlog.keep(2, half));
}
