#include "stats/user_shard.hpp"

#include <algorithm>

namespace wsblast::stats {

void UserGauges::add(const UserShard& shard) {
    active += shard.active.get();
    arrivals_left += shard.arrivals_left.get();
    last_counted_ns = std::max(last_counted_ns, shard.last_counted_ns.get());
    last_recorded_ns = std::max(last_recorded_ns, shard.last_recorded_ns.get());
}

void UserSnapshot::add(const UserShard& shard) {
    started += shard.started.get();
    completed += shard.completed.get();
    failed += shard.failed.get();
    interrupted += shard.interrupted.get();
    skipped += shard.skipped.get();
    messages_sent += shard.messages_sent.get();
    messages_scripted += shard.messages_scripted.get();
    messages_received += shard.messages_received.get();
    active_peak = std::max(active_peak, shard.active_peak.get());
    now.add(shard);
    started_by_flow.resize(shard.started_by_flow.size());
    for (std::size_t i = 0; i < started_by_flow.size(); ++i)
        started_by_flow[i] += shard.started_by_flow[i].get();
    session_length.add(shard.session_length.snapshot());
    response_time.add(shard.response_time.snapshot());
    connect_time.add(shard.connect_time.snapshot());
    start_lag.add(shard.start_lag.snapshot());
    response_by_label.resize(shard.response_by_label.size());
    for (std::size_t i = 0; i < response_by_label.size(); ++i)
        response_by_label[i].add(shard.response_by_label[i].snapshot());
    shard.named.add_to(named);
}

void UserSnapshot::subtract(const UserSnapshot& earlier) {
    started -= earlier.started;
    completed -= earlier.completed;
    failed -= earlier.failed;
    interrupted -= earlier.interrupted;
    skipped -= earlier.skipped;
    messages_sent -= earlier.messages_sent;
    messages_scripted -= earlier.messages_scripted;
    messages_received -= earlier.messages_received;
    for (std::size_t i = 0; i < earlier.started_by_flow.size(); ++i)
        started_by_flow[i] -= earlier.started_by_flow[i];
    session_length.subtract(earlier.session_length);
    response_time.subtract(earlier.response_time);
    connect_time.subtract(earlier.connect_time);
    start_lag.subtract(earlier.start_lag);
    for (std::size_t i = 0; i < earlier.response_by_label.size(); ++i)
        response_by_label[i].subtract(earlier.response_by_label[i]);
    named.subtract(earlier.named);
}

}  // namespace wsblast::stats
