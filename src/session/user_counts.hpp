// What is counted of virtual users: as Artillery counts them, and in the terms of every run.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.hpp"
#include "plan/scenario.hpp"
#include "session/user_errors.hpp"
#include "session/user_state.hpp"
#include "stats/shard.hpp"
#include "stats/user_shard.hpp"

namespace wsblast::session {

class UserCounts {
  public:
    UserCounts(stats::UserShard& users, stats::Shard& run) : users_(users), run_(run) {}

    void begun(const UserState& state, TimeNs due_ns, TimeNs now_ns) {
        users_.started.add();
        users_.started_by_flow[state.flow].add();
        users_.active.add();
        users_.active_peak.raise_to(users_.active.get());
        users_.start_lag.record(since(due_ns, now_ns));
        users_.last_counted_ns.set(now_ns);
    }
    // It began, and failed at once: there was no place for it.
    void refused(std::uint16_t flow, TimeNs now_ns) {
        users_.started.add();
        users_.started_by_flow[flow].add();
        users_.failed.add();
        error(user_error::kNoCapacity, now_ns);
    }
    void skipped(TimeNs now_ns) {
        users_.skipped.add();
        users_.last_counted_ns.set(now_ns);
    }
    void ended(const UserState& state, UserEnd how, TimeNs now_ns) {
        users_.active.subtract();
        users_.last_counted_ns.set(now_ns);
        switch (how) {
            case UserEnd::completed:
                users_.completed.add();
                users_.session_length.record(since(state.began_ns, now_ns));
                users_.last_recorded_ns.set(now_ns);
                return;
            case UserEnd::failed: users_.failed.add(); return;
            case UserEnd::given_up: users_.interrupted.add(); return;
            case UserEnd::none: return;
        }
    }
    void error(std::string_view text, TimeNs now_ns) {
        name_.assign("errors.");
        // Scripts and servers have a say in it: no line breaks, and nothing that a terminal obeys.
        for (const char character : text)
            name_ += static_cast<unsigned char>(character) < 0x20 ? ' ' : character;
        users_.named.count(stats::MetricKind::counter, name_);
        users_.last_counted_ns.set(now_ns);
    }
    void connected(TimeNs began_ns, TimeNs now_ns) {
        users_.connect_time.record(since(began_ns, now_ns));
        users_.last_recorded_ns.set(now_ns);
    }
    // Handed to the kernel.
    void sent(TimeNs due_ns, TimeNs now_ns) {
        run_.send_lag.record(since(due_ns, now_ns));
        users_.last_counted_ns.set(now_ns);
    }
    // A message that was awaited came.
    void received(TimeNs now_ns) {
        users_.messages_received.add();
        users_.last_counted_ns.set(now_ns);
    }
    // When a message was due and sent.
    struct Asked {
        TimeNs due_ns = 0;
        TimeNs sent_ns = 0;
    };
    void answered(const Asked& asked, plan::TableIndex label, TimeNs now_ns) {
        const TimeNs latency_ns = since(asked.due_ns, now_ns);
        run_.counters.received.add();
        run_.latency.record(latency_ns);
        run_.service_time.record(since(asked.sent_ns, now_ns));
        users_.response_time.record(latency_ns);
        if (label != 0) users_.response_by_label[label].record(latency_ns);
        users_.last_recorded_ns.set(now_ns);
    }
    // It came, and is not what the scenario expects.
    void wrong_answer() {
        run_.counters.lost.add();
        run_.counters.error(stats::ErrorKind::error_answer).add();
    }
    void timed_out() {
        run_.counters.lost.add();
        run_.counters.error(stats::ErrorKind::answer_timeout).add();
    }
    // An answer that will not come any more: its user has ended.
    void lost() {
        run_.counters.lost.add();
        run_.counters.error(stats::ErrorKind::connection_lost).add();
    }

  private:
    [[nodiscard]] static TimeNs since(TimeNs then_ns, TimeNs now_ns) {
        return now_ns - std::min(then_ns, now_ns);
    }

    stats::UserShard& users_;
    stats::Shard& run_;
    std::string name_;
};

}  // namespace wsblast::session
