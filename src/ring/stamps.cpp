#include "ring/stamps.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <liburing.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <sys/socket.h>

#include "base/clock.hpp"

namespace wsblast::ring {

const int kStampFlags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;

static_assert(sizeof(io_uring_recvmsg_out) + kStampControlBytes == kStampHeaderBytes);
static_assert(CMSG_SPACE(sizeof(scm_timestamping)) == kStampControlBytes);

TimeNs read_stamp(const std::uint8_t* header) {
    io_uring_recvmsg_out out{};
    std::memcpy(&out, header, sizeof out);
    if (out.controllen < CMSG_LEN(sizeof(scm_timestamping))) return 0;
    cmsghdr control{};
    std::memcpy(&control, header + sizeof out, sizeof control);
    if (control.cmsg_level != SOL_SOCKET || control.cmsg_type != SCM_TIMESTAMPING) return 0;
    scm_timestamping stamps{};
    std::memcpy(&stamps, header + sizeof out + CMSG_LEN(0), sizeof stamps);
    const timespec& by_software = stamps.ts[0];  // the others are legacy and hardware
    return static_cast<TimeNs>(by_software.tv_sec) * kSecond + static_cast<TimeNs>(by_software.tv_nsec);
}

void StampClock::refresh(TimeNs now_ns) {
    constexpr int kReadings = 3;  // an interrupt in the middle widens one of them
    if (now_ns < refresh_at_ns_) return;
    refresh_at_ns_ = now_ns + limits::kStampClockNs;
    ClockReading narrowest{0, 0, kNever};
    for (int i = 0; i < kReadings; ++i) {
        const ClockReading reading{monotonic_now(), read_clock(CLOCK_REALTIME), monotonic_now()};
        if (reading.after_ns - reading.before_ns < narrowest.after_ns - narrowest.before_ns)
            narrowest = reading;
    }
    learn(narrowest);
}

void StampClock::learn(const ClockReading& reading) {
    const TimeNs uncertainty_ns = (reading.after_ns - reading.before_ns) / 2 + 1;
    const TimeNs ahead_ns = reading.wall_ns - (reading.before_ns + uncertainty_ns);
    const auto apart_ns = static_cast<TimeNs>(std::llabs(static_cast<std::int64_t>(ahead_ns - ahead_ns_)));
    const bool narrower = uncertainty_ns < uncertainty_ns_;
    if (!narrower && apart_ns <= uncertainty_ns + uncertainty_ns_) return;
    ahead_ns_ = ahead_ns;
    uncertainty_ns_ = uncertainty_ns;
}

}  // namespace wsblast::ring
