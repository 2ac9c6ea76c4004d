#include "session/client_table.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;

namespace {

constexpr TimeNs kTableStart = 3 * kSecond;

std::vector<ConnectionId> run_listed(ClientTable& table) {
    std::vector<ConnectionId> ran;
    table.run_listed([&](ConnectionId cid, ClientState&) { ran.push_back(cid); });
    return ran;
}

std::vector<ConnectionId> expire(ClientTable& table, TimeNs now_ns) {
    std::vector<ConnectionId> fired;
    table.expire(now_ns, [&](ConnectionId cid, ClientState&) { fired.push_back(cid); });
    return fired;
}

}  // namespace

TEST_CASE("client table: an id is idle until it begins, and again when it ends",
          "[session][client_table]") {
    ClientTable table(4, kTableStart);
    REQUIRE(table.ok());
    CHECK(table.active() == 0);
    ClientState& client = table.begin(2);
    client.sent = 7;
    client.deadline_ns = kTableStart;
    CHECK(client.phase == Phase::connecting);
    CHECK(table.active() == 1);
    table.end(2);
    CHECK(table[2].phase == Phase::idle);
    CHECK(table[2].sent == 0);
    CHECK(table[2].deadline_ns == 0);
    CHECK(table.active() == 0);
}

TEST_CASE("client table: who is listed goes on once, in order", "[session][client_table]") {
    ClientTable table(4, kTableStart);
    table.list(3);
    table.list(1);
    table.list(3);
    CHECK(table.any_listed());
    CHECK(run_listed(table) == std::vector<ConnectionId>{3, 1});
    CHECK_FALSE(table.any_listed());
    CHECK(run_listed(table).empty());
}

TEST_CASE("client table: a connection that ended stays on the list once, whoever has its id",
          "[session][client_table]") {
    ClientTable table(1, kTableStart);
    static_cast<void>(table.begin(0));
    table.list(0);
    table.end(0);
    static_cast<void>(table.begin(0));
    table.list(0);
    CHECK(run_listed(table) == std::vector<ConnectionId>{0});
}

TEST_CASE("client table: all that are not idle can be listed and visited", "[session][client_table]") {
    ClientTable table(5, kTableStart);
    static_cast<void>(table.begin(1));
    static_cast<void>(table.begin(4));
    table.list_all();
    CHECK(run_listed(table) == std::vector<ConnectionId>{1, 4});
    std::vector<ConnectionId> visited;
    table.for_each_active([&](ConnectionId cid, ClientState&) { visited.push_back(cid); });
    CHECK(visited == std::vector<ConnectionId>{1, 4});
}

TEST_CASE("client table: a timer fires at the earliest time that was asked for",
          "[session][client_table]") {
    ClientTable table(2, kTableStart);
    table.wake_by(0, kTableStart + 50 * kMillisecond);
    table.wake_by(0, kTableStart + 20 * kMillisecond);
    table.wake_by(0, kTableStart + 90 * kMillisecond);
    table.wake_by(1, kNever);
    CHECK(expire(table, kTableStart + 20 * kMillisecond - 1).empty());
    CHECK(expire(table, kTableStart + 20 * kMillisecond) == std::vector<ConnectionId>{0});
    CHECK(table.next_wake() == kNever);
    table.wake_by(0, kTableStart + 90 * kMillisecond);
    CHECK(expire(table, kTableStart + kSecond) == std::vector<ConnectionId>{0});
}

TEST_CASE("client table: the timer of a connection ends with it", "[session][client_table]") {
    ClientTable table(1, kTableStart);
    static_cast<void>(table.begin(0));
    table.wake_by(0, kTableStart + kMillisecond);
    table.end(0);
    CHECK(expire(table, kTableStart + kSecond).empty());
    table.wake_by(0, kTableStart + 2 * kSecond);
    CHECK(expire(table, kTableStart + 2 * kSecond) == std::vector<ConnectionId>{0});
}

TEST_CASE("client table: one tick takes a bounded number of timers, the next one the rest",
          "[session][client_table]") {
    constexpr std::uint32_t kCount = limits::kTimersPerTick + 10;
    ClientTable table(kCount, kTableStart);
    for (ConnectionId cid = 0; cid < kCount; ++cid) table.wake_by(cid, kTableStart + kMillisecond);
    CHECK(expire(table, kTableStart + kSecond).size() == limits::kTimersPerTick);
    CHECK(table.next_wake() <= kTableStart + kSecond);
    CHECK(expire(table, kTableStart + kSecond).size() == 10);
}
