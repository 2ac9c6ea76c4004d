// What a worker counts of its virtual users, and what a reader copies of it and adds up over all workers.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/limits.hpp"
#include "stats/cell.hpp"
#include "stats/histogram.hpp"
#include "stats/named_metrics.hpp"

namespace wsblast::stats {

// Stays where it was made; outlives its writer and its readers.
struct alignas(limits::kCacheLineBytes) UserShard {
    // `flows`, `labels`: how many the scenario has.
    UserShard(std::size_t flows, std::size_t labels) : started_by_flow(flows), response_by_label(labels) {}

    Cell started;
    Cell completed;
    Cell failed;
    Cell interrupted;  // were at work when the run was interrupted; started = completed + failed + these
    Cell skipped;      // arrivals above maxVusers
    Cell active;       // a gauge
    Cell active_peak;
    Cell messages_sent;      // by steps and handlers
    Cell messages_scripted;  // by JavaScript
    Cell messages_received;  // that were awaited
    Cell arrivals_left;      // a gauge: users of this worker that have not begun yet; 0: no more will
    Cell last_counted_ns;    // when one of these was counted last
    Cell last_recorded_ns;   // ... or one of those below
    std::vector<Cell> started_by_flow;

    Histogram session_length;  // begun -> ended, of users that completed
    Histogram response_time;   // a message was due -> the message that was awaited came
    Histogram connect_time;    // first SYN -> upgraded
    Histogram start_lag;       // due -> begun
    std::deque<Histogram> response_by_label;
    NamedMetrics named;

    // False when there was no address space left for a histogram.
    [[nodiscard]] bool ok() const {
        bool all = session_length.ok() && response_time.ok() && connect_time.ok() && start_lag.ok();
        for (const Histogram& histogram : response_by_label) all = all && histogram.ok();
        return all;
    }
};

// What a leader looks at often.
struct UserGauges {
    std::uint64_t active = 0;
    std::uint64_t arrivals_left = 0;
    TimeNs last_counted_ns = 0;
    TimeNs last_recorded_ns = 0;

    // Any thread, at any time.
    void add(const UserShard& shard);
};

struct UserSnapshot {
    std::uint64_t started = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    std::uint64_t interrupted = 0;
    std::uint64_t skipped = 0;
    std::uint64_t messages_sent = 0;
    std::uint64_t messages_scripted = 0;
    std::uint64_t messages_received = 0;
    std::uint64_t active_peak = 0;  // the highest one of a worker: all of them were at least as many
    UserGauges now;
    std::vector<std::uint64_t> started_by_flow;
    HistogramSnapshot session_length;
    HistogramSnapshot response_time;
    HistogramSnapshot connect_time;
    HistogramSnapshot start_lag;
    std::vector<HistogramSnapshot> response_by_label;
    NamedValues named;

    // Any thread, at any time.
    void add(const UserShard& shard);
    // Leaves what came since `earlier`; gauges, peaks and times stay what they are.
    void subtract(const UserSnapshot& earlier);
};

}  // namespace wsblast::stats
