// Frames on their way from one worker of the server to another: without a lock, in order, and bounded.
//
// A mailbox is a ring of bytes with one writing and one reading thread. An empty one begins anew at its
// first byte, so that only as much memory is ever touched as has waited at once.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/units.hpp"

namespace wsblast::target {

// Invariant: what lies between read_ and written_ are letters, each in one piece, or the mark that the rest
// of the ring is left out. Both only grow; byte `i` of all that was ever written is at (i - start_) %
// kBytes.
class Mailbox {
  public:
    Mailbox() : memory_(kBytes) {}
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    // False: no address space.
    [[nodiscard]] bool ok() const { return memory_.ok(); }

    // The writing thread: a frame for the members of a channel. False: there is no room for it now.
    [[nodiscard]] bool post(std::uint32_t channel, ByteView frame) {
        const std::uint64_t read = read_.load(std::memory_order_acquire);
        std::uint64_t at = written_.load(std::memory_order_relaxed);
        // The reader looks at start_ only when it has something to read.
        if (read == at) start_ = at;
        const std::size_t size = size_of(frame.size());
        const std::size_t to_end = kBytes - place_of(at);
        const std::size_t left_out = to_end < size ? to_end : 0;
        if (at - read + left_out + size > kBytes) return false;
        if (left_out > 0) {
            put({kRestIsLeftOut, 0}, at);
            at += left_out;
        }
        put({channel, static_cast<std::uint32_t>(frame.size())}, at);
        std::memcpy(memory_.data() + place_of(at) + sizeof(Head), frame.data(), frame.size());
        written_.store(at + size, std::memory_order_release);
        return true;
    }

    // The reading thread: take(channel, frame) for frames that have been posted by now, as long as those
    // before have less than `bytes_max`. A frame dies on return. True: there is nothing left.
    template <class Take>
    bool collect(std::size_t bytes_max, Take&& take) {
        const std::uint64_t written = written_.load(std::memory_order_acquire);
        std::uint64_t at = read_.load(std::memory_order_relaxed);
        const std::uint64_t end = std::min(written, at + bytes_max);
        while (at < end) {
            const std::size_t place = place_of(at);
            Head head;
            std::memcpy(&head, memory_.data() + place, sizeof head);
            if (head.channel == kRestIsLeftOut) {
                at += kBytes - place;
                continue;
            }
            take(head.channel, ByteView(memory_.data() + place + sizeof head, head.size));
            at += size_of(head.size);
        }
        read_.store(at, std::memory_order_release);
        return at == written;
    }

  private:
    // What stands before a frame. Letters begin at multiples of its size: there is always room for one.
    struct Head {
        std::uint32_t channel;
        std::uint32_t size;  // of the frame
    };
    static constexpr std::size_t kBytes = limits::kMailboxBytes;
    static constexpr std::uint32_t kRestIsLeftOut = ~0u;
    static_assert(kBytes % sizeof(Head) == 0);

    [[nodiscard]] static constexpr std::size_t size_of(std::size_t frame_size) {
        return (sizeof(Head) + frame_size + sizeof(Head) - 1) / sizeof(Head) * sizeof(Head);
    }
    [[nodiscard]] std::size_t place_of(std::uint64_t at) const { return (at - start_) % kBytes; }
    void put(const Head& head, std::uint64_t at) {
        std::memcpy(memory_.data() + place_of(at), &head, sizeof head);
    }

    MappedArray<std::uint8_t> memory_;
    // The writer's: published by written_.
    alignas(limits::kCacheLineBytes) std::atomic<std::uint64_t> written_{0};
    std::uint64_t start_ = 0;
    // The reader's.
    alignas(limits::kCacheLineBytes) std::atomic<std::uint64_t> read_{0};
};

// The mailboxes of a server, one for each ordered pair of its workers, and how a worker is told that there
// is something in its own. A single worker has none.
class MailRoom {
  public:
    explicit MailRoom(std::uint32_t workers)
        : workers_(workers), boxes_(workers > 1 ? workers * workers : 0), wakes_(workers) {}

    [[nodiscard]] bool ok() const {
        for (const Mailbox& box : boxes_) {
            if (!box.ok()) return false;
        }
        return true;
    }
    [[nodiscard]] Mailbox& box(std::uint32_t from, std::uint32_t to) {
        return boxes_[from * workers_ + to];
    }

    // `wake` makes the worker's poll return, from any thread. Before the workers go.
    void set_wake(std::uint32_t worker, std::function<void()> wake) { wakes_[worker] = std::move(wake); }
    void wake(std::uint32_t worker) const {
        if (wakes_[worker]) wakes_[worker]();
    }

  private:
    std::uint32_t workers_;
    std::vector<Mailbox> boxes_;
    std::vector<std::function<void()>> wakes_;
};

}  // namespace wsblast::target
