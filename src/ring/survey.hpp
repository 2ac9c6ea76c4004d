// What io_uring has here of all that wsblast asks of it, one by one, for a person to read: features.hpp
// finds out what a run needs to know. The main thread; makes rings of 8 entries and closes them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wsblast::ring {

enum class Presence : std::uint8_t { there, missing };

// One thing that is asked of the kernel.
struct UsedFeature {
    std::string_view name;     // "IORING_OP_BIND"
    std::string_view since;    // the Linux that brought it: "6.11"
    std::string_view without;  // what happens instead; empty: it cannot be done without
    Presence presence = Presence::there;

    [[nodiscard]] bool needed() const { return without.empty(); }
};

// Whose limit the memory of a ring counts against. The kernel's documentation says that since Linux 5.12
// it is RLIMIT_MEMLOCK's no longer; on 6.18 it is again, without CAP_IPC_LOCK.
enum class RingMemory : std::uint8_t { uncounted, locked };

struct Survey {
    std::vector<UsedFeature> features;
    RingMemory memory = RingMemory::uncounted;
};

// The overrides of WSBLAST_RING count here as they do in probe_features. Errors are those of
// explain_setup_failure.
[[nodiscard]] Result<Survey> survey();

// The bytes that one ring of a run locks where they are counted: its queues and its ring of buffers.
[[nodiscard]] std::uint64_t locked_bytes_per_ring();

}  // namespace wsblast::ring
