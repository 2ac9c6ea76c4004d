#include "ring/stamps.hpp"

#include <array>
#include <cstring>

#include <catch2/catch.hpp>
#include <liburing.h>
#include <sys/socket.h>

#include "base/clock.hpp"

using namespace wsblast;
using namespace wsblast::ring;

namespace {

constexpr TimeNs kWall = 1'800'000'000 * kSecond;  // of moment 0
constexpr TimeNs kNow = 100 * kSecond;

// Read at `now_ns`, while the wall clock is `ahead_ns` ahead.
ClockReading reading(TimeNs now_ns, TimeNs ahead_ns, TimeNs width_ns = 40) {
    return {now_ns - width_ns / 2, now_ns + ahead_ns, now_ns + width_ns / 2};
}

// As cmsg(3) has it, without the bytes that follow.
struct Control {
    std::size_t length = 0;
    int level = 0;
    int type = 0;
};

struct Header {
    io_uring_recvmsg_out out{};
    Control control{};
    timespec stamps[3]{};
};

TimeNs stamp_of(const Header& header) {
    std::array<std::uint8_t, sizeof(Header)> bytes{};
    std::memcpy(bytes.data(), &header, sizeof header);
    return read_stamp(bytes.data());
}

Header stamped(TimeNs stamp_ns) {
    Header header;
    header.out.controllen = sizeof(Header) - sizeof header.out;
    header.control = {sizeof(Header) - sizeof header.out, SOL_SOCKET, SCM_TIMESTAMPING};
    header.stamps[0] = {static_cast<time_t>(stamp_ns / kSecond), static_cast<long>(stamp_ns % kSecond)};
    return header;
}

}  // namespace

TEST_CASE("stamps: a header holds the stamp of the kernel's software", "[ring][stamps]") {
    static_assert(sizeof(Header) == kStampHeaderBytes);
    CHECK(stamp_of(stamped(kWall + 5)) == kWall + 5);
    Header other = stamped(kWall);
    other.control.type = SCM_RIGHTS;
    CHECK(stamp_of(other) == 0);
    Header none = stamped(kWall);
    none.out.controllen = 0;
    CHECK(stamp_of(none) == 0);
}

TEST_CASE("stamp clock: a stamp is the same moment on the monotonic clock", "[ring][stamps]") {
    StampClock clock;
    clock.learn(reading(kNow, kWall));
    CHECK(clock.to_monotonic(kWall + kNow - 3'000, kNow) + 1 >= kNow - 3'000);
    CHECK(clock.to_monotonic(kWall + kNow - 3'000, kNow) <= kNow - 3'000 + 1);
    CHECK(clock.to_monotonic(0, kNow) == 0);
}

TEST_CASE("stamp clock: a stamp that cannot be true is none", "[ring][stamps]") {
    StampClock clock;
    CHECK(clock.to_monotonic(kWall + kNow, kNow) == 0);  // nothing was learnt yet
    clock.learn(reading(kNow, kWall));
    CHECK(clock.to_monotonic(kWall + kNow + kMicrosecond, kNow) == 0);
    CHECK(clock.to_monotonic(kWall + kNow - limits::kStampAgeMaxNs - kMicrosecond, kNow) == 0);
    CHECK(clock.to_monotonic(kWall + kNow - limits::kStampAgeMaxNs + kMicrosecond, kNow) > 0);
}

TEST_CASE("stamp clock: a worse reading of the same clock changes nothing, a better one does",
          "[ring][stamps]") {
    StampClock clock;
    clock.learn(reading(kNow, kWall + 300, 1'000));
    const TimeNs stamp_ns = kWall + kNow - kMillisecond;
    const TimeNs first_ns = clock.to_monotonic(stamp_ns, kNow);
    clock.learn(reading(kNow, kWall + 400, 2'000));
    CHECK(clock.to_monotonic(stamp_ns, kNow) == first_ns);
    clock.learn(reading(kNow, kWall, 40));
    CHECK(clock.to_monotonic(stamp_ns, kNow) > first_ns);
}

TEST_CASE("stamp clock: a step of the wall clock is followed, forward and back", "[ring][stamps]") {
    StampClock clock;
    clock.learn(reading(kNow, kWall));
    for (const TimeNs ahead_ns : {kWall + kHour, kWall - kHour, kWall + kMillisecond}) {
        clock.learn(reading(kNow, ahead_ns, 5'000));
        const TimeNs stamp_ns = clock.to_monotonic(ahead_ns + kNow - 10 * kMicrosecond, kNow);
        CHECK(stamp_ns >= kNow - 13 * kMicrosecond);
        CHECK(stamp_ns <= kNow - 7 * kMicrosecond);
    }
}

TEST_CASE("stamp clock: it reads the clocks of this machine", "[ring][stamps]") {
    StampClock clock;
    clock.refresh(monotonic_now());
    const TimeNs before_ns = monotonic_now();
    const TimeNs wall_ns = read_clock(CLOCK_REALTIME);
    const TimeNs after_ns = monotonic_now();
    const TimeNs stamp_ns = clock.to_monotonic(wall_ns, after_ns + kMillisecond);
    CHECK(stamp_ns + 100 * kMicrosecond >= before_ns);
    CHECK(stamp_ns <= after_ns + 100 * kMicrosecond);
}
