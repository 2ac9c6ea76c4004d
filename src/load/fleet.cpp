#include "load/fleet.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/prng.hpp"
#include "load/observer.hpp"
#include "load/outcome.hpp"
#include "load/prepare.hpp"
#include "load/rounds.hpp"
#include "text/format.hpp"

namespace wsblast::load {

namespace {

using session::Stage;

constexpr TimeNs kStepNs = 2 * kMillisecond;
constexpr TimeNs kProgressStepNs = 200 * kMillisecond;
constexpr TimeNs kRowNs = 1 * kSecond;
// Between the announcement of a round and T0: each worker enters its connections, some 100 ns each.
constexpr TimeNs kLeadNs = 2 * kMillisecond;
constexpr TimeNs kLeadPerConnectionNs = 200;

void sleep_a_step() {
    std::this_thread::sleep_for(std::chrono::nanoseconds(kStepNs));
}

std::optional<Error> what_is_wrong(const plan::Round& round) {
    if (!(round.rate_per_s > 0)) return usage_error("a round needs a rate above 0");
    if (round.duration_ns == 0) return usage_error("a round needs a duration above 0");
    return std::nullopt;
}

// The options as if they had asked for this round alone.
plan::RunOptions options_of(plan::RunOptions options, const plan::Round& round) {
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(round.rate_per_s);
    options.rate_scope = plan::RateScope::whole_run;
    options.arrivals = round.arrivals;
    options.warmup_ns = round.warmup_ns;
    options.duration_ns = round.duration_ns;
    options.messages.reset();
    return options;
}

// When something is to be done again.
class Every {
  public:
    Every(TimeNs step_ns, TimeNs now_ns) : step_ns_(step_ns), next_ns_(now_ns + step_ns) {}
    [[nodiscard]] bool is_time(TimeNs now_ns) {
        if (now_ns < next_ns_) return false;
        next_ns_ = std::max(next_ns_ + step_ns_, now_ns);
        return true;
    }

  private:
    TimeNs step_ns_;
    TimeNs next_ns_;
};

// One round, from its announcement to its last answer.
class RoundRun {
  public:
    RoundRun(Engine& engine, const plan::Round& round, const FleetHooks& hooks)
        : engine_(engine),
          rounds_(engine),
          round_(round),
          hooks_(hooks),
          started_at_(wall_clock_text()),
          warm_before_(engine.warm_counters()),
          warm_received_(warm_before_.received),
          observer_(engine, monotonic_now()),
          last_(observer_.sample(observer_.start_ns())) {}

    // `seats` connections were chosen, and the program has the round's schedule. Blocks until it is over.
    void lead(std::uint64_t seats) {
        seats_ = seats;
        gate_ns_ = monotonic_now() + kLeadNs + kLeadPerConnectionNs * (seats / engine_.reports().size());
        end_ns_ = gate_ns_ + round_.warmup_ns + round_.duration_ns;
        rounds_.begin(gate_ns_, gate_ns_ + round_.warmup_ns);
        Every interval(std::max(hooks_.interval_ns, kStepNs), gate_ns_);
        Every progress(kProgressStepNs, observer_.start_ns());
        Every row(kRowNs, observer_.start_ns());
        while (!rounds_.over() && !engine_.ended()) {
            sleep_a_step();
            const TimeNs now_ns = monotonic_now();
            observer_.look(now_ns, HealthMonitor::Counted::yes);
            if (row.is_time(now_ns)) observer_.end_row(now_ns);
            if (progress.is_time(now_ns)) show_progress(now_ns);
            if (stopped_ns_ == 0 && hooks_.stop_requested()) interrupt(now_ns);
            if (interval.is_time(now_ns) && stopped_ns_ == 0 && cut_ns_ == 0) ask(now_ns);
        }
        observer_.finish(monotonic_now());
    }

