#include "transport/accept_pace.hpp"

#include <cstdlib>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

namespace wsblast::transport {

namespace {

// Accepts whenever it may, looking every `look_ns`: how many within a time.
int accept_all(AcceptPace& pace, TimeNs from_ns, TimeNs to_ns, TimeNs look_ns) {
    int count = 0;
    for (TimeNs now_ns = from_ns; now_ns < to_ns; now_ns += look_ns) {
        while (pace.next_ns() <= now_ns) {
            pace.take(now_ns);
            ++count;
        }
    }
    return count;
}

TEST_CASE("accept pace: over a time it is the rate, however late somebody looks", "[transport][accept]") {
    const TimeNs look_ns = GENERATE(10 * kMicrosecond, kMillisecond, 4 * kMillisecond);
    AcceptPace pace(3'000);
    const int burst = 3'000 / 200;  // of kAcceptBurstNs
    const int first = accept_all(pace, kSecond, 2 * kSecond, look_ns);
    CHECK(first >= 3'000 - 3'000 / 250);
    CHECK(first <= 3'000 + burst + 1);
    const int second = accept_all(pace, 2 * kSecond, 3 * kSecond, look_ns);
    CHECK(std::abs(second - 3'000) <= 3'000 / 250);
}

TEST_CASE("accept pace: after a pause a few are accepted at once, and no more", "[transport][accept]") {
    AcceptPace slow(10);
    CHECK(accept_all(slow, kMinute, kMinute + 1, 1) == 2);
    AcceptPace fast(10'000);
    CHECK(accept_all(fast, kMinute, kMinute + 1, 1) == 50);
}

TEST_CASE("accept pace: who was too early makes the next one wait longer", "[transport][accept]") {
    AcceptPace pace(100);
    for (int i = 0; i < 12; ++i) pace.take(kSecond);
    // Two of the twelve were paid for.
    CHECK(pace.next_ns() == kSecond + 11 * 10 * kMillisecond);
}

TEST_CASE("accept pace: no accept of any thread is forgotten", "[transport][accept]") {
    constexpr int kThreads = 4;
    constexpr int kAccepts = 20'000;
    AcceptPace pace(1'000);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < kAccepts; ++k) pace.take(kSecond);
        });
    }
    for (std::thread& thread : threads) thread.join();
    const TimeNs paid_ns = kThreads * kAccepts * kMillisecond;
    CHECK(pace.next_ns() == kSecond - limits::kAcceptBurstNs + paid_ns + kMillisecond);
}

}  // namespace

}  // namespace wsblast::transport
