#include "stats/shard.hpp"

#include <memory>

#include <catch2/catch.hpp>

namespace wsblast::stats {

TEST_CASE("shard: a snapshot adds up what all workers wrote", "[stats][shard]") {
    const auto shards = std::make_unique<std::array<Shard, 2>>();
    auto& [first, second] = *shards;
    REQUIRE(first.ok());
    first.counters.received.add(2);
    first.latency.record(1'000);
    first.connect_tcp.record(7);
    first.upgrade_status.count(101);
    first.closes.count(CloseKey{1001, CloseBy::peer, ClosePhase::hold}.pack());
    second.counters.received.add(3);
    second.latency.record(2'000);
    second.service_time.record(1'500);
    second.send_lag.record(10);
    second.connect_upgrade.record(8);
    second.connect_total.record(15);
    second.upgrade_status.count(101);
    second.excerpts.keep(403, as_bytes("no"));

    Snapshot totals;
    totals.add(first);
    totals.add(second);
    REQUIRE(totals.counters.received == 5);
    REQUIRE(totals.latency.count() == 2);
    REQUIRE(totals.latency.max_ns() == 2'000);
    REQUIRE(totals.service_time.max_ns() == 1'500);
    REQUIRE(totals.send_lag.max_ns() == 10);
    REQUIRE(totals.connect_tcp.max_ns() == 7);
    REQUIRE(totals.connect_upgrade.max_ns() == 8);
    REQUIRE(totals.connect_total.max_ns() == 15);
    REQUIRE(totals.upgrade_status.at(101) == 2);
    REQUIRE(totals.closes.size() == 1);
    REQUIRE(totals.excerpts.size() == 1);
}

TEST_CASE("shard: every histogram goes to its own in the snapshot", "[stats][shard]") {
    struct Pair {
        Histogram Shard::*written;
        HistogramSnapshot Snapshot::*read;
    };
    const std::vector<Pair> pairs{{&Shard::latency, &Snapshot::latency},
                                  {&Shard::service_time, &Snapshot::service_time},
                                  {&Shard::send_lag, &Snapshot::send_lag},
                                  {&Shard::blocked_lag, &Snapshot::blocked_lag},
                                  {&Shard::loop_lag, &Snapshot::loop_lag},
                                  {&Shard::receive_delay, &Snapshot::receive_delay},
                                  {&Shard::push_latency, &Snapshot::push_latency},
                                  {&Shard::push_spread, &Snapshot::push_spread},
                                  {&Shard::tcp_rtt, &Snapshot::tcp_rtt},
                                  {&Shard::connect_tcp, &Snapshot::connect_tcp},
                                  {&Shard::connect_upgrade, &Snapshot::connect_upgrade},
                                  {&Shard::connect_total, &Snapshot::connect_total}};
    const auto shard = std::make_unique<Shard>();
    for (std::size_t i = 0; i < pairs.size(); ++i) ((*shard).*pairs[i].written).record_many(100 + i, i + 1);
    Snapshot totals;
    totals.add(*shard);
    totals.add(*shard);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        CAPTURE(i);
        REQUIRE((totals.*pairs[i].read).count() == 2 * (i + 1));
        REQUIRE((totals.*pairs[i].read).max_ns() == 100 + i);
    }
    Snapshot once;
    once.add(*shard);
    totals.subtract(once);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        CAPTURE(i);
        REQUIRE((totals.*pairs[i].read).count() == i + 1);
    }
}

TEST_CASE("shard: what came since an earlier snapshot, and what is open now", "[stats][shard]") {
    const auto shard = std::make_unique<Shard>();
    const auto count = [&] {
        shard->counters.sent.add(5);
        shard->counters.open.add(3);
        shard->counters.open_peak.raise_to(shard->counters.open.get());
        shard->counters.error(ErrorKind::refused).add();
        shard->upgrade_status.count(101);
    };
    count();
    shard->closes.count(7);
    Snapshot earlier;
    earlier.add(*shard);
    count();
    shard->counters.open.subtract(2);
    shard->upgrade_status.count(503);
    Snapshot later;
    later.add(*shard);
    later.subtract(earlier);
    CHECK(later.counters.sent == 5);
    CHECK(later.counters.open == 4);
    CHECK(later.counters.open_peak == 6);
    CHECK(later.counters.error(ErrorKind::refused) == 1);
    CHECK(later.closes.empty());
    CHECK(later.upgrade_status == KeyCountValues{{101, 1}, {503, 1}});
}

TEST_CASE("shard: two workers never share a cache line", "[stats][shard]") {
    REQUIRE(alignof(Shard) >= limits::kCacheLineBytes);
    REQUIRE(sizeof(Shard) % limits::kCacheLineBytes == 0);
}

}  // namespace wsblast::stats
