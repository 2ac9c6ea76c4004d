// What came of the connections that misbehaved on purpose. They are in no other figure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stats/key_counts.hpp"

namespace wsblast::stats {

// How one of them ended.
enum class BadEnd : std::uint8_t {
    failed,   // before its upgrade was done, or by our own lack of memory
    closed,   // by a close frame of the server
    dropped,  // by the server, without a close frame
    reset,    // by the server, or a network
    open,     // not at all: still open when the run was over
};

// `kind`: a number from 0, which only who counts understands.
struct BadEndKey {
    std::uint8_t kind = 0;
    BadEnd end = BadEnd::failed;
    std::uint16_t code = 0;  // of the server's close frame

    // As a key of KeyCounts, never 0.
    [[nodiscard]] constexpr std::uint32_t pack() const {
        return (std::uint32_t{kind} + 1) << 24 | static_cast<std::uint32_t>(end) << 16 | code;
    }
    [[nodiscard]] static constexpr BadEndKey unpack(std::uint32_t key) {
        return {static_cast<std::uint8_t>((key >> 24) - 1), static_cast<BadEnd>(key >> 16 & 0xff),
                static_cast<std::uint16_t>(key)};
    }
};

// Those of one kind.
struct Misbehaving {
    std::string kind{};
    std::uint64_t connections = 0;
    std::uint64_t failed = 0;
    std::uint64_t dropped = 0;
    std::uint64_t reset = 0;
    std::uint64_t open = 0;
    std::map<std::uint16_t, std::uint64_t> close_codes{};  // received; 1005: a close frame without a code

    // One of them ended like that.
    void add(const BadEndKey& key, std::uint64_t count) {
        switch (key.end) {
            case BadEnd::failed: failed += count; break;
            case BadEnd::closed: close_codes[key.code] += count; break;
            case BadEnd::dropped: dropped += count; break;
            case BadEnd::reset: reset += count; break;
            case BadEnd::open: open += count; break;
        }
    }
};

}  // namespace wsblast::stats
