// Connections that stay open over several rounds of messages: opened as far as they are asked for, sent
// messages in rounds, dropped and brought back. What the searches of a limit stand on.
//
//     auto fleet = Fleet::start(options);         nothing is opened yet
//     (*fleet)->open_to(10'000);                  returns at once: watch status()
//     (*fleet)->round({.rate_per_s = 5'000, .duration_ns = 2 * kSecond}, hooks);   ... and again
//     (*fleet)->close(hooks);
//
// One thread calls everything; hooks are called from it, and may call status(), snapshot(), open_to(),
// drop() and churn().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.hpp"
#include "base/units.hpp"
#include "plan/round.hpp"
#include "plan/run_options.hpp"
#include "stats/result.hpp"
#include "stats/shard.hpp"
#include "stats/timeline.hpp"

namespace wsblast::load {

// What came in a part of a round, and how the generator did in the round so far.
struct RoundSoFar {
    const stats::Interval& interval;          // since the call before; times since the round began
    const stats::GeneratorHealth& generator;  // since the round began, with its reasons
    std::uint64_t warm_received = 0;          // in the interval: answers to messages of the warm-up
};

struct FleetHooks {
    std::function<void(const stats::Progress&)> show_progress = [](const stats::Progress&) {};
    // An interrupt. In a round: it ends, and so does everything; close() remains to be called. In close():
    // connections end without a closing handshake.
    std::function<bool()> stop_requested = [] { return false; };
    // Every `interval_ns` of a round. True: enough. No more is sent, what is open is awaited, and the
    // result is that of the messages that were due by then: nothing is interrupted.
    std::function<bool(const RoundSoFar&)> round_is_over = [](const RoundSoFar&) { return false; };
    TimeNs interval_ns = 250 * kMillisecond;
};

// Of the moment; counts are since the start.
struct FleetStatus {
    // attempted, successful, failed, open, closed_by_peer, errors by kind. attempted = successful + failed:
    // handshakes in flight are in neither.
    stats::CounterValues counters;
    std::uint64_t allowed = 0;          // what open_to() asked for
    std::uint64_t started = 0;          // of those, how many were begun, whatever became of them
    std::uint64_t opening = 0;          // handshakes in flight, first ones and those of who comes back
    std::uint64_t opening_peak = 0;     // since the start, or the last drop(); of each worker, added up
    std::uint64_t preparing = 0;        // open, and their setup is not answered yet: in no round
    std::uint64_t lost_at_rest = 0;     // open, not in a round, and ended by the peer or the network
    std::uint64_t dropped = 0;          // by drop()
    std::uint64_t churned = 0;          // closed by churn()
    std::uint64_t replaced = 0;         // not sound for another round: see round()
    std::uint64_t reopened = 0;         // came back, of the last three
    std::uint64_t reopen_failures = 0;  // attempts to come back that failed; each is tried again
    std::uint64_t away = 0;             // dropped, churned or replaced, and not back yet
    std::uint64_t waiting = 0;          // of those, no handshake is in flight for

    // Everything that was allowed is open or has failed, everybody is back, and all could take part in a
    // round.
    [[nodiscard]] bool at_rest() const {
        return started >= allowed && opening == 0 && away == 0 && preparing == 0;
    }
};

class Fleet {
  public:
    // Starts the threads for at most `options.connections` connections; opens none. Of the options those
    // that say where, what and how are used (URLs, headers, cores, sources, message, match, setup,
    // pipeline, connect rate, timeouts, seed); when and how many messages is left to each round.
    //
    // Errors: those of load::run(); connections that listen (usage).
    // An interrupt shortens what comes before the threads, nothing else.
    [[nodiscard]] static Result<std::unique_ptr<Fleet>> start(
        const plan::RunOptions& options,
        const std::function<bool()>& stop_requested = [] { return false; });

    // Whatever is open is aborted.
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    // Raises how many connections may be opened in all; returns at once. One that fails, or is lost later
    // but by drop() and churn(), is not tried again.
    void open_to(std::uint64_t connections);
    // Begins no more of those that were allowed, until open_to() allows more; what is in flight goes on.
    void stop_opening();

    [[nodiscard]] FleetStatus status() const;
    // Everything since the start; a plateau is the difference of two (Snapshot::subtract).
    [[nodiscard]] stats::Snapshot snapshot() const;

    // Blocks until every message of the round is answered or lost. The connections that take part are those
    // that are open and at rest when it begins; who opens meanwhile waits for the next one.
    //
    // The result holds this round only: counters, histograms, health of the generator, offered rate,
    // duration, warm-up, timeline; of connections what happened to them meanwhile. `workload.connections`
    // is how many took part. It has no ramp and no verdict.
    //
    // A message that timed out may be answered later. Where an answer says what it answers that is no
    // matter. Where it does not (--match fifo, YMERA without numbers) it would be taken for one of the next
    // round: such a connection is not sound. It is replaced, and round() waits for that before it returns.
    //
    // Errors: a rate or a duration that is not above 0 (usage); no connection that could take part; it was
    // interrupted or closed before (environment).
    [[nodiscard]] Result<stats::RunResult> round(const plan::Round& round, const FleetHooks& hooks);

    // Drops a share of the open connections, drawn by the seed, with a reset; each comes back by the policy
    // until it succeeds. Blocks until all of them are dropped, some milliseconds. In a round what they had
    // open is lost.
    void drop(const plan::Storm& storm);

    // From now on closes that share of the connections each second, evenly in time and with the closing
    // handshake, and opens each again at once. Only connections at rest. 0 ends it.
    void churn(double share_per_s);

    // Closing handshakes of all. Blocks.
    void close(const FleetHooks& hooks);

  private:
    struct Parts;
    explicit Fleet(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace wsblast::load
