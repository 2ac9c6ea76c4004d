// Log-linear histograms of nanoseconds: exact below 2,048 ns, then 1,024 buckets to each power of two, so a
// bucket is never wider than 1/1,024 of its values (3 significant digits). 0 to 1 hour.
//
// A Histogram has one writer and live readers; readers work on a HistogramSnapshot, a plain copy.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "stats/cell.hpp"

namespace wsblast::stats {

// The arithmetic of the buckets: index = 1,024 * shift + (value >> shift), with the smallest shift that
// leaves at most 11 bits.
struct Buckets {
    static constexpr TimeNs kValueMaxNs = kHour;
    static constexpr std::uint32_t kSubBucketBits = 11;
    static constexpr std::uint32_t kSubBuckets = 1u << kSubBucketBits;
    static constexpr std::uint32_t kHalf = kSubBuckets / 2;

    // The bucket of a value up to kValueMaxNs.
    [[nodiscard]] static constexpr std::uint32_t index_of(TimeNs value_ns) {
        const auto shift =
            static_cast<std::uint32_t>(std::bit_width(value_ns | (kSubBuckets - 1))) - kSubBucketBits;
        return shift * kHalf + static_cast<std::uint32_t>(value_ns >> shift);
    }

    // The values that share a bucket: lowest_of(index) .. highest_of(index).
    [[nodiscard]] static constexpr TimeNs lowest_of(std::uint32_t index) {
        const std::uint32_t shift = shift_of(index);
        return static_cast<TimeNs>(index - shift * kHalf) << shift;
    }
    [[nodiscard]] static constexpr TimeNs highest_of(std::uint32_t index) {
        const std::uint32_t shift = shift_of(index);
        return (static_cast<TimeNs>(index - shift * kHalf + 1) << shift) - 1;
    }

    [[nodiscard]] static constexpr std::uint32_t shift_of(std::uint32_t index) {
        return index < kSubBuckets ? 0 : index / kHalf - 1;
    }
};

inline constexpr std::size_t kBucketCount = Buckets::index_of(Buckets::kValueMaxNs) + 1;  // 33,421: 261 KiB

// What the reports say of a histogram, in nanoseconds. Percentiles are the highest equivalent value of
// their bucket, never above max; the rest is exact.
struct Summary {
    std::uint64_t count = 0;
    TimeNs min = 0;
    double mean = 0;
    double stddev = 0;  // of these values, not an estimate for a larger population
    TimeNs p50 = 0;
    TimeNs p75 = 0;
    TimeNs p90 = 0;
    TimeNs p95 = 0;
    TimeNs p99 = 0;
    TimeNs p99_9 = 0;
    TimeNs p99_99 = 0;
    TimeNs max = 0;
};

// A copy of a histogram: plain data of the thread that made it. It takes memory for what was recorded, not
// for the span: one value of a second among microseconds costs one block.
// Invariant: blocks_ are in the order of their numbers, and count_ is the sum of all their counts.
class HistogramSnapshot {
  public:
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    // 0 when empty, as max_ns() and mean_ns().
    [[nodiscard]] TimeNs min_ns() const { return empty() ? 0 : min_ns_; }
    [[nodiscard]] TimeNs max_ns() const { return empty() ? 0 : max_ns_; }
    [[nodiscard]] double mean_ns() const {
        return empty() ? 0 : static_cast<double>(sum_ns_) / static_cast<double>(count_);
    }

    // Merges another one in: the result is that of one histogram that had recorded both.
    void add(const HistogramSnapshot& other);
    void add(HistogramSnapshot&& other);  // the same, by its memory where there is none yet

    // Leaves what was recorded since `earlier`, a snapshot of the same histogram (or the sum of snapshots
    // of the same histograms). Its min and max are then those of their buckets.
    void subtract(const HistogramSnapshot& earlier);

    // The value that a share `q` (0 .. 1) of all values does not exceed. None when empty.
    [[nodiscard]] std::optional<TimeNs> percentile(double q) const;

    // None when empty.
    [[nodiscard]] std::optional<Summary> summarize() const;

    // visit(bucket, count): the buckets that were used, in their order.
    template <class Visit>
    void for_each(Visit visit) const {
        for (const Block& block : blocks_) {
            for (std::uint32_t i = 0; i < kBlockBuckets; ++i) {
                if (block.counts[i] != 0) visit(block.number * kBlockBuckets + i, block.counts[i]);
            }
        }
    }
    // What it takes of memory.
    [[nodiscard]] std::size_t size_bytes() const { return blocks_.size() * sizeof(Block); }

  private:
    friend class Histogram;

    static constexpr std::uint32_t kBlockBuckets = 64;
    struct Block {
        std::uint32_t number = 0;  // of the bucket it begins with, over kBlockBuckets
        std::array<std::uint64_t, kBlockBuckets> counts{};
    };

    // Where a block is; made when there is none. `from` is not behind it.
    std::vector<Block>::iterator find(std::uint32_t number, std::vector<Block>::iterator from);

    std::vector<Block> blocks_;
    std::uint64_t count_ = 0;
    std::uint64_t sum_ns_ = 0;
    double squares_ = 0;
    TimeNs min_ns_ = kNever;
    TimeNs max_ns_ = 0;
};

// Stays where it was made (cells do not move). Its storage is touched only where values fall: a histogram
// that records nothing costs no memory.
class Histogram {
  public:
    Histogram() : counts_(kBucketCount) {}

    // False when there was no address space left: then nothing may be recorded.
    [[nodiscard]] bool ok() const { return counts_.ok(); }

    // The writer's thread. Values above an hour are recorded as an hour.
    void record(TimeNs value_ns) { record_many(value_ns, 1); }

    void record_many(TimeNs value_ns, std::uint64_t count) {
        if (count == 0) return;
        const TimeNs value = std::min(value_ns, Buckets::kValueMaxNs);
        const auto number = static_cast<double>(value);
        min_ns_.lower_to(value);
        max_ns_.raise_to(value);
        sum_ns_.add(value * count);
        squares_.add(number * number * static_cast<double>(count));
        counts_[Buckets::index_of(value)].add(count);
    }

    // Any thread, at any time. While the writer is at work the last values may be missing, or be in the sum
    // and not in the count; once it has stopped the copy is exact.
    [[nodiscard]] HistogramSnapshot snapshot() const;

  private:
    Cell min_ns_{kNever};
    Cell max_ns_;
    Cell sum_ns_;  // room for 584 years of latency
    CellOf<double> squares_;
    MappedArray<Cell> counts_;
};

}  // namespace wsblast::stats
