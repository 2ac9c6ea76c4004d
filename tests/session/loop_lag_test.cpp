#include "session/loop_lag.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;

TEST_CASE("loop lag: the time between two ticks without the wait, the first one left out",
          "[session][loop_lag]") {
    stats::Shard shard;
    LoopLag lag(shard);
    lag.note(kSecond, 0, Counted::yes);
    CHECK(shard.loop_lag.snapshot().count() == 0);
    lag.note(kSecond + 5 * kMillisecond, 3 * kMillisecond, Counted::yes);
    CHECK(shard.loop_lag.snapshot().count() == 1);
    CHECK(shard.loop_lag.snapshot().max_ns() == 2 * kMillisecond);
}

TEST_CASE("loop lag: no wait is longer than the time it lies in", "[session][loop_lag]") {
    stats::Shard shard;
    LoopLag lag(shard);
    lag.note(kSecond, 0, Counted::yes);
    lag.note(kSecond + kMillisecond, kSecond, Counted::yes);
    CHECK(shard.loop_lag.snapshot().max_ns() == 0);
}

TEST_CASE("loop lag: ticks that do not count, and the one behind a tick that is left out, are in no figure",
          "[session][loop_lag]") {
    stats::Shard shard;
    LoopLag lag(shard);
    lag.note(kSecond, 0, Counted::yes);
    lag.note(2 * kSecond, 0, Counted::no);
    lag.leave_out();
    lag.note(3 * kSecond, 0, Counted::yes);
    CHECK(shard.loop_lag.snapshot().count() == 0);
    lag.note(4 * kSecond, 0, Counted::yes);
    CHECK(shard.loop_lag.snapshot().count() == 1);
}
