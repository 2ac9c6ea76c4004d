// One direction of a network that is nothing but memory: packets in the order they were sent, and their
// bytes.
#pragma once

#include <cassert>
#include <cstdint>
#include <span>
#include <vector>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

// One end of a connection, for good: ids come back, generations do not.
struct EndName {
    ConnectionId cid = kNoConnection;
    std::uint32_t generation = 0;

    friend bool operator==(EndName, EndName) = default;
};

enum class PacketKind : std::uint8_t {
    open,      // `to` is nobody yet
    accepted,  // the answer to it: `from` is the other end
    refused,   // the other answer
    bytes,
    fin,    // the sender has nothing more to say
    reset,  // the sender is gone
};

struct Packet {
    const std::uint8_t* data = nullptr;
    std::uint32_t size = 0;
    PacketKind kind = PacketKind::bytes;
    EndName to;
    EndName from;
};

// Written by one side, read and emptied by the other, in one thread. The bytes lie in an arena that begins
// anew when the wire is emptied: a packet costs its bytes and one record, whatever the number of
// connections.
//
// Invariant: used_ <= arena_.size(), and every packet's data lies below used_ or is the owner's of
// commit_ref.
class Wire {
  public:
    // `arena_bytes` is at least two of the largest sends, so that has_room() keeps its promise.
    explicit Wire(std::size_t arena_bytes) : arena_(arena_bytes) {
        assert(arena_bytes >= 2 * limits::kSendBytesMax);
    }

    [[nodiscard]] bool ok() const { return arena_.ok(); }

    // Room for a send of any size.
    [[nodiscard]] bool has_room() const { return arena_.size() - used_ >= limits::kSendBytesMax; }

    // Where the next commit's bytes go; empty when they do not fit.
    [[nodiscard]] ByteSpan reserve(std::size_t size) {
        if (arena_.size() - used_ < size) return {};
        return {arena_.data() + used_, size};
    }

    // Sends the first `size` bytes of what reserve() gave last. Pieces of one connection become one packet.
    void commit(EndName to, EndName from, std::size_t size) {
        assert(size <= arena_.size() - used_);
        const std::uint8_t* const data = arena_.data() + used_;
        const auto bytes = static_cast<std::uint32_t>(size);
        used_ += size;
        if (!packets_.empty()) {
            Packet& last = packets_.back();
            if (last.to == to && last.kind == PacketKind::bytes && last.data + last.size == data) {
                last.size += bytes;
                return;
            }
        }
        packets_.push_back({data, bytes, PacketKind::bytes, to, from});
    }

    // Sends bytes that stay where they are.
    void commit_ref(EndName to, EndName from, ByteView bytes) {
        packets_.push_back(
            {bytes.data(), static_cast<std::uint32_t>(bytes.size()), PacketKind::bytes, to, from});
    }

    // Sends a packet without bytes.
    void signal(PacketKind kind, EndName to, EndName from) {
        packets_.push_back({nullptr, 0, kind, to, from});
    }

    [[nodiscard]] std::span<const Packet> packets() const { return packets_; }

    void clear() {
        packets_.clear();
        used_ = 0;
    }

  private:
    MappedArray<std::uint8_t> arena_;
    std::size_t used_ = 0;
    std::vector<Packet> packets_;
};

}  // namespace wsblast::transport
