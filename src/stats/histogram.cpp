#include "stats/histogram.hpp"

#include <cmath>
#include <utility>

namespace wsblast::stats {

HistogramSnapshot Histogram::snapshot() const {
    constexpr std::uint32_t kSize = HistogramSnapshot::kBlockBuckets;
    HistogramSnapshot copy;
    copy.min_ns_ = min_ns_.get();
    copy.max_ns_ = max_ns_.get();
    if (copy.min_ns_ > copy.max_ns_) return {};
    const std::uint32_t last = Buckets::index_of(copy.max_ns_) / kSize;
    for (std::uint32_t number = Buckets::index_of(copy.min_ns_) / kSize; number <= last; ++number) {
        HistogramSnapshot::Block block{.number = number};
        const std::uint32_t first = number * kSize;
        const std::uint32_t buckets = std::min<std::uint32_t>(kSize, kBucketCount - first);
        std::uint64_t count = 0;
        for (std::uint32_t i = 0; i < buckets; ++i) count += block.counts[i] = counts_[first + i].get();
        if (count == 0) continue;
        copy.count_ += count;
        copy.blocks_.push_back(block);
    }
    copy.sum_ns_ = sum_ns_.get();
    copy.squares_ = squares_.get();
    return copy;
}

std::vector<HistogramSnapshot::Block>::iterator HistogramSnapshot::find(
    std::uint32_t number, std::vector<Block>::iterator from) {
    const auto before = [](const Block& block, std::uint32_t wanted) { return block.number < wanted; };
    const auto at = std::lower_bound(from, blocks_.end(), number, before);
    if (at != blocks_.end() && at->number == number) return at;
    return blocks_.insert(at, Block{.number = number});
}

void HistogramSnapshot::add(const HistogramSnapshot& other) {
    if (other.empty()) return;
    auto at = blocks_.begin();
    for (const Block& block : other.blocks_) {
        at = find(block.number, at);
        for (std::uint32_t i = 0; i < kBlockBuckets; ++i) at->counts[i] += block.counts[i];
    }
    count_ += other.count_;
    sum_ns_ += other.sum_ns_;
    squares_ += other.squares_;
    min_ns_ = std::min(min_ns_, other.min_ns_);
    max_ns_ = std::max(max_ns_, other.max_ns_);
}

void HistogramSnapshot::add(HistogramSnapshot&& other) {
    if (empty()) {
        *this = std::move(other);
    } else {
        add(std::as_const(other));
    }
}

void HistogramSnapshot::subtract(const HistogramSnapshot& earlier) {
    if (earlier.empty()) return;
    auto at = blocks_.begin();
    for (const Block& block : earlier.blocks_) {
        at = find(block.number, at);
        for (std::uint32_t i = 0; i < kBlockBuckets; ++i) at->counts[i] -= block.counts[i];
    }
    count_ -= earlier.count_;
    sum_ns_ -= earlier.sum_ns_;
    squares_ = std::max(0.0, squares_ - earlier.squares_);

    const auto used = [](std::uint64_t count) { return count != 0; };
    std::erase_if(blocks_, [&](const Block& block) {
        return std::none_of(block.counts.begin(), block.counts.end(), used);
    });
    if (blocks_.empty()) {
        *this = {};
        return;
    }
    const auto& front = blocks_.front().counts;
    const auto& back = blocks_.back().counts;
    const auto first = std::find_if(front.begin(), front.end(), used) - front.begin();
    const auto after_last = std::find_if(back.rbegin(), back.rend(), used).base() - back.begin();
    const auto bucket = [](const Block& block, std::ptrdiff_t i) {
        return block.number * kBlockBuckets + static_cast<std::uint32_t>(i);
    };
    min_ns_ = std::max(min_ns_, Buckets::lowest_of(bucket(blocks_.front(), first)));
    max_ns_ = std::min(max_ns_, Buckets::highest_of(bucket(blocks_.back(), after_last - 1)));
}

std::optional<TimeNs> HistogramSnapshot::percentile(double q) const {
    if (empty()) return std::nullopt;
    // 0.9999 has no exact binary form: without the tolerance 0.9999 * 10,000 would ask for the last value.
    constexpr double kTolerance = 1e-6;
    const double wanted = std::ceil(q * static_cast<double>(count_) - kTolerance);
    const std::uint64_t rank = wanted < 1 ? 1 : std::min(static_cast<std::uint64_t>(wanted), count_);
    std::uint64_t seen = 0;
    std::optional<std::uint32_t> found;
    for_each([&](std::uint32_t bucket, std::uint64_t count) {
        seen += count;
        if (!found && seen >= rank) found = bucket;
    });
    return found ? std::min(Buckets::highest_of(*found), max_ns_) : max_ns_;
}

std::optional<Summary> HistogramSnapshot::summarize() const {
    if (empty()) return std::nullopt;
    const auto count = static_cast<long double>(count_);
    const long double mean = static_cast<long double>(sum_ns_) / count;
    const long double variance = static_cast<long double>(squares_) / count - mean * mean;
    return Summary{
        .count = count_,
        .min = min_ns_,
        .mean = std::clamp(static_cast<double>(mean), static_cast<double>(min_ns_),
                           static_cast<double>(max_ns_)),
        .stddev = min_ns_ == max_ns_ ? 0 : std::sqrt(std::max(0.0, static_cast<double>(variance))),
        .p50 = *percentile(0.5),
        .p75 = *percentile(0.75),
        .p90 = *percentile(0.9),
        .p95 = *percentile(0.95),
        .p99 = *percentile(0.99),
        .p99_9 = *percentile(0.999),
        .p99_99 = *percentile(0.9999),
        .max = max_ns_,
    };
}

}  // namespace wsblast::stats