    // What was measured. After lead().
    [[nodiscard]] stats::RunResult result(const plan::Program& program, const plan::RunOptions& options) {
        const stats::Snapshot totals = observer_.totals();
        const Measured measured{totals, stats::difference(engine_.warm_counters(), warm_before_), gate_ns_,
                                0, stopped_ns_};
        const plan::RunOptions as_run = options_of(options, round_);
        stats::RunResult result = Outcome(engine_, program, as_run, measured).result();
        result.started_at = started_at_;
        result.interrupted = stopped_ns_ != 0;
        result.workload.connections = seats_;
        result.offered_per_s = offered_per_s(result.counters.due);
        result.ramp.reset();  // connections are opened between rounds
        observer_.fill(result);
        return result;
    }

  private:
    void show_progress(TimeNs now_ns) {
        stats::Progress progress = observer_.progress(now_ns);
        progress.phase = now_ns < end_ns_ ? stats::RunPhase::messages : stats::RunPhase::settling;
        progress.wanted = seats_;
        if (now_ns < end_ns_) progress.left_ns = end_ns_ - now_ns;
        hooks_.show_progress(progress);
    }

    void ask(TimeNs now_ns) {
        stats::TimelineSample now = observer_.sample(now_ns);
        const stats::Interval interval = stats::interval_between(last_, now);
        last_ = std::move(now);
        const stats::GeneratorHealth generator = observer_.judge(observer_.totals(), stats::Loop::open);
        const std::uint64_t warm_received = engine_.warm_counters().received;
        const std::uint64_t warm_new = warm_received - std::exchange(warm_received_, warm_received);
        if (!hooks_.round_is_over({interval, generator, warm_new})) return;
        cut_ns_ = now_ns;
        rounds_.cut();
    }

    void interrupt(TimeNs now_ns) {
        stopped_ns_ = now_ns;
        engine_.raise(Stage::stopping);
    }

    // By when messages were due, over the time in which they were.
    [[nodiscard]] std::optional<double> offered_per_s(std::uint64_t due) const {
        TimeNs until_ns = end_ns_;
        for (const TimeNs ended_ns : {cut_ns_, stopped_ns_})
            if (ended_ns != 0) until_ns = std::min(until_ns, ended_ns);
        const TimeNs from_ns = gate_ns_ + round_.warmup_ns;
        if (until_ns <= from_ns) return std::nullopt;
        return static_cast<double>(due) * 1e9 / static_cast<double>(until_ns - from_ns);
    }

    Engine& engine_;
    Rounds rounds_;
    const plan::Round& round_;
    const FleetHooks& hooks_;
    std::string started_at_;
    stats::CounterValues warm_before_;
    std::uint64_t warm_received_;  // when the interval began
    Observer observer_;
    stats::TimelineSample last_;  // at the last call of round_is_over
    std::uint64_t seats_ = 0;
    TimeNs gate_ns_ = 0;     // T0
    TimeNs end_ns_ = 0;      // no message is due any more
    TimeNs cut_ns_ = 0;      // the caller had enough; 0: it had not
    TimeNs stopped_ns_ = 0;  // an interrupt
};

}  // namespace

struct Fleet::Parts {
    plan::RunOptions options;
    std::unique_ptr<Prepared> prepared;
    std::unique_ptr<Engine> engine;
    Rounds rounds;
    TimeNs start_ns = 0;
    std::uint64_t rounds_begun = 0;

