#include "deflate/stream.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include <zlib.h>

namespace wsblast::deflate {

namespace {

// What a sender takes away from the end of each message, and a receiver puts back (RFC 7692 7.2.1, 7.2.2).
constexpr std::array<std::uint8_t, 4> kFlushTail{0x00, 0x00, 0xff, 0xff};

// Raw deflate is asked for by a negative number.
int raw(int window_bits) {
    return -std::clamp(window_bits, kWindowBitsMin, kWindowBitsMax);
}

constexpr int kDeflateBitsMin = 9;
constexpr int deflate_bits(int window_bits) {
    return std::max(std::min(window_bits, kWindowBitsMax), kDeflateBitsMin);
}

// What zlib takes besides window and tables: seen were 7,160 and 5,952 bytes (zlib 1.2.13).
constexpr std::uint64_t kInflateStateBytes = 7 * kKiB;
constexpr std::uint64_t kDeflateStateBytes = 6 * kKiB;

// Null: there is no memory.
z_stream* new_stream() {
    return new (std::nothrow) z_stream{};
}

uInt clamped(std::size_t size) {
    return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

void set(z_stream& stream, ByteView in, ByteSpan out) {
    // zlib does not write to its input; its interface is older than const.
    stream.next_in = const_cast<Bytef*>(in.data());
    stream.avail_in = clamped(in.size());
    stream.next_out = out.data();
    stream.avail_out = clamped(out.size());
}

// Otherwise the flush was taken for a part of what came before: that is cut off.
bool between_blocks(const z_stream& stream) {
    constexpr int kAfterBlock = 128;
    return (stream.data_type & kAfterBlock) != 0;
}

}  // namespace

void StreamEnd::operator()(z_stream_s* stream) const {
    inflateEnd(stream);
    delete stream;
}

Inflater::Inflater(int window_bits) : stream_(new_stream()) {
    if (stream_ == nullptr || inflateInit2(stream_.get(), raw(window_bits)) == Z_OK) return;
    delete stream_.release();
}

std::uint64_t Inflater::memory_bytes(int window_bits) {
    return kInflateStateBytes + (std::uint64_t{1} << -raw(window_bits));
}

void Inflater::reset(int window_bits) {
    tail_sent_ = 0;
    inflateReset2(stream_.get(), raw(window_bits));
}

StreamStep Inflater::run(ByteView in, ByteSpan out) {
    StreamStep step;
    for (;;) {
        const ByteView rest = in.subspan(step.consumed);
        set(*stream_, rest, out.subspan(step.produced));
        const uInt before = stream_->avail_in;
        const int result = ::inflate(stream_.get(), Z_SYNC_FLUSH);
        step.consumed += before - stream_->avail_in;
        step.produced = out.size() - stream_->avail_out;
        // A last block is an end for zlib and none for the message (RFC 7692 7.2.3.4): the window stays.
        if (result == Z_STREAM_END) inflateResetKeep(stream_.get());
        if (result == Z_MEM_ERROR) return step.status = StreamStatus::no_memory, step;
        const bool sound = result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
        if (!sound) return step.status = StreamStatus::damaged, step;
        if (step.produced == out.size()) return step.status = StreamStatus::full, step;
        if (step.consumed == in.size()) return step;
    }
}

StreamStep Inflater::inflate(ByteView in, ByteSpan out) {
    return run(in, out);
}

StreamStep Inflater::finish(ByteSpan out) {
    StreamStep step = run(ByteView(kFlushTail).subspan(tail_sent_), out);
    tail_sent_ = static_cast<std::uint8_t>(tail_sent_ + step.consumed);
    step.consumed = 0;
    if (step.status != StreamStatus::consumed) return step;
    tail_sent_ = 0;
    if (!between_blocks(*stream_)) step.status = StreamStatus::damaged;
    return step;
}

Deflater::Deflater(int window_bits, int level, int memory_level) : stream_(new_stream()) {
    const int bits = -deflate_bits(window_bits);
    if (stream_ == nullptr ||
        deflateInit2(stream_.get(), level, Z_DEFLATED, bits, memory_level, Z_DEFAULT_STRATEGY) == Z_OK)
        return;
    delete stream_.release();
}

Deflater::~Deflater() = default;

// The window twice and its chains, 2 bytes for each of its places; the hash heads and the pending block
// (zlib.h, zconf.h: "Memory requirements for deflate").
std::uint64_t Deflater::memory_bytes(int window_bits, int memory_level) {
    return kDeflateStateBytes + (std::uint64_t{1} << (deflate_bits(window_bits) + 2)) +
           (std::uint64_t{1} << (memory_level + 9));
}

void Deflater::End::operator()(z_stream_s* stream) const {
    deflateEnd(stream);
    delete stream;
}

// deflateBound() knows no flush: its blocks end in at most six bytes more.
std::size_t Deflater::size_max(std::size_t size) {
    constexpr std::size_t kFlushMax = 16;
    return deflateBound(nullptr, size) + kFlushMax;
}

void Deflater::reset() {
    deflateReset(stream_.get());
}

Deflated Deflater::deflate(ByteView in, DeflateEnd end, ByteSpan out) {
    set(*stream_, in, out);
    const int flush = end == DeflateEnd::restart ? Z_FULL_FLUSH : Z_SYNC_FLUSH;
    const int result = ::deflate(stream_.get(), flush);
    if (in.empty() && result == Z_BUF_ERROR) {
        // Nothing since the last flush, and zlib does not flush twice: an empty stored block by hand.
        constexpr std::array<std::uint8_t, 5> kEmptyBlock{0x00, 0x00, 0x00, 0xff, 0xff};
        const std::size_t size = end == DeflateEnd::message ? 1 : kEmptyBlock.size();
        if (out.size() < size) return {};
        std::copy_n(kEmptyBlock.begin(), size, out.begin());
        return {true, size};
    }
    // With room left the flush is complete.
    if (result != Z_OK || stream_->avail_in > 0 || stream_->avail_out == 0) return {};
    const std::size_t size = out.size() - stream_->avail_out;
    return {true, end == DeflateEnd::message ? size - kFlushTail.size() : size};
}

}  // namespace wsblast::deflate
