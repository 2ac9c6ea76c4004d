#include "stats/histogram.hpp"

#include <cmath>

namespace wsblast::stats {

HistogramSnapshot Histogram::snapshot() const {
    HistogramSnapshot copy;
    copy.min_ns_ = min_ns_.get();
    copy.max_ns_ = max_ns_.get();
    if (copy.min_ns_ > copy.max_ns_) return {};
    copy.first_ = Buckets::index_of(copy.min_ns_);
    const std::uint32_t end = Buckets::index_of(copy.max_ns_) + 1;
    copy.counts_.reserve(end - copy.first_);
    for (std::uint32_t index = copy.first_; index < end; ++index) {
        const std::uint64_t count = counts_[index].get();
        copy.counts_.push_back(count);
        copy.count_ += count;
    }
    copy.sum_ns_ = sum_ns_.get();
    copy.squares_ = squares_.get();
    return copy;
}

// Makes room for the buckets first .. end - 1.
void HistogramSnapshot::cover(std::uint32_t first, std::uint32_t end_wanted) {
    if (counts_.empty()) first_ = first;
    if (first < first_) {
        counts_.insert(counts_.begin(), first_ - first, 0);
        first_ = first;
    }
    if (end_wanted > end()) counts_.resize(end_wanted - first_, 0);
}

void HistogramSnapshot::add(const HistogramSnapshot& other) {
    if (other.empty()) return;
    cover(other.first_, other.end());
    for (std::size_t i = 0; i < other.counts_.size(); ++i) {
        counts_[other.first_ - first_ + i] += other.counts_[i];
    }
    count_ += other.count_;
    sum_ns_ += other.sum_ns_;
    squares_ += other.squares_;
    min_ns_ = std::min(min_ns_, other.min_ns_);
    max_ns_ = std::max(max_ns_, other.max_ns_);
}

void HistogramSnapshot::subtract(const HistogramSnapshot& earlier) {
    if (earlier.empty()) return;
    cover(earlier.first_, earlier.end());
    for (std::size_t i = 0; i < earlier.counts_.size(); ++i) {
        counts_[earlier.first_ - first_ + i] -= earlier.counts_[i];
    }
    count_ -= earlier.count_;
    sum_ns_ -= earlier.sum_ns_;
    squares_ = std::max(0.0, squares_ - earlier.squares_);

    const auto used = [](std::uint64_t count) { return count != 0; };
    const auto front = std::find_if(counts_.begin(), counts_.end(), used);
    counts_.erase(std::find_if(counts_.rbegin(), std::make_reverse_iterator(front), used).base(),
                  counts_.end());
    first_ += static_cast<std::uint32_t>(front - counts_.begin());
    counts_.erase(counts_.begin(), front);
    if (counts_.empty()) {
        *this = {};
        return;
    }
    min_ns_ = std::max(min_ns_, Buckets::lowest_of(first_));
    max_ns_ = std::min(max_ns_, Buckets::highest_of(end() - 1));
}

std::optional<TimeNs> HistogramSnapshot::percentile(double q) const {
    if (empty()) return std::nullopt;
    // 0.9999 has no exact binary form: without the tolerance 0.9999 * 10,000 would ask for the last value.
    constexpr double kTolerance = 1e-6;
    const double wanted = std::ceil(q * static_cast<double>(count_) - kTolerance);
    const std::uint64_t rank = wanted < 1 ? 1 : std::min(static_cast<std::uint64_t>(wanted), count_);
    std::uint64_t seen = 0;
    std::uint32_t index = first_;
    for (const std::uint64_t count : counts_) {
        seen += count;
        if (seen >= rank) break;
        ++index;
    }
    return std::min(Buckets::highest_of(index), max_ns_);
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
