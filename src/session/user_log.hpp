// Lines that virtual users write (log steps, console.*), from their worker to who shows them: a ring of
// bytes, no lock. When nobody reads fast enough, lines are left out and counted.
//
// One writer, one reader.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/units.hpp"

namespace wsblast::session {

// Invariant: bytes from read_ to written_ are whole lines, each behind its size.
class UserLog {
  public:
    UserLog() : bytes_(kBytes) {}

    [[nodiscard]] bool ok() const { return bytes_.ok(); }

    // The writer's thread.
    void write(std::string_view line) {
        const auto size = static_cast<std::uint32_t>(std::min(line.size(), kLineMax));
        const std::uint64_t at = written_.load(std::memory_order_relaxed);
        const std::uint64_t used = at - read_.load(std::memory_order_acquire);
        if (used + sizeof size + size > kBytes) {
            left_out_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        put(at, &size, sizeof size);
        put(at + sizeof size, line.data(), size);
        written_.store(at + sizeof size + size, std::memory_order_release);
    }

    // The reader's thread: calls show(line) for all that were written since the last call.
    template <class Show>
    void read(Show&& show) {
        std::uint64_t at = read_.load(std::memory_order_relaxed);
        const std::uint64_t end = written_.load(std::memory_order_acquire);
        while (at < end) {
            std::uint32_t size = 0;
            get(at, &size, sizeof size);
            line_.resize(size);
            get(at + sizeof size, line_.data(), size);
            at += sizeof size + size;
            show(std::string_view(line_));
        }
        read_.store(at, std::memory_order_release);
    }
    // Any thread.
    [[nodiscard]] std::uint64_t left_out() const { return left_out_.load(std::memory_order_relaxed); }

  private:
    static constexpr std::size_t kBytes = kMiB;
    static constexpr std::size_t kLineMax = 16 * kKiB;

    void put(std::uint64_t at, const void* from, std::size_t size) {
        const std::size_t begin = at % kBytes;
        const std::size_t first = std::min(size, kBytes - begin);
        std::memcpy(bytes_.data() + begin, from, first);
        std::memcpy(bytes_.data(), static_cast<const char*>(from) + first, size - first);
    }
    void get(std::uint64_t at, void* to, std::size_t size) {
        const std::size_t begin = at % kBytes;
        const std::size_t first = std::min(size, kBytes - begin);
        std::memcpy(to, bytes_.data() + begin, first);
        std::memcpy(static_cast<char*>(to) + first, bytes_.data(), size - first);
    }

    MappedArray<std::uint8_t> bytes_;
    std::string line_;
    std::atomic<std::uint64_t> written_{0};
    std::atomic<std::uint64_t> read_{0};
    std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace wsblast::session
