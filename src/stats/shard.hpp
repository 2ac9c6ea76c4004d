// A Shard is everything that one worker writes; a Snapshot is what a reader copies from it and adds up over
// all workers. Nobody waits for anybody.
#pragma once

#include <cstdint>
#include <utility>
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
    Histogram blocked_lag;      // the send lag of those that were blocked
    Histogram loop_lag;         // how long a round of the worker's loop took, without its wait
    Histogram receive_delay;    // the kernel's receive stamp -> user space
    Histogram push_latency;     // due at the publisher -> at a listening connection
    Histogram push_spread;      // of one message: first -> last delivery
    Histogram ping_rtt;         // our ping -> its pong
    Histogram tcp_rtt;          // the kernel's smoothed round trip of sampled connections
    Histogram connect_tcp;      // first SYN -> established
    Histogram connect_proxy;    // established -> the proxy leads on
    Histogram connect_tls;      // established, or the proxy led on -> TLS handshake done
    Histogram connect_upgrade;  // all of these -> upgrade accepted
    Histogram connect_total;    // first SYN -> upgrade accepted
    KeyCounts closes;           // by CloseKey::pack()
    KeyCounts upgrade_status;   // by HTTP status, 101 included
    KeyCounts bad_ends;         // by BadEndKey::pack()
    KeyCounts tls_full;         // by TlsKey::pack(): handshakes from the beginning
    KeyCounts tls_resumed;      // the same: those with a ticket
    KeyCounts tls_faults;       // by TlsFaultKey::pack()
    KeyCounts proxy_answers;    // that lead nowhere: by HTTP status or SOCKS5 reply
    KeyCounts subprotocols;     // that were agreed on: by subprotocol_key()
    Excerpts excerpts;
    Excerpts redirect_failures;  // of attempts that were redirected: where they failed, by ErrorKind

    // False when there was no address space left for a histogram: then nothing may be recorded.
    [[nodiscard]] bool ok() const {
        return latency.ok() && service_time.ok() && send_lag.ok() && blocked_lag.ok() && loop_lag.ok() &&
               receive_delay.ok() && push_latency.ok() && push_spread.ok() && ping_rtt.ok() &&
               tcp_rtt.ok() && connect_tcp.ok() && connect_proxy.ok() && connect_tls.ok() &&
               connect_upgrade.ok() && connect_total.ok();
    }
};

// Plain data of the reader. Its parts are copied one after the other: exact once the writers have stopped.
struct Snapshot {
    CounterValues counters;
    HistogramSnapshot latency;
    HistogramSnapshot service_time;
    HistogramSnapshot send_lag;
    HistogramSnapshot blocked_lag;
    HistogramSnapshot loop_lag;
    HistogramSnapshot receive_delay;
    HistogramSnapshot push_latency;
    HistogramSnapshot push_spread;
    HistogramSnapshot ping_rtt;
    HistogramSnapshot tcp_rtt;
    HistogramSnapshot connect_tcp;
    HistogramSnapshot connect_proxy;
    HistogramSnapshot connect_tls;
    HistogramSnapshot connect_upgrade;
    HistogramSnapshot connect_total;
    KeyCountValues closes;
    KeyCountValues upgrade_status;
    KeyCountValues bad_ends;
    KeyCountValues tls_full;
    KeyCountValues tls_resumed;
    KeyCountValues tls_faults;
    KeyCountValues proxy_answers;
    KeyCountValues subprotocols;
    std::vector<Excerpt> excerpts;
    std::vector<Excerpt> redirect_failures;

    // Any thread, at any time: adds what a worker has counted and recorded so far.
    void add(const Shard& shard) {
        stats::add(counters, shard.counters);
        latency.add(shard.latency.snapshot());
        service_time.add(shard.service_time.snapshot());
        send_lag.add(shard.send_lag.snapshot());
        blocked_lag.add(shard.blocked_lag.snapshot());
        loop_lag.add(shard.loop_lag.snapshot());
        receive_delay.add(shard.receive_delay.snapshot());
        push_latency.add(shard.push_latency.snapshot());
        push_spread.add(shard.push_spread.snapshot());
        ping_rtt.add(shard.ping_rtt.snapshot());
        tcp_rtt.add(shard.tcp_rtt.snapshot());
        connect_tcp.add(shard.connect_tcp.snapshot());
        connect_proxy.add(shard.connect_proxy.snapshot());
        connect_tls.add(shard.connect_tls.snapshot());
        connect_upgrade.add(shard.connect_upgrade.snapshot());
        connect_total.add(shard.connect_total.snapshot());
        shard.closes.add_to(closes);
        shard.upgrade_status.add_to(upgrade_status);
        shard.bad_ends.add_to(bad_ends);
        shard.tls_full.add_to(tls_full);
        shard.tls_resumed.add_to(tls_resumed);
        shard.tls_faults.add_to(tls_faults);
        shard.proxy_answers.add_to(proxy_answers);
        shard.subprotocols.add_to(subprotocols);
        shard.excerpts.add_to(excerpts);
        shard.redirect_failures.add_to(redirect_failures);
    }

    // Leaves what came since `earlier`, a snapshot of the same shards. `open`, its peak and the excerpts
    // stay what they are.
    void subtract(const Snapshot& earlier) {
        const auto [open, open_peak] = std::pair(counters.open, counters.open_peak);
        counters = difference(counters, earlier.counters);
        counters.open = open;
        counters.open_peak = open_peak;
        latency.subtract(earlier.latency);
        service_time.subtract(earlier.service_time);
        send_lag.subtract(earlier.send_lag);
        blocked_lag.subtract(earlier.blocked_lag);
        loop_lag.subtract(earlier.loop_lag);
        receive_delay.subtract(earlier.receive_delay);
        push_latency.subtract(earlier.push_latency);
        push_spread.subtract(earlier.push_spread);
        ping_rtt.subtract(earlier.ping_rtt);
        tcp_rtt.subtract(earlier.tcp_rtt);
        connect_tcp.subtract(earlier.connect_tcp);
        connect_proxy.subtract(earlier.connect_proxy);
        connect_tls.subtract(earlier.connect_tls);
        connect_upgrade.subtract(earlier.connect_upgrade);
        connect_total.subtract(earlier.connect_total);
        stats::subtract(closes, earlier.closes);
        stats::subtract(upgrade_status, earlier.upgrade_status);
        stats::subtract(bad_ends, earlier.bad_ends);
        stats::subtract(tls_full, earlier.tls_full);
        stats::subtract(tls_resumed, earlier.tls_resumed);
        stats::subtract(tls_faults, earlier.tls_faults);
        stats::subtract(proxy_answers, earlier.proxy_answers);
        stats::subtract(subprotocols, earlier.subprotocols);
    }
};

}  // namespace wsblast::stats
