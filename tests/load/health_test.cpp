#include "load/health.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::load;
using stats::GeneratorStatus;
using Counted = HealthMonitor::Counted;

namespace {

constexpr TimeNs kStart = 9 * kSecond;
constexpr TimeNs kWindow = HealthMonitor::kWindowNs;

// One thread on CPU 3 that has run and waited so long.
std::vector<ThreadUse> used(TimeNs run_ns, std::optional<TimeNs> wait_ns = TimeNs{0}) {
    return {{.cpu = 3, .run_ns = run_ns, .wait_ns = wait_ns}};
}

stats::Summary with_p99(TimeNs p99_ns) {
    stats::Summary summary;
    summary.count = 100;
    summary.p99 = p99_ns;
    return summary;
}

stats::Summary with_p50(TimeNs p50_ns) {
    stats::Summary summary;
    summary.count = 100;
    summary.p50 = p50_ns;
    return summary;
}

// A monitor that has seen one window in which the thread ran and waited for these shares of it.
HealthMonitor after_window(double run_share, double wait_share, Counted counted = Counted::yes) {
    HealthMonitor monitor(kStart, used(0), {});
    const auto part = [](double share) {
        return static_cast<TimeNs>(share * static_cast<double>(kWindow));
    };
    monitor.sample(kStart + kWindow, used(part(run_share), part(wait_share)), counted);
    return monitor;
}

GeneratorStatus judged(const HealthMonitor& monitor, TimeNs send_lag_p99_ns, TimeNs latency_p50_ns) {
    return monitor.judge({.own_lag = with_p99(send_lag_p99_ns), .latency = with_p50(latency_p50_ns)})
        .status;
}

}  // namespace

TEST_CASE("health: of a few messages it is not the latest that counts, but the one in the middle",
          "[load][health]") {
    stats::Summary few = with_p99(5 * kMillisecond);
    few.count = 99;
    few.p50 = 100 * kMicrosecond;
    CHECK(after_window(0.1, 0).judge({.own_lag = few, .loop_lag = few}).status == GeneratorStatus::ok);
    few.p50 = 2 * kMillisecond;
    const auto health = after_window(0.1, 0).judge({.own_lag = few});
    CHECK(health.status == GeneratorStatus::suspect);
    CHECK(health.reasons.at(0).find("send lag p50 2.00 ms") != std::string::npos);
}

TEST_CASE("health: late messages and a core without time left are saturation", "[load][health]") {
    CHECK(judged(after_window(0.96, 0), 2 * kMillisecond, 0) == GeneratorStatus::saturated);
    CHECK(judged(after_window(0.94, 0), 2 * kMillisecond, 0) == GeneratorStatus::suspect);
    CHECK(judged(after_window(0.96, 0), kMillisecond, 0) == GeneratorStatus::ok);
}

TEST_CASE("health: a thread that is ready and not let run has no time left either", "[load][health]") {
    CHECK(judged(after_window(0.50, 0.46), 2 * kMillisecond, 0) == GeneratorStatus::saturated);
    CHECK(judged(after_window(0.50, 0.44), 2 * kMillisecond, 0) == GeneratorStatus::suspect);
}

TEST_CASE("health: late messages of a core that others had for long say so", "[load][health]") {
    const auto reason = [](double run_share, double wait_share) {
        const auto health = after_window(run_share, wait_share).judge({.own_lag = with_p99(kSecond)});
        CHECK(health.status == GeneratorStatus::suspect);
        return health.reasons.at(0);
    };
    CHECK(reason(0.09, 0.51).ends_with(", while others had CPU 3 for 51 % of the time"));
    CHECK(reason(0.09, 0.05).ends_with(", though no core was short of time"));
    CHECK(reason(0.09, 0).ends_with(", though no core was short of time"));
}

TEST_CASE("health: a tenth of the median latency may be send lag", "[load][health]") {
    const HealthMonitor monitor = after_window(1.0, 0);
    CHECK(judged(monitor, 5 * kMillisecond, 50 * kMillisecond) == GeneratorStatus::ok);
    CHECK(judged(monitor, 5 * kMillisecond + 1, 50 * kMillisecond) == GeneratorStatus::saturated);
    CHECK(judged(monitor, kMillisecond, 2 * kMillisecond) == GeneratorStatus::ok);
}

TEST_CASE("health: windows without sending do not count", "[load][health]") {
    CHECK(judged(after_window(1.0, 0, Counted::no), kSecond, 0) == GeneratorStatus::suspect);
}

TEST_CASE("health: the busiest window counts, not the average", "[load][health]") {
    HealthMonitor monitor(kStart, used(0), {});
    monitor.sample(kStart + kWindow, used(kWindow), Counted::yes);
    for (TimeNs i = 2; i <= 10; ++i) monitor.sample(kStart + i * kWindow, used(kWindow), Counted::yes);
    const auto health = monitor.judge({.own_lag = with_p99(kSecond)});
    CHECK(health.status == GeneratorStatus::saturated);
    REQUIRE(health.cores.size() == 1);
    CHECK(health.cores[0].cpu == 3);
    CHECK(health.cores[0].busy == Approx(0.1));
    REQUIRE(health.reasons.size() == 1);
    CHECK(health.reasons[0].find("CPU 3") != std::string::npos);
    CHECK(health.reasons[0].find("more cores") != std::string::npos);
}

