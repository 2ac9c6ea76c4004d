#include "load/run.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "host/cpus.hpp"
#include "tests/support/histogram_counts.hpp"
#include "tests/support/load_run.hpp"

using namespace wsblast;
using namespace wsblast::load;
using namespace wsblast::test;
using stats::ErrorKind;

TEST_CASE("run: the default workload is answered to the last message", "[load][run]") {
    const auto server = start_server();
    const stats::RunResult result = run_to_end(options_for(server->port()));
    check_sums(result);
    CHECK(result.counters.successful == 20);
    CHECK(result.counters.received == 100);
    CHECK(result.counters.setup_answered == 20);
    CHECK(result.counters.open_peak == 20);
    CHECK(errors_but_closes(result.counters) == 0);
    CHECK_FALSE(result.interrupted);
    CHECK(result.seed == 1);
    CHECK(result.workload.loop == stats::Loop::open);
    CHECK(result.workload.messages_per_connection == 5);
    CHECK(result.workload.interval_s == 0.01);
    CHECK(result.duration_s > 0.04);
    CHECK(result.upgrade_status == stats::KeyCountValues{{101, 20}});
    CHECK(result.connect.total->count == 20);
    CHECK(result.connect.name_lookup->count == 1);
    CHECK(result.generator.cores.size() == 1);
    CHECK(result.generator.rss_bytes > 0);
    CHECK(result.ramp.has_value());
    CHECK(result.verdict.checks.size() == 6);
}

