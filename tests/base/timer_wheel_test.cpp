#include "base/timer_wheel.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

using namespace wsblast;

namespace {

constexpr TimeNs kStartNs = 123'456'789'012;

std::vector<std::uint32_t> fired_at(TimerWheel& wheel, TimeNs now_ns) {
    std::vector<std::uint32_t> fired;
    wheel.expire(now_ns, [&](std::uint32_t id) { fired.push_back(id); });
    return fired;
}

// Times of every order of magnitude from 1 ns to 2^bits ns, with more weight on the borders of slots.
TimeNs random_span(Prng& random, unsigned bits) {
    const TimeNs top = TimeNs{1} << random.next_below(bits);
    if (random.chance(1, 4)) return top - random.next_below(2);
    return random.next_below(2 * top);
}

// What the wheel must do, in the simplest words.
class NaiveTimers {
  public:
    explicit NaiveTimers(std::uint32_t ids) : deadlines_(ids, kNever) {}

    void arm(std::uint32_t id, TimeNs deadline_ns) { deadlines_[id] = deadline_ns; }
    [[nodiscard]] TimeNs deadline(std::uint32_t id) const { return deadlines_[id]; }
    [[nodiscard]] TimeNs earliest() const {
        return *std::min_element(deadlines_.begin(), deadlines_.end());
    }
    [[nodiscard]] std::size_t due_count(TimeNs now_ns) const {
        return static_cast<std::size_t>(
            std::count_if(deadlines_.begin(), deadlines_.end(),
                          [&](TimeNs deadline_ns) { return deadline_ns <= now_ns; }));
    }

  private:
    std::vector<TimeNs> deadlines_;
};

}  // namespace

TEST_CASE("timer wheel: fires at the deadline, to the nanosecond, once", "[base][timer_wheel]") {
    for (TimeNs span_ns : {TimeNs{0}, TimeNs{1}, TimeNs{8'191}, TimeNs{8'192}, 2 * kMillisecond,
                           3 * kMillisecond, kSecond, 5 * kMinute, 5 * kHour, 11 * kHour}) {
        INFO(span_ns);
        TimerWheel wheel(4, kStartNs);
        REQUIRE(wheel.ok());
        wheel.arm(2, kStartNs + span_ns);
        CHECK(wheel.armed(2));
        CHECK(wheel.deadline(2) == kStartNs + span_ns);
        if (span_ns > 0) CHECK(fired_at(wheel, kStartNs + span_ns - 1).empty());
        CHECK(fired_at(wheel, kStartNs + span_ns) == std::vector<std::uint32_t>{2});
        CHECK_FALSE(wheel.armed(2));
        CHECK(wheel.deadline(2) == kNever);
        CHECK(fired_at(wheel, kStartNs + span_ns + kSecond).empty());
    }
}

TEST_CASE("timer wheel: one timer an id, moved by arm, dropped by cancel", "[base][timer_wheel]") {
    TimerWheel wheel(2, kStartNs);
    wheel.arm(0, kStartNs + kSecond);
    wheel.arm(0, kStartNs + 2 * kSecond);
    wheel.arm_no_later_than(0, kStartNs + 3 * kSecond);
    CHECK(wheel.deadline(0) == kStartNs + 2 * kSecond);
    wheel.arm(1, kStartNs + kSecond);
    wheel.cancel(1);
    wheel.cancel(1);
    CHECK(fired_at(wheel, kStartNs + kSecond).empty());
    wheel.arm_no_later_than(0, kStartNs + 1500 * kMillisecond);
    CHECK(fired_at(wheel, kStartNs + 1500 * kMillisecond) == std::vector<std::uint32_t>{0});
    CHECK(wheel.next_wake() == kNever);
}

TEST_CASE("timer wheel: what fire arms in the past waits for the next call", "[base][timer_wheel]") {
    TimerWheel wheel(2, kStartNs);
    wheel.arm(0, kStartNs + 10);
    int fired = 0;
    const auto rearm = [&](std::uint32_t id) {
        ++fired;
        wheel.arm(id, kStartNs);
    };
    wheel.expire(kStartNs + 10, rearm);
    CHECK(fired == 1);
    CHECK(wheel.next_wake() <= kStartNs + 10);
    wheel.expire(kStartNs + 10, rearm);
    CHECK(fired == 2);
}