TEST_CASE("health: samples within a window do not end it", "[load][health]") {
    HealthMonitor monitor(kStart, used(0), {});
    monitor.sample(kStart + kWindow / 2, used(kWindow / 2), Counted::yes);
    monitor.sample(kStart + kWindow, used(kWindow / 2), Counted::yes);
    CHECK(judged(monitor, kSecond, 0) == GeneratorStatus::suspect);
}

TEST_CASE("health: a completion queue that overflowed is saturation by itself", "[load][health]") {
    const auto health = after_window(0.1, 0).judge({.cq_overflows = 7});
    CHECK(health.status == GeneratorStatus::saturated);
    CHECK(health.cq_overflow == 7);
    REQUIRE(health.reasons.size() == 1);
    CHECK(health.reasons[0].find("7 times") != std::string::npos);
}

TEST_CASE("health: without messages there is nothing to judge", "[load][health]") {
    const auto health = after_window(1.0, 0).judge({});
    CHECK(health.status == GeneratorStatus::ok);
    CHECK(health.reasons.empty());
}

TEST_CASE("health: a kernel that does not tell of waiting is no fault", "[load][health]") {
    HealthMonitor monitor(kStart, used(0, std::nullopt), {});
    monitor.sample(kStart + kWindow, used(kWindow, std::nullopt), Counted::yes);
    const auto health = monitor.judge({.own_lag = with_p99(kSecond)});
    CHECK(health.status == GeneratorStatus::saturated);
    CHECK_FALSE(health.cores[0].waiting.has_value());
}

TEST_CASE("health: how long a thread waited is still known when it has ended", "[load][health]") {
    HealthMonitor monitor = after_window(0.5, 0.2);
    monitor.sample(kStart + 2 * kWindow, used(kWindow / 2, std::nullopt), Counted::no);
    const auto health = monitor.judge({});
    CHECK(health.cores[0].busy == Approx(0.25));
    REQUIRE(health.cores[0].waiting.has_value());
    CHECK(*health.cores[0].waiting == Approx(0.1));
}

TEST_CASE("health: a loop whose rounds take too long makes answers late, as in a closed loop",
          "[load][health]") {
    const HealthEvidence evidence{.loop_lag = with_p99(2 * kMillisecond)};
    const auto health = after_window(0.96, 0).judge(evidence);
    CHECK(health.status == GeneratorStatus::saturated);
    REQUIRE(health.reasons.size() == 1);
    CHECK(health.reasons[0].find("loop lag p99 2.00 ms") != std::string::npos);
    CHECK(after_window(0.5, 0).judge(evidence).status == GeneratorStatus::suspect);
    CHECK(after_window(0.96, 0).judge({.loop_lag = with_p99(kMillisecond)}).status == GeneratorStatus::ok);
}

TEST_CASE("health: what the hypervisor takes of a core is time that it has not", "[load][health]") {
    HealthMonitor monitor(kStart, used(0), std::vector<TimeNs>(4));
    monitor.sample(kStart + kWindow, used(kWindow * 9 / 10, 0), Counted::yes);
    CHECK(judged(monitor, kSecond, 0) == GeneratorStatus::suspect);
    monitor.note_steal(kStart + kWindow, {0, 0, 0, kWindow / 10});
    const auto health = monitor.judge({.own_lag = with_p99(kSecond)});
    CHECK(health.status == GeneratorStatus::saturated);
    CHECK(*health.steal == Approx(0.1));
    REQUIRE(health.reasons.size() == 2);
    CHECK(health.reasons[1].find("hypervisor took 10 %") != std::string::npos);
}

TEST_CASE("health: much steal makes the numbers suspect, little does not", "[load][health]") {
    HealthMonitor monitor = HealthMonitor(kStart, used(0), std::vector<TimeNs>(4));
    monitor.sample(kStart + kWindow, used(0), Counted::yes);
    monitor.note_steal(kStart + kWindow, {kWindow, 0, 0, kWindow * 4 / 100});
    CHECK(monitor.judge({}).status == GeneratorStatus::ok);  // another CPU's is not ours
    monitor.note_steal(kStart + kWindow, {kWindow, 0, 0, kWindow * 6 / 100});
    CHECK(monitor.judge({}).status == GeneratorStatus::suspect);
}

TEST_CASE("health: receives without a buffer are suspect when they are more than one in a thousand",
          "[load][health]") {
    const HealthMonitor monitor = after_window(0.5, 0);
    CHECK(monitor.judge({.buffers_exhausted = 10, .received = 10'000}).status == GeneratorStatus::ok);
    CHECK(monitor.judge({.buffers_exhausted = 11, .received = 10'000}).status == GeneratorStatus::suspect);
}

TEST_CASE("health: a closed loop whose core others have is saturated, an open one shows it by its lag",
          "[load][health]") {
    CHECK(after_window(0.2, 0.79).judge({.loop = stats::Loop::closed}).status ==
          GeneratorStatus::saturated);
    CHECK(after_window(0.2, 0.79).judge({.loop = stats::Loop::open}).status == GeneratorStatus::ok);
    CHECK(after_window(0.9, 0.09).judge({.loop = stats::Loop::closed}).status == GeneratorStatus::ok);
    CHECK(after_window(0.2, 0.7).judge({.loop = stats::Loop::closed}).status == GeneratorStatus::ok);
    const auto idle = after_window(0.2, 0.79, Counted::no);
    CHECK(idle.judge({.loop = stats::Loop::closed}).status == GeneratorStatus::ok);
}
