// An array of zeroed memory straight from mmap(2): its pages cost nothing until they are touched, so a
// table may be sized for the worst case and RSS follows what a run really uses. Allocated once, before the
// run.
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include <sys/mman.h>

namespace wsblast {

// Invariant: data_ is null or a mapping of count_ zero-initialised T. One thread uses it at a time.
template <class T>
class MappedArray {
    static_assert(std::is_trivially_destructible_v<T>, "no destructor is ever run");

  public:
    MappedArray() = default;

    // `count` elements, all bytes zero: T's default state must be all zeros. When the address space is used
    // up the array is empty (`ok()` is false); the caller names what it was for.
    explicit MappedArray(std::size_t count) {
        if (count == 0) return;
        void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) return;
        data_ = static_cast<T*>(memory);
        count_ = count;
    }

    MappedArray(MappedArray&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}
    MappedArray& operator=(MappedArray&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(count_, other.count_);
        return *this;
    }
    ~MappedArray() {
        if (data_ != nullptr) munmap(data_, count_ * sizeof(T));
    }

    [[nodiscard]] bool ok() const { return data_ != nullptr; }
    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] T* data() { return data_; }
    [[nodiscard]] const T* data() const { return data_; }
    T& operator[](std::size_t index) { return assert(index < count_), data_[index]; }
    const T& operator[](std::size_t index) const { return assert(index < count_), data_[index]; }
    [[nodiscard]] std::span<T> span() { return {data_, count_}; }

  private:
    T* data_ = nullptr;
    std::size_t count_ = 0;
};

}  // namespace wsblast
