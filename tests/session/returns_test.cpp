#include "session/returns.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/times.hpp"

using namespace wsblast;
using namespace wsblast::session;
using test::kMs;

namespace {

constexpr TimeNs kReturnsStart = 3 * kSecond;

struct ReturnsFixture {
    // Worker 1 of 3: indices 1, 4, 7, ...
    RoundReport report;
    Returns returns{
        {.connections = 300, .worker = 1, .workers = 3, .rate_per_s = {}}, 1, kReturnsStart, report};

    // It is closed, and gone.
    void lose(std::uint32_t index, Leave why) {
        returns.expect(index, why);
        returns.gone(index, kReturnsStart);
    }
    // All attempts fail at once: when they were.
    std::vector<TimeNs> attempts(std::uint32_t index, std::size_t count) {
        std::vector<TimeNs> times;
        TimeNs now_ns = kReturnsStart;
        while (times.size() < count) {
            while (const auto due = returns.take(now_ns)) {
                CHECK(*due == index);
                times.push_back(now_ns - kReturnsStart);
                returns.failed(index);
                returns.gone(index, now_ns);
                if (times.size() == count) return times;
            }
            now_ns += 10 * kMs;
        }
        return times;
    }
};

}  // namespace

TEST_CASE("returns: who is not expected back does not come back", "[session][returns]") {
    ReturnsFixture fixture;
    REQUIRE(fixture.returns.ok());
    fixture.returns.gone(4, kReturnsStart);
    fixture.returns.failed(4);
    fixture.returns.back(4);
    CHECK(fixture.returns.next_due_ns() == kNever);
    CHECK_FALSE(fixture.returns.take(kReturnsStart + kHour).has_value());
    CHECK(fixture.report.away.get() == 0);
    CHECK(fixture.report.reopened.get() == 0);
    CHECK(fixture.report.reopen_failures.get() == 0);
}

TEST_CASE("returns: immediate ones are due at once, in the order in which they went",
          "[session][returns]") {
    ReturnsFixture fixture;
    const Leave why = GENERATE(Leave::storm, Leave::churn, Leave::replaced);
    for (const std::uint32_t index : {7u, 1u, 298u}) fixture.lose(index, why);
    CHECK(fixture.report.away.get() == 3);
    CHECK(fixture.report.waiting.get() == 3);
    CHECK(fixture.returns.next_due_ns() <= kReturnsStart);
    std::vector<std::uint32_t> order;
    while (const auto index = fixture.returns.take(kReturnsStart)) order.push_back(*index);
    CHECK(order.size() == 3);
    CHECK(fixture.report.waiting.get() == 0);
    CHECK(fixture.returns.next_due_ns() == kNever);
    for (const std::uint32_t index : order) fixture.returns.back(index);
    CHECK(fixture.report.away.get() == 0);
    CHECK(fixture.report.reopened.get() == 3);
    CHECK(fixture.report.replacing.get() == 0);
}

TEST_CASE("returns: after a storm each tries again by its policy", "[session][returns]") {
    ReturnsFixture fixture;
    fixture.returns.set_policy({plan::Reconnect::exponential, 100 * kMs, 400 * kMs});
    fixture.lose(4, Leave::storm);
    CHECK(fixture.attempts(4, 5) ==
          std::vector<TimeNs>{100 * kMs, 300 * kMs, 700 * kMs, 1'100 * kMs, 1'500 * kMs});
    CHECK(fixture.report.reopen_failures.get() == 5);
    CHECK(fixture.report.away.get() == 1);
}

TEST_CASE("returns: jittered ones are spread over their time", "[session][returns]") {
    ReturnsFixture fixture;
    fixture.returns.set_policy({plan::Reconnect::jittered, 100 * kMs, kSecond});
    for (std::uint32_t index = 1; index < 300; index += 3) fixture.lose(index, Leave::storm);
    int first_half = 0;
    while (fixture.returns.take(kReturnsStart + 50 * kMs)) ++first_half;
    CHECK(first_half > 30);
    CHECK(first_half < 70);
    int second_half = 0;
    while (fixture.returns.take(kReturnsStart + 100 * kMs)) ++second_half;
    CHECK(first_half + second_half == 100);
}

TEST_CASE("returns: who was churned or replaced tries at once, and then patiently", "[session][returns]") {
    ReturnsFixture fixture;
    fixture.lose(4, GENERATE(Leave::churn, Leave::replaced));
    CHECK(fixture.attempts(4, 4) == std::vector<TimeNs>{0, 100 * kMs, 300 * kMs, 700 * kMs});
}

TEST_CASE("returns: replaced ones are told apart", "[session][returns]") {
    ReturnsFixture fixture;
    fixture.lose(1, Leave::churn);
    fixture.lose(4, Leave::replaced);
    CHECK(fixture.report.replacing.get() == 1);
    fixture.returns.back(4);
    CHECK(fixture.report.replacing.get() == 0);
    CHECK(fixture.report.away.get() == 1);
}

TEST_CASE("returns: once stopped nobody comes back", "[session][returns]") {
    ReturnsFixture fixture;
    fixture.lose(1, Leave::storm);
    fixture.returns.expect(4, Leave::storm);
    fixture.returns.stop();
    fixture.returns.gone(4, kReturnsStart);
    CHECK(fixture.returns.next_due_ns() == kNever);
    CHECK_FALSE(fixture.returns.take(kReturnsStart + kHour).has_value());
}
