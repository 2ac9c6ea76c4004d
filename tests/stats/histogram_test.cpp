#include "stats/histogram.hpp"

#include <atomic>
#include <cmath>
#include <thread>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

namespace wsblast::stats {

namespace {

// Values of every magnitude from 0 to `bits_max` bits.
std::vector<TimeNs> random_values(std::uint64_t seed, std::size_t count, std::uint64_t bits_max = 41) {
    Prng random(seed);
    std::vector<TimeNs> values(count);
    for (TimeNs& value : values) value = random.next() >> (64 - 1 - random.next_below(bits_max));
    return values;
}

TimeNs exact_percentile(const std::vector<TimeNs>& sorted, double q) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size()) - 1e-6));
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

HistogramSnapshot snapshot_of(const std::vector<TimeNs>& values) {
    Histogram histogram;
    for (const TimeNs value : values) histogram.record(value);
    return histogram.snapshot();
}

void require_equal(const HistogramSnapshot& left, const HistogramSnapshot& right) {
    REQUIRE(left.count() == right.count());
    REQUIRE(left.min_ns() == right.min_ns());
    REQUIRE(left.max_ns() == right.max_ns());
    const auto one = left.summarize();
    const auto other = right.summarize();
    REQUIRE(one.has_value() == other.has_value());
    if (!one) return;
    REQUIRE(one->mean == other->mean);
    REQUIRE(one->stddev == Approx(other->stddev));
    for (const double q : {0.001, 0.5, 0.9, 0.999, 1.0}) REQUIRE(left.percentile(q) == right.percentile(q));
}

}  // namespace

TEST_CASE("histogram: buckets follow one another without gap or overlap", "[stats][histogram]") {
    std::size_t wrong = 0;
    for (std::uint32_t index = 0; index + 1 < kBucketCount; ++index) {
        if (Buckets::highest_of(index) + 1 != Buckets::lowest_of(index + 1)) ++wrong;
        if (Buckets::index_of(Buckets::lowest_of(index)) != index) ++wrong;
        if (Buckets::index_of(Buckets::highest_of(index)) != index) ++wrong;
        const TimeNs width = Buckets::highest_of(index) - Buckets::lowest_of(index) + 1;
        if (width > 1 && width * Buckets::kHalf > Buckets::lowest_of(index)) ++wrong;
    }
    REQUIRE(wrong == 0);
    REQUIRE(Buckets::highest_of(kBucketCount - 1) >= kHour);
}

