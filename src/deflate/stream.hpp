// zlib's raw deflate (RFC 1951) a message at a time, as permessage-deflate needs it (RFC 7692 7.2): each
// message ends at a byte, without the four bytes 00 00 ff ff of the flush that made it so.
//
// Both ends are resumable at every byte, and write no more than there is room for. What a deflater needs is
// allocated when it is made; an inflater takes its window with the first message. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>

#include "base/units.hpp"

struct z_stream_s;

namespace wsblast::deflate {

// Of the LZ77 window, as a power of two (RFC 7692 7.1.2).
inline constexpr int kWindowBitsMin = 8;
inline constexpr int kWindowBitsMax = 15;

// Of a deflater, 1 .. 9: how many symbols a block has, and how well a repetition is found (zlib's
// memLevel).
inline constexpr int kMemoryLevelUsual = 8;

enum class StreamStatus : std::uint8_t {
    consumed,   // all input is taken, and all that comes of it is written
    full,       // there may be more to write: go on with what is left of the input, be it nothing
    damaged,    // no deflate, or further back than the window: nothing more is read
    no_memory,  // for the window: nothing more is read
};

struct StreamStep {
    StreamStatus status = StreamStatus::consumed;
    std::size_t consumed = 0;
    std::size_t produced = 0;
};

struct StreamEnd {
    void operator()(z_stream_s* stream) const;
};

class Inflater {
  public:
    // kWindowBitsMin .. kWindowBitsMax.
    explicit Inflater(int window_bits);
    // What it takes, at most.
    [[nodiscard]] static std::uint64_t memory_bytes(int window_bits);
    // False: there was no memory.
    [[nodiscard]] bool ok() const { return stream_ != nullptr; }

    // A part of a message. `out` is not empty.
    [[nodiscard]] StreamStep inflate(ByteView in, ByteSpan out);
    // The message has ended: what was still held back of it. Again after `full`. The window stays.
    [[nodiscard]] StreamStep finish(ByteSpan out);
    // Forgets everything, the window too; what follows is of another size of window.
    void reset(int window_bits);

  private:
    [[nodiscard]] StreamStep run(ByteView in, ByteSpan out);

    std::unique_ptr<z_stream_s, StreamEnd> stream_;
    std::uint8_t tail_sent_ = 0;  // bytes of the flush that were put back so far
};

// Where a part of a message ends.
enum class DeflateEnd : std::uint8_t {
    part,     // at a byte: what follows may refer to it
    restart,  // at a byte, and nothing that follows refers to what was before
    message,  // the same as `part`, without the last four bytes
};

struct Deflated {
    bool fits = false;  // false: `out` was too small, and the deflater has to be reset
    std::size_t size = 0;
};

class Deflater {
  public:
    // Level 1 .. 9. zlib knows no window of 8 bits: 9 bits are taken, with which no distance is above 250,
    // so that 8 bits inflate it.
    Deflater(int window_bits, int level, int memory_level = kMemoryLevelUsual);
    ~Deflater();
    Deflater(Deflater&&) noexcept = default;
    Deflater& operator=(Deflater&&) noexcept = default;

    // What it takes: 261 KiB with a window of 15 bits and the usual level of memory.
    [[nodiscard]] static std::uint64_t memory_bytes(int window_bits, int memory_level = kMemoryLevelUsual);
    // False: there was no memory.
    [[nodiscard]] bool ok() const { return stream_ != nullptr; }

    // A whole message, or a part of one. `out` of size_max() is always enough.
    [[nodiscard]] Deflated deflate(ByteView in, DeflateEnd end, ByteSpan out);
    [[nodiscard]] static std::size_t size_max(std::size_t size);
    // Forgets the window.
    void reset();

  private:
    struct End {
        void operator()(z_stream_s* stream) const;
    };
    std::unique_ptr<z_stream_s, End> stream_;
};

}  // namespace wsblast::deflate