    // Connections that were replaced come back first; a connection that cannot is not waited for longer
    // than one attempt may take. How many are missing then.
    [[nodiscard]] std::uint64_t await_replaced(const FleetHooks& hooks) const {
        const TimeNs until_ns = monotonic_now() + options.connect_timeout_ns;
        const auto missing = [this] { return rounds.sum(&session::RoundReport::replacing); };
        while (missing() > 0 && monotonic_now() < until_ns && !hooks.stop_requested()) sleep_a_step();
        return missing();
    }
};

Fleet::Fleet(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Fleet::~Fleet() {
    parts_->engine->raise(Stage::left);
    while (!parts_->engine->ended()) sleep_a_step();
}

Result<std::unique_ptr<Fleet>> Fleet::start(const plan::RunOptions& options,
                                            const std::function<bool()>& stop_requested) {
    auto program = plan::compile_rounds(options, options.seed.value_or(random_seed()));
    if (!program) return program.error();
    auto prepared = prepare(options, std::move(*program), stop_requested);
    if (!prepared) return prepared.error();
    auto engine = start_engine(**prepared, options);
    if (!engine) return engine.error();
    Engine& started = **engine;
    started.control().opens.store(0, std::memory_order_relaxed);
    const TimeNs now_ns = monotonic_now();
    started.go(now_ns);
    return std::unique_ptr<Fleet>(new Fleet(std::unique_ptr<Parts>(
        new Parts{options, std::move(*prepared), std::move(*engine), Rounds(started), now_ns})));
}

void Fleet::open_to(std::uint64_t connections) {
    parts_->rounds.open_to(std::min<std::uint64_t>(connections, parts_->options.connections),
                           monotonic_now());
}

void Fleet::stop_opening() {
    parts_->rounds.stop_opening();
}

FleetStatus Fleet::status() const {
    using session::RoundReport;
    using session::WorkerReport;
    const Rounds& rounds = parts_->rounds;
    FleetStatus status;
    // In the order of a connection's life: who moves on meanwhile is seen twice, and never not at all.
    status.allowed = parts_->engine->control().opens.load(std::memory_order_relaxed);
    status.started = rounds.sum(&WorkerReport::opens);
    status.away = rounds.sum(&RoundReport::away);
    status.waiting = rounds.sum(&RoundReport::waiting);
    status.opening = rounds.sum(&WorkerReport::handshakes);
    status.opening_peak = rounds.sum(&WorkerReport::handshakes_peak);
    status.preparing = rounds.sum(&RoundReport::preparing);
    status.counters = parts_->engine->counters();
    status.lost_at_rest = rounds.sum(&RoundReport::lost_at_rest);
    status.dropped = rounds.sum(&RoundReport::dropped);
    status.churned = rounds.sum(&RoundReport::churned);
    status.replaced = rounds.sum(&RoundReport::replaced);
    status.reopened = rounds.sum(&RoundReport::reopened);
    status.reopen_failures = rounds.sum(&RoundReport::reopen_failures);
    return status;
}

stats::Snapshot Fleet::snapshot() const {
    return parts_->engine->snapshot();
}

Result<stats::RunResult> Fleet::round(const plan::Round& round, const FleetHooks& hooks) {
    if (const auto wrong = what_is_wrong(round)) return *wrong;
    Engine& engine = *parts_->engine;
    if (engine.stage() >= Stage::settled) return environment_error("the connections were closed before");
    const std::uint64_t seats = parts_->rounds.call_roll(round.every);
    if (seats == 0) return environment_error("no connection is open and at rest that could take part");
    plan::Program& program = parts_->prepared->program;
    program.schedule = plan::schedule_of(round, draw(program.seed, Stream::round, ++parts_->rounds_begun));
    RoundRun run(engine, round, hooks);
    run.lead(seats);
    stats::RunResult result = run.result(program, parts_->options);
    result.connect.name_lookup = parts_->prepared->targets.name_lookup;
    if (const std::uint64_t missing = parts_->await_replaced(hooks); missing > 0 && !result.interrupted) {
        result.warnings.push_back(text::format(
            "{} connections lost an answer, were replaced, and are not back yet", with_thousands(missing)));
    }
    return result;
}

void Fleet::drop(const plan::Storm& storm) {
    parts_->rounds.drop(storm);
}

void Fleet::churn(double share_per_s) {
    parts_->rounds.churn(share_per_s);
}

void Fleet::close(const FleetHooks& hooks) {
    Engine& engine = *parts_->engine;
    const bool interrupted = hooks.stop_requested();  // by the time that this begins
    engine.raise(std::max(engine.stage(), Stage::settled));
    Every progress(kProgressStepNs, monotonic_now());
    while (!engine.ended()) {
        sleep_a_step();
        const TimeNs now_ns = monotonic_now();
        if (!interrupted && engine.stage() < Stage::left && hooks.stop_requested())
            engine.raise(Stage::left);
        if (!progress.is_time(now_ns)) continue;
        stats::Progress closing;
        closing.phase = stats::RunPhase::closing;
        closing.elapsed_ns = now_ns - parts_->start_ns;
        closing.open = engine.counters().open;
        closing.wanted = engine.control().opens.load(std::memory_order_relaxed);
        hooks.show_progress(closing);
    }
}

}  // namespace wsblast::load
