// Feeds a codec its input in every way that a network may cut it, each piece against a guard page: reading
// one byte past the end of a piece, or keeping a view of it, crashes or shows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "base/units.hpp"

namespace wsblast::test {

// Memory whose last byte is followed by a page that nobody may touch. `place` overwrites what was there.
class GuardedMemory {
  public:
    explicit GuardedMemory(std::size_t capacity) {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        usable_ = (std::max<std::size_t>(capacity, 1) + page - 1) / page * page;
        mapped_ = usable_ + page;
        void* memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) std::abort();
        data_ = static_cast<std::uint8_t*>(memory);
        if (mprotect(data_ + usable_, page, PROT_NONE) != 0) std::abort();
    }
    GuardedMemory(const GuardedMemory&) = delete;
    GuardedMemory& operator=(const GuardedMemory&) = delete;
    ~GuardedMemory() { munmap(data_, mapped_); }

    // The last `size` bytes before the guard.
    [[nodiscard]] ByteSpan tail(std::size_t size) { return {data_ + usable_ - size, size}; }

    [[nodiscard]] ByteView place(ByteView bytes) {
        constexpr std::uint8_t kStale = 0xdd;
        std::memset(data_, kStale, usable_);
        const ByteSpan room = tail(bytes.size());
        std::copy(bytes.begin(), bytes.end(), room.begin());
        return room;
    }

  private:
    std::uint8_t* data_ = nullptr;
    std::size_t usable_ = 0;
    std::size_t mapped_ = 0;
};

// An input in pieces. A piece dies when the next one is asked for.
class SplitInput {
  public:
    // `cuts` are ascending offsets into `bytes`; equal ones make empty pieces.
    SplitInput(ByteView bytes, std::vector<std::size_t> cuts, GuardedMemory& memory)
        : bytes_(bytes), cuts_(std::move(cuts)), memory_(memory) {
        cuts_.push_back(bytes.size());
    }

    [[nodiscard]] bool done() const { return next_ == cuts_.size(); }

    [[nodiscard]] ByteView next() {
        const std::size_t begin = next_ == 0 ? 0 : cuts_[next_ - 1];
        return memory_.place(bytes_.subspan(begin, cuts_[next_++] - begin));
    }

  private:
    ByteView bytes_;
    std::vector<std::size_t> cuts_;
    std::size_t next_ = 0;
    GuardedMemory& memory_;
};

// Calls fn(SplitInput&) with the whole input, with every split in two (the empty pieces at both ends
// included), and byte by byte. Of a long input only the splits near its ends and some between are tried.
template <class Fn>
void for_every_split(ByteView bytes, Fn&& fn) {
    constexpr std::size_t kAllUpTo = 1024;
    constexpr std::size_t kEnd = 64;
    GuardedMemory memory(bytes.size());
    const auto run = [&](std::vector<std::size_t> cuts) {
        SplitInput input(bytes, std::move(cuts), memory);
        fn(input);
    };
    run({});
    const std::size_t stride = bytes.size() <= kAllUpTo ? 1 : bytes.size() / 61;
    for (std::size_t cut = 0; cut <= bytes.size();) {
        run({cut});
        cut += cut < kEnd || cut + kEnd >= bytes.size() ? 1 : std::min(stride, bytes.size() - kEnd - cut);
    }
    std::vector<std::size_t> every_byte;
    for (std::size_t cut = 1; cut < bytes.size() && bytes.size() <= kAllUpTo; ++cut)
        every_byte.push_back(cut);
    run(every_byte);
}

}  // namespace wsblast::test
