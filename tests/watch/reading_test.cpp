#include "watch/reading.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"

namespace wsblast::watch {

namespace {

using stats::BackendPresence;
using stats::BackendUse;

constexpr TimeNs kStart = 100 * kSecond;

host::ThreadUse thread(pid_t tid, TimeNs user_ns, TimeNs system_ns) {
    return {.tid = tid, .name = "t" + std::to_string(tid), .user_ns = user_ns, .system_ns = system_ns};
}

// A process that was started with the machine.
host::ProcessUse process(pid_t pid, std::vector<host::ThreadUse> threads) {
    host::ProcessUse use{.pid = pid, .name = "server"};
    for (const host::ThreadUse& each : threads) {
        use.user_ns += each.user_ns;
        use.system_ns += each.system_ns;
    }
    use.threads = std::move(threads);
    return use;
}

BackendReading reading(TimeNs after_ns, std::vector<host::ProcessUse> processes) {
    BackendReading reading{.at_ns = kStart + after_ns, .since_boot_ns = kStart + after_ns};
    reading.presence = processes.empty() ? BackendPresence::gone : BackendPresence::alive;
    reading.processes = std::move(processes);
    return reading;
}

BackendReading scraped(TimeNs after_ns, std::vector<MetricValue> values) {
    BackendReading made = reading(after_ns, {});
    made.scrape = Scrape{.at_ns = made.at_ns, .values = std::move(values), .gap = {}};
    return made;
}

}  // namespace

TEST_CASE("reading: CPU is what was added in the interval, in cores", "[watch][reading]") {
    const BackendUse use =
        use_between(reading(0, {process(7, {thread(7, 5 * kSecond, 2 * kSecond), thread(8, 0, 0)})}),
                    reading(2 * kSecond, {process(7, {thread(7, 6 * kSecond, 2 * kSecond),
                                                      thread(8, kSecond, 500 * kMillisecond)})}));
    CHECK(use.presence == BackendPresence::alive);
    CHECK(use.seconds == 2);
    CHECK(use.cpu_user == 1.0);
    CHECK(use.cpu_system == 0.25);
    CHECK(use.threads == 2U);
    REQUIRE(use.by_thread.size() == 2);
    CHECK(use.by_thread[0].tid == 8);  // the busiest
    CHECK(use.by_thread[0].user == 0.5);
    CHECK(use.by_thread[0].system == 0.25);
    CHECK(use.by_thread[1].name == "t7");
}

TEST_CASE("reading: processes are added up, files told of the fullest", "[watch][reading]") {
    host::ProcessUse parent = process(7, {thread(7, 0, 0)});
    parent.rss_bytes = 100;
    parent.files = 10;
    parent.files_max = 1'000;
    host::ProcessUse worker = process(9, {thread(9, 0, 0)});
    worker.rss_bytes = 50;
    worker.anonymous_bytes = 20;
    worker.files = 60;
    worker.files_max = 100;
    const BackendReading before = reading(0, {parent, worker});
    worker.user_ns = kSecond;
    const BackendUse use = use_between(before, reading(kSecond, {parent, worker}));
    CHECK(use.processes == 2);
    CHECK(use.cpu_user == 1.0);
    CHECK(use.rss_bytes == 150U);
    CHECK(use.anonymous_bytes == 20U);
    REQUIRE(use.files.has_value());
    CHECK(use.files->open == 70);
    CHECK(use.files->fullest_open == 60);
    CHECK(use.files->fullest_limit == 100);
}

TEST_CASE("reading: switches a second are those of the threads", "[watch][reading]") {
    host::ThreadUse before = thread(7, 0, 0);
    before.voluntary_switches = 1'000;
    host::ThreadUse after = before;
    after.voluntary_switches = 5'000;
    after.involuntary_switches = 20;
    const BackendUse use =
        use_between(reading(0, {process(7, {before})}), reading(2 * kSecond, {process(7, {after})}));
    CHECK(use.voluntary_switches_per_s == 2'000.0);
    CHECK(use.involuntary_switches_per_s == 10.0);
    CHECK(use.by_thread.empty());  // none used CPU
}

TEST_CASE("reading: a process that began in the interval counts from its start", "[watch][reading]") {
    const BackendReading before = reading(0, {process(7, {thread(7, 0, 0)})});
    host::ProcessUse young = process(9, {thread(9, kSecond, 0)});
    young.start_ticks = 100 * (kStart / kSecond) + 50;
    const auto later = [&](const host::ProcessUse& other) {
        return use_between(before, reading(2 * kSecond, {before.processes[0], other}));
    };
    CHECK(later(young).cpu_user == 0.5);
    host::ProcessUse old = young;  // found late: it has been there for a minute
    old.start_ticks = 100 * (kStart / kSecond) - 6'000;
    CHECK(later(old).cpu_user == 0.0);
}

TEST_CASE("reading: a number that another process has taken is not the same process", "[watch][reading]") {
    const BackendReading before = reading(0, {process(7, {thread(7, 50 * kSecond, 0)})});
    host::ProcessUse successor = process(7, {thread(7, kSecond, 0)});
    successor.start_ticks = 100 * (kStart / kSecond) + 1;
    const BackendUse use = use_between(before, reading(kSecond, {successor}));
    CHECK(use.cpu_user == 1.0);
    CHECK(use.presence == BackendPresence::partly_gone);
}

TEST_CASE("reading: processes that end are said, and what is left is known", "[watch][reading]") {
    const BackendReading both = reading(0, {process(7, {thread(7, 0, 0)}), process(9, {thread(9, 0, 0)})});
    const BackendUse partly = use_between(both, reading(kSecond, {both.processes[0]}));
    CHECK(partly.presence == BackendPresence::partly_gone);
    CHECK(partly.cpu_user == 0.0);
    const BackendUse gone = use_between(both, reading(kSecond, {}));
    CHECK(gone.presence == BackendPresence::gone);
    CHECK_FALSE(gone.cpu_user.has_value());
    CHECK_FALSE(gone.rss_bytes.has_value());
    CHECK_FALSE(gone.threads.has_value());
}

TEST_CASE("reading: only the busiest threads are kept", "[watch][reading]") {
    std::vector<host::ThreadUse> idle;
    std::vector<host::ThreadUse> busy;
    for (int tid = 1; tid <= 40; ++tid) {
        idle.push_back(thread(tid, 0, 0));
        busy.push_back(thread(tid, static_cast<TimeNs>(tid) * kMillisecond, 0));
    }
    const BackendUse use =
        use_between(reading(0, {process(1, idle)}), reading(kSecond, {process(1, busy)}));
    REQUIRE(use.by_thread.size() == limits::kBackendThreadsMax);
    CHECK(use.by_thread.front().tid == 40);
    CHECK(use.threads == 40U);
}

TEST_CASE("reading: an interval of no length has no rates", "[watch][reading]") {
    const BackendReading same = reading(0, {process(7, {thread(7, 0, 0)})});
    const BackendUse use = use_between(same, same);
    CHECK(use.seconds == 0);
    CHECK_FALSE(use.cpu().has_value());
}

TEST_CASE("reading: a control group's share of throttled periods is of the interval", "[watch][reading]") {
    BackendReading before = reading(0, {});
    BackendReading after = reading(2 * kSecond, {});
    before.cgroup =
        host::CgroupUse{.cpu_ns = kSecond, .periods = 100, .periods_throttled = 90, .memory_bytes = 1};
    after.cgroup = host::CgroupUse{.cpu_ns = 2 * kSecond,
                                   .periods = 120,
                                   .periods_throttled = 95,
                                   .memory_bytes = 5,
                                   .memory_max_bytes = 10};
    const auto use = use_between(before, after).cgroup;
    REQUIRE(use.has_value());
    CHECK(use->cpu == 0.5);
    CHECK(use->throttled == 0.25);
    CHECK(use->memory_bytes == 5U);
    CHECK(use->memory_max_bytes == 10U);
    before.cgroup->periods = after.cgroup->periods = 0;  // no quota
    CHECK_FALSE(use_between(before, after).cgroup->throttled.has_value());
}

TEST_CASE("reading: counters have a rate between two answers of the endpoint", "[watch][reading]") {
    const BackendUse use = use_between(
        scraped(0, {{"messages_total", 100.0, MetricKind::counter}, {"rooms", 3.0, MetricKind::gauge}}),
        scraped(2 * kSecond,
                {{"messages_total", 500.0, MetricKind::counter}, {"rooms", 4.0, MetricKind::gauge}}));
    REQUIRE(use.metrics.size() == 2);
    CHECK(use.metrics[0].name == "messages_total");
    CHECK(use.metrics[0].value == 500.0);
    CHECK(use.metrics[0].rate_per_s == 200.0);
    CHECK(use.metrics[0].gap.empty());
    CHECK(use.metrics[1].value == 4.0);
    CHECK_FALSE(use.metrics[1].rate_per_s.has_value());
    CHECK(use.metrics[1].gap.empty());
}

TEST_CASE("reading: what has no rate, or no value, says why", "[watch][reading]") {
    const BackendReading before = scraped(0, {{"messages_total", 100.0, MetricKind::counter}});
    const auto gap = [&](const BackendReading& later) {
        const BackendUse use = use_between(before, later);
        REQUIRE(use.metrics.size() == 1);
        CHECK_FALSE(use.metrics[0].rate_per_s.has_value());
        return use.metrics[0].gap;
    };
    CHECK_THAT(gap(scraped(kSecond, {{"messages_total", 5.0, MetricKind::counter}})),
               Catch::Contains("began anew"));
    CHECK_THAT(gap(scraped(kSecond, {{"messages_total", {}, MetricKind::counter}})),
               Catch::Contains("no such metric"));
    BackendReading same_answer = reading(kSecond, {});
    same_answer.scrape = before.scrape;
    CHECK_THAT(gap(same_answer), Catch::Contains("only one answer"));
    BackendReading failed = reading(kSecond, {});
    failed.scrape = Scrape{.at_ns = failed.at_ns, .values = {}, .gap = "http://x: Connection refused"};
    CHECK(gap(failed) == "http://x: Connection refused");
}

}  // namespace wsblast::watch
