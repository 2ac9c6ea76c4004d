#include "target/burner.hpp"

#include <catch2/catch.hpp>

#include "base/clock.hpp"

namespace wsblast::target {

namespace {

// How many of the messages of a second, `apart_ns` from each other, were above the rate.
int overheated(Burner& burner, TimeNs from_ns, TimeNs apart_ns) {
    int count = 0;
    for (TimeNs at_ns = from_ns; at_ns < from_ns + kSecond; at_ns += apart_ns)
        count += burner.overheats(at_ns) ? 1 : 0;
    return count;
}

TEST_CASE("burner: it is told from what is never wanted", "[target][burner]") {
    CHECK_FALSE(Burner({}).active());
    CHECK(Burner({kMicrosecond, 1}).active());
}

TEST_CASE("burner: below the rate nothing is burnt, above it everything is", "[target][burner]") {
    Burner burner({30 * kMicrosecond, 5'000});
    CHECK(overheated(burner, kSecond, kSecond / 4'000) == 0);
    // The last 100 ms begin to be above the rate within 100 ms.
    const int above = overheated(burner, 2 * kSecond, kSecond / 6'250);
    CHECK(above > 5'600);
    CHECK(above < 6'250);
    CHECK(overheated(burner, 3 * kSecond, kSecond / 6'250) == 6'250);
    // And to be below it.
    CHECK(overheated(burner, 4 * kSecond, kSecond / 4'000) < 400);
    CHECK(overheated(burner, 5 * kSecond, kSecond / 4'000) == 0);
}

TEST_CASE("burner: what came before a pause does not count", "[target][burner]") {
    Burner burner({30 * kMicrosecond, 5'000});
    CHECK(overheated(burner, kSecond, kSecond / 10'000) > 9'000);
    CHECK_FALSE(burner.overheats(2 * kSecond + 2 * limits::kBurnWindowNs));
}

TEST_CASE("burner: the CPU is busy for the time that was asked for", "[target][burner]") {
    constexpr TimeNs kTotal = 20 * kMillisecond;
    const TimeNs begin_ns = monotonic_now();
    for (int i = 0; i < 100; ++i) burn_cpu(kTotal / 100);
    CHECK(monotonic_now() - begin_ns >= kTotal);
}

}  // namespace

}  // namespace wsblast::target