TEST_CASE("run: the closed loop, a rate and a duration", "[load][run]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port(), "/echo");
    options.message_kind = plan::MessageKind::padding;
    options.message_size = 20;
    std::uint64_t due = 100;
    SECTION("closed loop") {
        options.pacing = plan::Pacing::closed;
        options.interval_ns = 0;
    }
    SECTION("rate") {
        options.pacing = plan::Pacing::rate;
        options.rate = plan::RateCurve::at(1000);
    }
    SECTION("rate and duration") {
        options.pacing = plan::Pacing::rate;
        options.rate = plan::RateCurve::at(500);
        options.messages.reset();
        options.duration_ns = 300 * kMillisecond;
        due = 150;
    }
    SECTION("interval and duration") {
        options.messages.reset();
        options.duration_ns = 95 * kMillisecond;
        due = 0;  // the phases of the connections are 0.5 ms apart
        for (std::uint64_t i = 0; i < 20; ++i) due += (95'000'000 - i * 500'000 + 9'999'999) / 10'000'000;
    }
    const stats::RunResult result = run_to_end(options);
    check_sums(result);
    CHECK(result.counters.due == due);
    CHECK(result.counters.received == due);
    CHECK(errors_but_closes(result.counters) == 0);
    CHECK(result.offered_per_s.has_value());
}

TEST_CASE("run: several workers and several URLs share the connections", "[load][run]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port());
    options.urls.push_back(options.urls.front());
    options.cores = 2;
    options.pacing = plan::Pacing::rate;
    options.rate = plan::RateCurve::at(2000);
    const stats::RunResult result = run_to_end(options);
    check_sums(result);
    CHECK(result.counters.received == 100);
    CHECK(result.generator.cores.size() == std::min<std::size_t>(2, host::usable_cpus().size()));
}

TEST_CASE("run: more cores than there are is a warning", "[load][run]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port());
    options.cores = 10'000;
    const stats::RunResult result = run_to_end(options);
    CHECK(result.counters.received == 100);
    REQUIRE_FALSE(result.warnings.empty());
    CHECK(result.warnings[0].find("--cores 10000") != std::string::npos);
}

TEST_CASE("run: a port that refuses is counted, and a few connections are all tried", "[load][run]") {
    const stats::RunResult result = run_to_end(options_for(closed_port()));
    check_sums(result);
    CHECK(result.counters.attempted == 20);
    CHECK(result.counters.error(ErrorKind::refused) == 20);
    CHECK(result.counters.due == 0);
    CHECK_FALSE(result.latency.has_value());
    CHECK_FALSE(result.offered_per_s.has_value());
}

TEST_CASE("run: when the first many connections all fail alike it stops early", "[load][run]") {
    plan::RunOptions options = options_for(closed_port());
    options.connections = 20'000;
    options.connect_rate_per_s = 5'000;
    const stats::RunResult result = run_to_end(options);
    check_sums(result);
    CHECK(result.counters.attempted >= limits::kHopelessFailures);
    CHECK(result.counters.attempted < 20'000);
    const auto told = std::find_if(
        result.warnings.begin(), result.warnings.end(),
        [](const std::string& warning) { return warning.find("stopped early") != std::string::npos; });
    REQUIRE(told != result.warnings.end());
    CHECK(told->find(stats::info(ErrorKind::refused).label) != std::string::npos);
    CHECK_FALSE(result.interrupted);
}

TEST_CASE("run: an interrupt ends it soon, with everything that was measured", "[load][run]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port());
    options.messages = 100'000;
    RunHooks hooks = quiet();
    const auto received = [&] { return server->board().total(target::Count::messages_received); };
    TimeNs stopped_ns = 0;
    hooks.stop_requested = [&] {
        if (stopped_ns == 0 && received() > 100) stopped_ns = monotonic_now();
        return stopped_ns != 0;
    };
    const stats::RunResult result = run_to_end(options, hooks);
    check_sums(result);
    CHECK(result.interrupted);
    CHECK(result.counters.received > 0);
    CHECK(result.counters.due < 20 * 100'000);
    CHECK(monotonic_now() - stopped_ns < 10 * kSecond);  // of 1,000
}

TEST_CASE("run: connections are held, and the progress tells of it", "[load][run]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port());
    options.hold_ns = 700 * kMillisecond;
    RunHooks hooks = quiet();
    std::vector<stats::Progress> shown;
    hooks.show_progress = [&](const stats::Progress& progress) { shown.push_back(progress); };
    const TimeNs began_ns = monotonic_now();
    const stats::RunResult result = run_to_end(options, hooks);
    const TimeNs took_ns = monotonic_now() - began_ns;
    CHECK(took_ns >= options.hold_ns);
    CHECK(result.duration_s < static_cast<double>(took_ns - options.hold_ns) / kSecond);  // it is not in it
    const auto holding = std::find_if(shown.begin(), shown.end(), [](const stats::Progress& progress) {
        return progress.phase == stats::RunPhase::holding;
    });
    REQUIRE(holding != shown.end());
    CHECK(holding->open == 20);
    CHECK(holding->wanted == 20);
    REQUIRE(holding->left_ns.has_value());
    CHECK(*holding->left_ns <= 700 * kMillisecond);
    CHECK(holding->p50_ns.has_value());
}

TEST_CASE("run: what cannot be run is said before any connection is opened", "[load][run]") {
    plan::RunOptions options = options_for(closed_port());
    Fault fault = Fault::environment;
    std::string named;
    SECTION("a message without a YMERA type") {
        options.message_kind = plan::MessageKind::padding;
        options.message_size = 1;
        options.match = plan::MatchRule::ymera;
        fault = Fault::usage;
        named = "--match ymera";
    }
    SECTION("too few source ports") {
        options.source_addresses = {make_ipv4(0x7f000001, 0)};
        options.source_ports = PortRange{30'000, 30'009};
        named = "20";
    }
    SECTION("too little memory") {
        options.connections = 2'000'000'000;
        named = "MiB";
    }
    SECTION("an unknown host") {
        options.urls = {"ws://no-such-host.invalid/"};
        named = "no-such-host.invalid";
    }
    const auto result = run(options, quiet());
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().fault == fault);
    CHECK(result.error().what.find(named) != std::string::npos);
}

TEST_CASE("run: a run shorter than a window of its checks is one window", "[load][run]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port());
    for (const char* check : {"max@1s<1h", "throughput@1s>100/s", "lost@1s<1"})
        options.slos.push_back(*stats::parse_slo(check));
    const stats::RunResult result = run_to_end(options);
    REQUIRE(result.slos.size() == 3);
    for (const stats::SloResult& slo : result.slos) {
        CAPTURE(slo.rule.text);
        CHECK(slo.status == stats::SloStatus::ok);
        CHECK(*slo.worst_at_s > 0.04);
    }
    CHECK(result.slos[0].value.has_value());
    CHECK_FALSE(result.aborted.has_value());
}

TEST_CASE("run: its intervals follow one another and make the whole", "[load][run]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port());
    options.messages = 30;
    options.interval_ns = 40 * kMillisecond;
    RunHooks hooks = quiet();
    std::vector<stats::Interval> intervals;
    hooks.add_interval = [&](const stats::Interval& interval) { intervals.push_back(interval); };
    const stats::RunResult result = run_to_end(options, hooks);
    REQUIRE(intervals.size() >= 2);
    REQUIRE(result.timeline.size() == intervals.size());
    std::uint64_t sent = 0;
    stats::HistogramSnapshot latency;
    for (std::size_t i = 0; i < intervals.size(); ++i) {
        CHECK(intervals[i].start_s == (i == 0 ? 0 : intervals[i - 1].row.t_s));
        CHECK(result.timeline[i].t_s == intervals[i].row.t_s);
        CHECK(result.timeline[i].received == intervals[i].row.received);
        CHECK(result.timeline[i].cpu_user_s == intervals[i].row.cpu_user_s);
        sent += intervals[i].row.sent;
        latency.add(intervals[i].latency);
    }
    CHECK(sent == 600);
    CHECK(test::counts_of(latency) == test::counts_of(result.totals.latency));
    CHECK(intervals[0].row.rss_bytes > 0);
}

TEST_CASE("run: a check that has failed ends it, where that was asked for", "[load][run]") {
    const auto server = start_server();
    plan::RunOptions options = options_for(server->port());
    options.messages.reset();
    options.duration_ns = kMinute;
    options.slos.push_back(*stats::parse_slo("max@1s<1us"));
    options.slo_policy = plan::SloPolicy::abort;
    const TimeNs began_ns = monotonic_now();
    const stats::RunResult result = run_to_end(options);
    CHECK(monotonic_now() - began_ns < 30 * kSecond);
    check_sums(result);
    REQUIRE(result.aborted.has_value());
    CHECK_THAT(*result.aborted, Catch::StartsWith("max@1s<1us at 1 s: "));
    CHECK(result.slos.at(0).status == stats::SloStatus::fail);
    CHECK_FALSE(result.interrupted);
}
