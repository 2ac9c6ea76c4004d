#include "session/user_addresses.hpp"

#include <optional>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;
using Taken = UserAddresses::Taken;

namespace {

// A scenario with one target, and a connect with a function to it. {{0}}, {{1}}, ... are a, b, ...
struct Site {
    explicit Site(plan::ScenarioTarget target, std::vector<std::string> values = {}) {
        scenario.flows.push_back({.name = "0"});
        scenario.targets.push_back(std::move(target));
        plan.function = "f";
        for (std::size_t i = 0; i < values.size(); ++i) {
            scenario.slots.push_back({.name = std::string(1, static_cast<char>('a' + i))});
            plan::UserText hole;
            hole.parts.push_back({.kind = plan::PartKind::variable, .slot = static_cast<plan::SlotId>(i)});
            plan.holes.push_back(std::move(hole));
        }
        all.push_back(std::make_unique<stats::UserShard>(1, 1));
        users.emplace(
            scenario,
            UsersInput{.arrivals = arrivals, .shard = *all.front(), .all = all, .log = log, .users_max = 4},
            nullptr, 0);
        addresses.emplace(*users);
        for (std::size_t i = 0; i < values.size(); ++i)
            REQUIRE(users->variables.set(user(), static_cast<plan::SlotId>(i), Value::of_text(values[i])));
    }
    [[nodiscard]] UserRef user() { return {0, users->table[0]}; }
    [[nodiscard]] Taken take(std::string_view params) { return addresses->take(user(), plan, params); }
    [[nodiscard]] std::string path() { return addresses->address_of(0).path; }
    [[nodiscard]] std::string lines() { return addresses->address_of(0).lines; }

    plan::Scenario scenario;
    plan::ConnectPlan plan;
    plan::ArrivalPlan arrivals;
    UserLog log;
    std::vector<std::unique_ptr<stats::UserShard>> all;
    std::optional<UserParts> users;
    std::optional<UserAddresses> addresses;
};

std::string params_of(std::string_view url, std::string_view headers = "{}") {
    return R"({"target":")" + std::string(url) + R"(","options":{"headers":)" + std::string(headers) + "}}";
}

}  // namespace

TEST_CASE("user_addresses: a function is shown the target, its subprotocols and headers, filled in",
          "[session][user_addresses]") {
    Site world({.url = "ws://h:1/room/{{0}}",
                .headers = {{"X-A", "a {{1}}"}, {"X-B", ""}},
                .subprotocols = {"one", "two"}},
               {"12", "\"quoted\""});
    CHECK(world.addresses->params(world.user(), world.plan) ==
          R"({"target":"ws://h:1/room/12","subprotocols":["one","two"],)"
          R"("options":{"headers":{"X-A":"a \"quoted\"","X-B":""}}})");
    Site plain({.url = "ws://h"});
    CHECK(plain.addresses->params(plain.user(), plain.plan) ==
          R"({"target":"ws://h","subprotocols":[],"options":{"headers":{}}})");
}

TEST_CASE("user_addresses: path, query and headers are what the function has made of them",
          "[session][user_addresses]") {
    Site world({.url = "ws://h:1/ws"});
    CHECK(world.take(params_of("ws://h:1/ws?t=1", R"({"X-A":"b","X-N":7,"X-None":null})")) == Taken::yes);
    CHECK(world.path() == "ws?t=1");
    CHECK(world.lines() == "X-A: b\r\nX-N: 7\r\n");
    CHECK(world.take(params_of("ws://h:1")) == Taken::yes);
    CHECK(world.path().empty());
    CHECK(world.lines().empty());
    CHECK(world.take(params_of("ws://h:1?t=2")) == Taken::yes);
    CHECK(world.path() == "?t=2");
    CHECK(world.take(R"({"target":"ws://h:1/x"})") == Taken::yes);
    CHECK(world.path() == "x");
}

TEST_CASE("user_addresses: another host is refused, as no name is looked up in a run",
          "[session][user_addresses]") {
    Site world({.url = "ws://h:1/ws"});
    for (const char* url :
         {"ws://h:2/ws", "ws://i:1/ws", "wss://h:1/ws", "ws://h:1.evil/ws", "/ws", "", "ws://h"})
        CHECK(world.take(params_of(url)) == Taken::other_host);
    CHECK(world.take("{}") == Taken::other_host);
    CHECK(world.take(R"({"target":7})") == Taken::other_host);
}

TEST_CASE("user_addresses: headers that cannot stand there are refused", "[session][user_addresses]") {
    Site world({.url = "ws://h/ws"});
    for (const char* headers :
         {R"({"X A":"1"})", R"({"":"1"})", R"({"X":"a\r\nY: b"})", R"({"X":"a\u0000"})",
          R"({"Host":"other"})", R"({"upgrade":"h2c"})", R"({"CONNECTION":"close"})",
          R"({"Sec-WebSocket-Key":"k"})", R"({"sec-websocket-protocol":"p"})", R"({"X":{"a":1}})",
          R"({"X":["a"]})", R"(["X"])"}) {
        INFO(headers);
        CHECK(world.take(params_of("ws://h/ws", headers)) == Taken::bad_header);
    }
    CHECK(world.take(params_of("ws://h/ws", R"({"X":"a\tb","Hostess":"x"})")) == Taken::yes);
    CHECK(world.lines() == "X: a\tb\r\nHostess: x\r\n");
}

TEST_CASE("user_addresses: an address is forgotten with its user", "[session][user_addresses]") {
    Site world({.url = "ws://h/ws"});
    REQUIRE(world.take(params_of("ws://h/mine", R"({"X":"1"})")) == Taken::yes);
    world.addresses->drop(0);
    CHECK(world.path().empty());
    CHECK(world.lines().empty());
}

TEST_CASE("user_addresses: where JavaScript says it, path and headers are holes",
          "[session][user_addresses]") {
    const plan::ScenarioTarget open = UserAddresses::open_target(
        {.url = "wss://h:1/a/b?c", .headers = {{"X", "1"}}, .subprotocols = {"p"}});
    CHECK(open.url == "wss://h:1/{{0}}");
    CHECK(open.headers.empty());
    CHECK(open.subprotocols == std::vector<std::string>{"p"});
    CHECK(UserAddresses::open_target({.url = "ws://h"}).url == "ws://h/{{0}}");
}
