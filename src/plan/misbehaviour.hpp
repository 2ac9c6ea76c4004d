// Clients that misbehave on purpose, beside those that are measured: what they do wrong, and how they end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wsblast::plan {

// After their upgrade. They answer pings and closes where nothing else is said.
enum class Misbehaviour : std::uint8_t {
    slow_reader,   // sends the run's messages, and reads a little once a second
    half_open,     // is gone without a word: reads nothing, sends nothing, and TCP stays
    no_pong,       // reads, and answers no ping
    byte_sender,   // sends the run's messages byte by byte
    oversized,     // begins a message of 1 TiB
    invalid_utf8,  // sends text that is not UTF-8
    stall,         // sends half of a frame, and no more
};
inline constexpr std::array kMisbehaviours{
    Misbehaviour::slow_reader, Misbehaviour::half_open,    Misbehaviour::no_pong, Misbehaviour::byte_sender,
    Misbehaviour::oversized,   Misbehaviour::invalid_utf8, Misbehaviour::stall};

// "slow-reader"
[[nodiscard]] constexpr std::string_view to_text(Misbehaviour kind) {
    switch (kind) {
        case Misbehaviour::slow_reader: return "slow-reader";
        case Misbehaviour::half_open: return "half-open";
        case Misbehaviour::no_pong: return "no-pong";
        case Misbehaviour::byte_sender: return "byte-sender";
        case Misbehaviour::oversized: return "oversized";
        case Misbehaviour::invalid_utf8: return "invalid-utf8";
        case Misbehaviour::stall: return "stall";
    }
    return "";
}

// A share of all connections; 0 .. 1.
struct MisbehaviourShare {
    Misbehaviour kind = Misbehaviour::slow_reader;
    double share = 0;
};

}  // namespace wsblast::plan
