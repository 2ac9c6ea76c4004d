// The kernel's receive stamps: when it took bytes from the network, which is before anybody could read
// them.
//
// They come in front of the bytes, in the header of a recvmsg, and on the wall clock; StampClock brings
// them to the monotonic one. Several segments that are read at once carry one stamp, that of the last.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/limits.hpp"
#include "base/units.hpp"

namespace wsblast::ring {

enum class Stamps : std::uint8_t {
    none,
    kernel,  // of the connections that a ring opens; the others are received without
};

// The value of SO_TIMESTAMPING that asks for them.
extern const int kStampFlags;

// What stands in a receive buffer before the bytes: io_uring's header, then one control message.
inline constexpr std::size_t kStampControlBytes = 64;
inline constexpr std::size_t kStampHeaderBytes = 16 + kStampControlBytes;

// The stamp in a buffer that begins with such a header: wall clock, 0 when there is none.
[[nodiscard]] TimeNs read_stamp(const std::uint8_t* header);

// The wall clock, read between two readings of the monotonic one.
struct ClockReading {
    TimeNs before_ns = 0;
    TimeNs wall_ns = 0;
    TimeNs after_ns = 0;
};

// How far the wall clock is ahead of the monotonic one. Both run at the same pace; the wall clock may be
// stepped, which is noticed at the next refresh. One thread.
class StampClock {
  public:
    // Reads both clocks, when limits::kStampClockNs have passed since it did so last.
    void refresh(TimeNs now_ns);

    // Keeps the reading that says most: a narrower one, or one that contradicts what was known: a step.
    void learn(const ClockReading& reading);

    // A stamp of bytes that are read at `now_ns`, on the monotonic clock. 0: there was none, or none that
    // can be true: later than now, or older than limits::kStampAgeMaxNs.
    [[nodiscard]] TimeNs to_monotonic(TimeNs stamp_ns, TimeNs now_ns) const {
        if (stamp_ns == 0) return 0;
        const TimeNs age_ns = now_ns - (stamp_ns - ahead_ns_);  // wraps when it is from the future
        return age_ns <= limits::kStampAgeMaxNs ? now_ns - age_ns : 0;
    }

  private:
    TimeNs ahead_ns_ = 0;
    TimeNs uncertainty_ns_ = kNever;
    TimeNs refresh_at_ns_ = 0;
};

}  // namespace wsblast::ring
