// What all workers of a server share: their counters, the limit on connections, what broadcasts go through,
// and the wish to stop.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "plan/serve_options.hpp"
#include "target/channels.hpp"
#include "target/counters.hpp"
#include "target/mailbox.hpp"

namespace wsblast::target {

enum class Stage : std::uint8_t {
    serving,
    stopping,  // connections are closed with 1001, none is taken any more
    stopped,   // of one worker: all are gone, or have had their time
};

// How many connections may be upgraded at the same time, and what becomes of one more.
struct ConnectionLimit {
    ConnectionLimit(std::uint64_t connections_max, plan::AtLimit what = plan::AtLimit::refuse)
        : connections(connections_max), at_limit(what) {}

    std::uint64_t connections;
    plan::AtLimit at_limit;
};

// Made before the workers, lives longer than they do.
class Board {
  public:
    // `started_ns`: the earliest time that any worker will be given.
    Board(std::uint32_t workers, ConnectionLimit limit, TimeNs started_ns, plan::FaultPlan faults = {})
        : limit_(limit),
          started_ns_(started_ns),
          faults_(std::move(faults)),
          counters_(workers),
          channels_(workers),
          mail_(workers) {}

    [[nodiscard]] std::uint32_t workers() const { return static_cast<std::uint32_t>(counters_.size()); }
    [[nodiscard]] TimeNs started_ns() const { return started_ns_; }
    [[nodiscard]] const ConnectionLimit& limit() const { return limit_; }
    [[nodiscard]] const plan::FaultPlan& faults() const { return faults_; }
    // The row of one worker, for that worker to write.
    [[nodiscard]] Counters& of(std::uint32_t worker) { return counters_[worker]; }

    // How messages travel; before the workers.
    void speak(const plan::ServeMessageOptions& messages) {
        messages_ = messages;
        // An answer that is dropped, delayed or sent twice may not be referred to by the next one.
        if (messages_.deflate && faults_.touch_answers())
            messages_.deflate->server_no_context_takeover = true;
    }
    [[nodiscard]] const plan::ServeMessageOptions& messages() const { return messages_; }

    // What broadcasts need: the names of channels, and the way to other workers.
    [[nodiscard]] ChannelRegistry& channels() { return channels_; }
    [[nodiscard]] MailRoom& mail() { return mail_; }

    // Over all workers. Any thread.
    [[nodiscard]] std::uint64_t total(Count count) const {
        std::uint64_t sum = 0;
        for (const Counters& row : counters_) sum += row[count].get();
        return sum;
    }
    // Takes one of the places that all workers have together. False: all are taken. Once a connection, not
    // once a message: the only thing that workers write together.
    [[nodiscard]] bool take_place() {
        if (places_taken_.fetch_add(1, std::memory_order_relaxed) < limit_.connections) return true;
        give_place();
        return false;
    }
    void give_place() { places_taken_.fetch_sub(1, std::memory_order_relaxed); }

    [[nodiscard]] Stage stage() const { return stage_.load(std::memory_order_relaxed); }
    // Any thread; the workers have to be woken.
    void stop() { stage_.store(Stage::stopping, std::memory_order_relaxed); }

  private:
    ConnectionLimit limit_;
    TimeNs started_ns_;
    plan::FaultPlan faults_;
    plan::ServeMessageOptions messages_;
    std::vector<Counters> counters_;
    ChannelRegistry channels_;
    MailRoom mail_;
    std::atomic<std::uint64_t> places_taken_{0};
    std::atomic<Stage> stage_{Stage::serving};
};

}  // namespace wsblast::target