TEST_CASE("histogram: percentiles are within 1/1,024 of a sorted array's, never below",
          "[stats][histogram]") {
    const std::uint64_t seed = GENERATE(1u, 2u, 3u);
    std::vector<TimeNs> values = random_values(seed, 10'000);
    const HistogramSnapshot snapshot = snapshot_of(values);
    std::sort(values.begin(), values.end());
    for (const double q : {0.0, 0.01, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0}) {
        CAPTURE(seed, q);
        const TimeNs exact = exact_percentile(values, q);
        const TimeNs found = *snapshot.percentile(q);
        REQUIRE(found >= exact);
        REQUIRE(found - exact <= exact / 1'024);
        REQUIRE(found <= values.back());
    }
}

TEST_CASE("histogram: the 9,999th of 10,000 values is P99.99", "[stats][histogram]") {
    Histogram histogram;
    for (TimeNs value = 0; value < 10'000; ++value) histogram.record(value / 5);
    histogram.record(kSecond);
    HistogramSnapshot without_last = histogram.snapshot();
    REQUIRE(*without_last.percentile(0.9999) == 1'999);
    REQUIRE(*without_last.percentile(1) == kSecond);
}

TEST_CASE("histogram: count, min, max, mean and stddev are exact", "[stats][histogram]") {
    Histogram histogram;
    for (const TimeNs value :
         {2'000'000u, 4'000'000u, 4'000'000u, 4'000'000u, 5'000'000u, 5'000'000u, 7'000'000u, 9'000'001u}) {
        histogram.record(value);
    }
    const Summary summary = *histogram.snapshot().summarize();
    REQUIRE(summary.count == 8);
    REQUIRE(summary.min == 2'000'000);
    REQUIRE(summary.max == 9'000'001);
    REQUIRE(summary.mean == 5'000'000.125);
    REQUIRE(summary.stddev == Approx(2'000'000.25).epsilon(1e-9));
}

TEST_CASE("histogram: no samples make no summary", "[stats][histogram]") {
    const Histogram histogram;
    const HistogramSnapshot empty = histogram.snapshot();
    REQUIRE(empty.empty());
    REQUIRE_FALSE(empty.summarize().has_value());
    REQUIRE_FALSE(empty.percentile(0.5).has_value());
    REQUIRE(empty.max_ns() == 0);
}

TEST_CASE("histogram: 0 is a value, and more than an hour is an hour", "[stats][histogram]") {
    Histogram histogram;
    histogram.record(0);
    histogram.record(kNever);
    const Summary summary = *histogram.snapshot().summarize();
    REQUIRE(summary.min == 0);
    REQUIRE(summary.p50 == 0);
    REQUIRE(summary.max == kHour);
    REQUIRE(summary.p99 == kHour);
}

TEST_CASE("histogram: many at once are as many one by one", "[stats][histogram]") {
    Histogram at_once;
    at_once.record_many(12'345, 1'000);
    at_once.record_many(99, 0);
    require_equal(at_once.snapshot(), snapshot_of(std::vector<TimeNs>(1'000, 12'345)));
}

TEST_CASE("histogram: a snapshot takes memory for its values, not for their span", "[stats][histogram]") {
    constexpr std::size_t kFewBytes = 2'048;
    Histogram histogram;
    histogram.record_many(1 * kMicrosecond, 1'000);
    HistogramSnapshot earlier = histogram.snapshot();
    histogram.record(30 * kMinute);
    HistogramSnapshot snapshot = histogram.snapshot();
    CHECK(snapshot.size_bytes() <= kFewBytes);
    earlier.add(snapshot);
    CHECK(earlier.size_bytes() <= kFewBytes);
    CHECK(earlier.count() == 2'001);
    earlier.subtract(snapshot);
    CHECK(earlier.size_bytes() <= kFewBytes / 2);
    CHECK(earlier.max_ns() == 1 * kMicrosecond);
}

TEST_CASE("histogram: merged snapshots are the snapshot of all values", "[stats][histogram]") {
    const std::vector<TimeNs> small = random_values(4, 500, 12);
    const std::vector<TimeNs> large = random_values(5, 700);
    std::vector<TimeNs> all = small;
    all.insert(all.end(), large.begin(), large.end());
    HistogramSnapshot upwards = snapshot_of(small);
    upwards.add(snapshot_of(large));
    require_equal(upwards, snapshot_of(all));
    HistogramSnapshot downwards = snapshot_of(large);
    downwards.add(snapshot_of(small));
    require_equal(downwards, snapshot_of(all));
    HistogramSnapshot from_nothing;
    const HistogramSnapshot snapshot = snapshot_of(all);
    from_nothing.add(snapshot);
    HistogramSnapshot taken_over;
    taken_over.add(snapshot_of(all));
    require_equal(taken_over, snapshot);
    upwards.add(HistogramSnapshot(snapshot));
    upwards.subtract(snapshot);
    from_nothing.add(HistogramSnapshot{});
    require_equal(from_nothing, snapshot_of(all));
}

TEST_CASE("histogram: a difference holds what was recorded in between", "[stats][histogram]") {
    Histogram histogram;
    const std::vector<TimeNs> before = random_values(6, 300);
    const std::vector<TimeNs> after = random_values(7, 400, 20);
    for (const TimeNs value : before) histogram.record(value);
    const HistogramSnapshot earlier = histogram.snapshot();
    for (const TimeNs value : after) histogram.record(value);
    HistogramSnapshot between = histogram.snapshot();
    between.subtract(earlier);

    const HistogramSnapshot expected = snapshot_of(after);
    REQUIRE(between.count() == expected.count());
    REQUIRE(between.summarize()->mean == Approx(expected.summarize()->mean));
    REQUIRE(*between.percentile(0.5) == *expected.percentile(0.5));
    REQUIRE(between.max_ns() >= expected.max_ns());
    REQUIRE(between.max_ns() - expected.max_ns() <= expected.max_ns() / 1'024);
}

TEST_CASE("histogram: a difference without samples is empty", "[stats][histogram]") {
    HistogramSnapshot snapshot = snapshot_of(random_values(8, 100));
    snapshot.subtract(HistogramSnapshot(snapshot));
    REQUIRE(snapshot.empty());
    REQUIRE_FALSE(snapshot.summarize().has_value());
}

TEST_CASE("histogram: a live reader sees growing counts of values that were recorded",
          "[stats][histogram]") {
    constexpr TimeNs kLow = 1'000;
    constexpr TimeNs kHigh = 5'000'000'000;
    constexpr std::uint64_t kPairs = 100'000;
    Histogram histogram;
    std::atomic<bool> done{false};
    std::thread writer([&] {
        for (std::uint64_t i = 0; i < kPairs; ++i) {
            histogram.record(kLow);
            histogram.record(kHigh);
        }
        done = true;
    });
    std::uint64_t last = 0;
    std::uint64_t wrong = 0;
    for (bool go_on = true; go_on;) {
        go_on = !done;
        const HistogramSnapshot seen = histogram.snapshot();
        if (seen.empty()) continue;
        const Summary summary = *seen.summarize();
        if (seen.count() < last || seen.count() > 2 * kPairs) ++wrong;
        if (summary.min != kLow || (summary.max != kLow && summary.max != kHigh)) ++wrong;
        if (summary.mean < static_cast<double>(kLow) || summary.mean > static_cast<double>(kHigh)) ++wrong;
        last = seen.count();
    }
    writer.join();
    REQUIRE(wrong == 0);
    REQUIRE(last == 2 * kPairs);
    REQUIRE(histogram.snapshot().summarize()->mean == (kLow + kHigh) / 2);
}

}  // namespace wsblast::stats
