// A Shard is everything that one worker writes; a Snapshot is what a reader copies from it and adds up over
// all workers. Nobody waits for anybody.
#pragma once

#include <cstdint>
#include <vector>

#include "base/limits.hpp"
#include "stats/counters.hpp"
#include "stats/histogram.hpp"
#include "stats/key_counts.hpp"

namespace wsblast::stats {

// Begins and ends on its own cache lines. Stays where it was made; outlives its writer and its readers.
struct alignas(limits::kCacheLineBytes) Shard {
    Counters counters;
    Histogram latency;          // due -> answer
    Histogram service_time;     // handed to the kernel -> answer
    Histogram send_lag;         // due -> handed to the kernel
    Histogram connect_tcp;      // first SYN -> established
    Histogram connect_upgrade;  // established -> upgrade accepted
    Histogram connect_total;    // first SYN -> upgrade accepted
    KeyCounts closes;           // by CloseKey::pack()
    KeyCounts upgrade_status;   // by HTTP status, 101 included
    Excerpts excerpts;

    // False when there was no address space left for a histogram: then nothing may be recorded.
    [[nodiscard]] bool ok() const {
        return latency.ok() && service_time.ok() && send_lag.ok() && connect_tcp.ok() &&
               connect_upgrade.ok() && connect_total.ok();
    }
};

// Plain data of the reader. Its parts are copied one after the other: exact once the writers have stopped.
struct Snapshot {
    CounterValues counters;
    HistogramSnapshot latency;
    HistogramSnapshot service_time;
    HistogramSnapshot send_lag;
    HistogramSnapshot connect_tcp;
    HistogramSnapshot connect_upgrade;
    HistogramSnapshot connect_total;
    KeyCountValues closes;
    KeyCountValues upgrade_status;
    std::vector<Excerpt> excerpts;

    // Any thread, at any time: adds what a worker has counted and recorded so far.
    void add(const Shard& shard) {
        stats::add(counters, shard.counters);
        latency.add(shard.latency.snapshot());
        service_time.add(shard.service_time.snapshot());
        send_lag.add(shard.send_lag.snapshot());
        connect_tcp.add(shard.connect_tcp.snapshot());
        connect_upgrade.add(shard.connect_upgrade.snapshot());
        connect_total.add(shard.connect_total.snapshot());
        shard.closes.add_to(closes);
        shard.upgrade_status.add_to(upgrade_status);
        shard.excerpts.add_to(excerpts);
    }
};

}  // namespace wsblast::stats
