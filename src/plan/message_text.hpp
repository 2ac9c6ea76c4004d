// The text of a message with holes: what stands between {{ and }} differs from one message to the next.
//
//     {"id":{{$seq}},"at":{{$timestamp}},"by":"{{$uuid}}"}
//
//     $seq                  1, 2, ... on each connection
//     $connection           the connection's index in the run, from 0
//     $timestamp            Unix time in milliseconds
//     $uuid                 version 4
//     $randomNumber(a,b)    a whole number of a .. b, both included
//     $randomString(n)      n characters of a-z, A-Z and 0-9
//
// All but $timestamp are pure functions of (seed, connection, number of the message, place in the text), so
// nothing that was sent has to be remembered. "{{" that is not followed by "$" is text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace wsblast::plan {

enum class HoleKind : std::uint8_t { seq, connection, timestamp, uuid, random_number, random_string };

// Which message of a run it is.
struct MessageId {
    std::uint32_t connection = 0;
    std::uint64_t number = 0;  // of its connection, from 1; 0: the setup message
    std::uint64_t unix_ms = 0;
};

// Made before the run; then any thread, and nothing is allocated.
class MessageText {
  public:
    // A literal, and the hole that follows it.
    struct Piece {
        std::string literal;
        HoleKind kind = HoleKind::seq;
        std::uint64_t low = 0;  // random_number: the range; random_string: `low` characters
        std::uint64_t high = 0;
        std::uint32_t place = 0;  // which hole of the text it is
    };

    MessageText() = default;
    // Usage error: a name that is none of the above, or arguments it does not take; it tells where.
    [[nodiscard]] static Result<MessageText> parse(std::string_view text, std::uint64_t seed);
    // Of pieces that another text has, followed by `tail`.
    MessageText(std::vector<Piece> pieces, std::string tail, std::uint64_t seed);

    // The same message, compressed for a window of that many bits: a hole is a stored block of it.
    [[nodiscard]] MessageText deflated(int window_bits) const;
    // How many bytes that saves of each message; negative where it costs some. 0 of what is not compressed.
    [[nodiscard]] std::int64_t saved_bytes() const { return saved_bytes_; }

    [[nodiscard]] bool constant() const { return pieces_.empty(); }
    [[nodiscard]] bool has(HoleKind kind) const;
    [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
    [[nodiscard]] const std::string& tail() const { return tail_; }
    [[nodiscard]] std::uint64_t seed() const { return seed_; }

    // The size of a message's text, and of the largest one.
    [[nodiscard]] std::size_t size(const MessageId& id) const;
    [[nodiscard]] std::size_t size_max() const;
    // Writes size() bytes; returns the end.
    std::uint8_t* write(std::uint8_t* out, const MessageId& id) const;
    [[nodiscard]] std::string to_string(const MessageId& id) const;

  private:
    [[nodiscard]] std::uint64_t draw_for(const Piece& piece, const MessageId& id) const;
    [[nodiscard]] std::size_t hole_size(const Piece& piece, const MessageId& id) const;
    std::uint8_t* write_hole(std::uint8_t* out, const Piece& piece, const MessageId& id) const;

    std::vector<Piece> pieces_;
    std::string tail_;
    std::size_t literal_bytes_ = 0;
    std::size_t hole_header_bytes_ = 0;  // before each hole
    std::int64_t saved_bytes_ = 0;
    std::uint64_t seed_ = 0;
};

}  // namespace wsblast::plan