TEST_CASE("timer wheel: fire may cancel and move what is due with it", "[base][timer_wheel]") {
    TimerWheel wheel(3, kStartNs);
    for (std::uint32_t id = 0; id < 3; ++id) wheel.arm(id, kStartNs + 5);
    std::vector<std::uint32_t> fired;
    wheel.expire(kStartNs + 5, [&](std::uint32_t id) {
        fired.push_back(id);
        wheel.cancel((id + 1) % 3);
        wheel.arm((id + 2) % 3, kStartNs + kSecond);
    });
    REQUIRE(fired.size() == 1);
    CHECK(fired_at(wheel, kStartNs + kSecond) == std::vector<std::uint32_t>{(fired[0] + 2) % 3});
}

TEST_CASE("timer wheel: address space that is not there is reported", "[base][timer_wheel]") {
    CHECK(TimerWheel(0, kStartNs).ok());
    CHECK(TimerWheel(1'000'000, kStartNs).ok());
}

TEST_CASE("timer wheel: does what a plain list of deadlines does", "[base][timer_wheel]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    constexpr std::uint32_t kIds = 60;
    for (std::uint64_t round = 0; round < 30; ++round) {
        Prng random(seed + round);
        const unsigned bits = 12 + static_cast<unsigned>(random.next_below(26));  // 4 us to 2 minutes
        TimeNs now_ns = kStartNs + random_span(random, 40);
        TimerWheel wheel(kIds, now_ns);
        NaiveTimers naive(kIds);
        const auto arm_both = [&](std::uint32_t id, TimeNs deadline_ns) {
            wheel.arm(id, deadline_ns);
            naive.arm(id, deadline_ns);
        };
        for (int step = 0; step < 2'000; ++step) {
            const auto id = static_cast<std::uint32_t>(random.next_below(kIds));
            const std::uint64_t what = random.next_below(8);
            TimeNs deadline_ns = now_ns + random_span(random, what == 0 ? bits + 10 : bits);
            if (what == 1) deadline_ns = now_ns - random.next_below(kSecond);
            if (what == 2) deadline_ns = kNever;
            arm_both(id, deadline_ns);
            REQUIRE(wheel.deadline(id) == naive.deadline(id));
            REQUIRE(wheel.next_wake() <= naive.earliest());
            if (random.chance(1, 2)) continue;
            now_ns += random_span(random, bits);
            const std::size_t due = naive.due_count(now_ns);
            std::size_t fired = 0;
            const TimeNs fired_at_ns = now_ns;
            wheel.expire(now_ns, [&](std::uint32_t due_id) {
                ++fired;
                REQUIRE(naive.deadline(due_id) <= fired_at_ns);
                naive.arm(due_id, kNever);
                if (random.chance(1, 3)) arm_both(due_id, fired_at_ns + random_span(random, bits));
            });
            REQUIRE(fired == due);
        }
    }
}

TEST_CASE("timer wheel: going from wake to wake reaches each deadline in few steps",
          "[base][timer_wheel]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Prng random(seed);
    for (int round = 0; round < 100; ++round) {
        TimeNs now_ns = kStartNs + random_span(random, 40);
        TimerWheel wheel(1, now_ns);
        const TimeNs deadline_ns = now_ns + random_span(random, 38);
        wheel.arm(0, deadline_ns);
        int steps = 0;
        bool fired = false;
        while (!fired) {
            const TimeNs wake_ns = wheel.next_wake();
            REQUIRE(wake_ns <= deadline_ns);
            REQUIRE((wake_ns > now_ns || steps == 0));
            now_ns = std::max(now_ns, wake_ns);
            wheel.expire(now_ns, [&](std::uint32_t) { fired = true; });
            REQUIRE(++steps <= 5);  // one for each level, and one for the deadline
        }
        REQUIRE(now_ns == deadline_ns);
        REQUIRE(wheel.next_wake() == kNever);
    }
}

TEST_CASE("timer wheel: what a call leaves over goes first at the next one", "[base][timer_wheel]") {
    constexpr std::uint32_t kIds = 100;
    constexpr std::uint32_t kFiresMax = 10;
    TimeNs now_ns = kStartNs;
    TimerWheel wheel(kIds, now_ns);
    for (std::uint32_t id = 0; id < kIds; ++id) wheel.arm(id, now_ns + 1);
    std::array<int, kIds> fires{};
    for (int call = 0; call < 30; ++call) {
        now_ns += kMillisecond;
        std::uint32_t fired = 0;
        wheel.expire(
            now_ns,
            [&](std::uint32_t id) {
                ++fired;
                ++fires[id];
                wheel.arm(id, now_ns + 1);  // is due at the next call, as all that is left over
            },
            kFiresMax);
        REQUIRE(fired == kFiresMax);
    }
    for (const int count : fires) CHECK(count == 3);
}
