// What a completion says: which operation of which connection, packed into the 64 bits that the kernel
// returns with it.
//
//      63      56 55                         32 31                                   0
//     +----------+-----------------------------+--------------------------------------+
//     |    op    |         generation          |             slot or index            |
//     +----------+-----------------------------+--------------------------------------+
//
// The generation makes a late completion harmless: it never acts on the slot's next owner.
#pragma once

#include <cstdint>

#include "base/units.hpp"

namespace wsblast::ring {

enum class Op : std::uint8_t {
    connect,    // any member of the chain socket, options, bind, connect: the first failure, or the success
    accept,     // one accepted connection, into the slot that was named
    receive,    // bytes, the end, or an error of a multishot receive
    send,       // only a failure: too short, no room, reset. `slot` is the send's index in its tick
    send_rest,  // the end of a send that waits for room
    shutdown,
    close,
    inspect,  // a descriptor of the slot's socket, to be read and closed at once
    poll,     // a descriptor outside the table became readable (wake-up, another ring's eventfd)
    none,     // nobody waits for it
};

inline constexpr std::uint32_t kGenerationMask = 0x00ff'ffff;

struct UserData {
    Op op = Op::none;
    std::uint32_t generation = 0;  // 24 bits
    std::uint32_t slot = 0;

    [[nodiscard]] constexpr std::uint64_t pack() const {
        return static_cast<std::uint64_t>(op) << 56 |
               static_cast<std::uint64_t>(generation & kGenerationMask) << 32 | slot;
    }
    [[nodiscard]] static constexpr UserData unpack(std::uint64_t bits) {
        return {static_cast<Op>(bits >> 56), static_cast<std::uint32_t>(bits >> 32) & kGenerationMask,
                static_cast<std::uint32_t>(bits)};
    }
};

// A multishot operation says with each completion whether it goes on (IORING_CQE_F_MORE).
enum class Armed : std::uint8_t { no, yes };

inline constexpr std::int32_t kNoBuffer = -1;

// One entry of the completion queue, copied out of it.
struct Completion {
    UserData user_data;
    std::int32_t result = 0;          // >= 0, or -errno
    Armed armed = Armed::no;          // receive: more will come without a new request
    std::int32_t buffer = kNoBuffer;  // receive: the provided buffer that holds the bytes
};

// What a receive completion brought.
struct Received {
    ByteView bytes;
    TimeNs stamp_ns = 0;  // of the kernel, for the last of them: wall clock, 0 when there is none
};

}  // namespace wsblast::ring
