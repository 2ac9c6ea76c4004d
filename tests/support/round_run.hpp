// A run of rounds of session::Clients against a ScriptedServer in virtual time, led by the test.
#pragma once

#include <optional>
#include <utility>

#include <catch2/catch.hpp>

#include "plan/program.hpp"
#include "plan/round.hpp"
#include "session/round_control.hpp"
#include "tests/support/client_run.hpp"

namespace wsblast::test {

// A hundred messages.
inline constexpr plan::Round kHundred{.rate_per_s = 1'000, .duration_ns = 100 * kMs};

class RoundRun {
  public:
    explicit RoundRun(const plan::RunOptions& options, std::optional<transport::MemoryFaults> faults = {})
        : run(compile(options), options, faults), report(run.report.rounds), server(run.server) {
        run.control().opens.store(0);
    }

    // So many may be open; runs until nothing is on its way.
    void open_to(std::uint64_t connections) {
        allow(connections);
        run.run_until(kNever);
    }
    void allow(std::uint64_t connections) {
        run.control().start_ns.store(run.now_ns());
        run.control().opens.store(connections);
    }
    void run_for(TimeNs duration_ns) { run.run_until(run.elapsed_ns() + duration_ns); }

    // How many were chosen.
    std::uint64_t call_roll(std::uint32_t every = 1) {
        control().every = every;
        ++control().roll_call;
        run.tick();
        REQUIRE(report.roll_called == control().roll_call);
        const std::uint64_t seats = report.chosen.get();
        run.control().first_seat = {0, seats};
        run.control().seats.store(std::max<std::uint64_t>(1, seats));
        return seats;
    }
    // Those who were chosen begin a millisecond from now.
    void begin(const plan::Round& round) {
        before_ = run.counters();
        warm_before_ = warm();
        run.program().schedule = plan::schedule_of(round, ++rounds_);
        gate_ns = run.now_ns() + kMillisecond;
        run.control().gate_ns.store(gate_ns);
        run.control().measured_from_ns.store(gate_ns + round.warmup_ns);
        ++control().round;
        run.tick();
        REQUIRE(report.round_begun == control().round);
    }
    // What the round has counted so far.
    [[nodiscard]] stats::CounterValues counted() const {
        stats::CounterValues counted = stats::difference(run.counters(), before_);
        counted.due = counted.sent + counted.unsent;
        return counted;
    }
    [[nodiscard]] stats::CounterValues counted_warm() const {
        return stats::difference(warm(), warm_before_);
    }
    [[nodiscard]] bool over() const { return report.playing == 0; }
    // Runs until the round is over, and checks its sums.
    stats::CounterValues finish() {
        for (int i = 0; i < 100'000 && !over(); ++i) run_for(kMillisecond);
        REQUIRE(over());
        CHECK(counted().sent == counted().received + counted().lost);
        return counted();
    }
    stats::CounterValues play(const plan::Round& round) {
        (void)call_roll(round.every);
        begin(round);
        return finish();
    }

    void drop(double share, const plan::ReconnectPolicy& policy = {}) {
        control().storm = {share, policy};
        ++control().storm_number;
        for (int i = 0; i < 1'000 && report.storms_done != control().storm_number; ++i) run.tick();
        REQUIRE(report.storms_done == control().storm_number);
    }

    // To the end of everything.
    void close() {
        run.control().raise(session::Stage::settled);
        run.run_until(kNever);
        REQUIRE(run.finished());
        run.tick();  // the server hears of the last ones
        check_sums();
        CHECK(run.counters().open == 0);
    }
    // What holds at any time.
    void check_sums() const {
        const stats::CounterValues sum = run.counters();
        std::uint64_t before_upgrade = 0;
        for (std::size_t i = 0; i < stats::kErrorKinds; ++i) {
            const stats::ErrorInfo& info = stats::info(static_cast<stats::ErrorKind>(i));
            const bool of_connection = info.scope == stats::ErrorScope::connection;
            if (of_connection && info.phase == stats::ErrorPhase::before_upgrade)
                before_upgrade += sum.errors[i];
        }
        CHECK(sum.attempted == sum.successful + sum.failed);
        CHECK(before_upgrade == sum.failed);
        CHECK(sum.sent == sum.received + sum.lost + stats::in_flight(sum));
        CHECK(sum.received + sum.censored == run.shard.latency.snapshot().count());
        CHECK(report.away.get() ==
              report.dropped.get() + report.churned.get() + report.replaced.get() - report.reopened.get());
    }

    [[nodiscard]] session::RoundControl& control() { return run.control().rounds; }
    [[nodiscard]] stats::CounterValues warm() const {
        stats::CounterValues values;
        stats::add(values, run.warm.counters);
        return values;
    }

    ClientRun run;
    session::RoundReport& report;
    ScriptedServer& server;
    TimeNs gate_ns = 0;  // T0 of the last round

  private:
    static plan::Program compile(const plan::RunOptions& options) {
        auto program = plan::compile_rounds(options, 1);
        REQUIRE(program.ok());
        return std::move(*program);
    }

    std::uint64_t rounds_ = 0;
    stats::CounterValues before_;
    stats::CounterValues warm_before_;
};

// Messages that carry their number, and are answered by an echo.
inline plan::RunOptions numbered_options() {
    plan::RunOptions options = echo_options();
    options.message_kind = plan::MessageKind::text;
    options.message_text = R"({"c":{{$connection}},"seq":{{$seq}}})";
    return options;
}

}  // namespace wsblast::test
