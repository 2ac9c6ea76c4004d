// Metrics whose names are known only when they are met: errors by their text, and what JavaScript emits.
// Bounded, so that a script cannot make them grow.
//
// One writer, live readers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/limits.hpp"
#include "stats/cell.hpp"
#include "stats/histogram.hpp"

namespace wsblast::stats {

enum class MetricKind : std::uint8_t { counter, rate, histogram };

// A reader's copy.
struct NamedValues {
    std::map<std::string, std::uint64_t> counters;
    std::map<std::string, std::uint64_t> rates;  // events
    std::map<std::string, HistogramSnapshot> histograms;

    // Leaves what was counted since `earlier`; names of which nothing was are left out.
    void subtract(const NamedValues& earlier) {
        subtract_counts(counters, earlier.counters);
        subtract_counts(rates, earlier.rates);
        for (const auto& [name, values] : earlier.histograms) histograms[name].subtract(values);
        std::erase_if(histograms, [](const auto& entry) { return entry.second.empty(); });
    }

  private:
    using Counts = std::map<std::string, std::uint64_t>;
    static void subtract_counts(Counts& counts, const Counts& earlier) {
        for (const auto& [name, count] : earlier) counts[name] -= count;
        std::erase_if(counts, [](const auto& entry) { return entry.second == 0; });
    }
};

// Invariant: entries below used_ have their name and kind, which never change again.
class NamedMetrics {
  public:
    // The writer's thread. The first time of a name allocates; of more than limits::kNamedMetricsMax names
    // the others are counted together.
    void count(MetricKind kind, std::string_view name, std::uint64_t amount = 1) {
        if (Entry* entry = find(kind, name)) return entry->count.add(amount);
        overflow_.add(amount);
    }
    // Of a histogram. Values are in nanoseconds.
    void record(std::string_view name, TimeNs value_ns) {
        Entry* entry = find(MetricKind::histogram, name);
        if (entry == nullptr) return overflow_.add();
        entry->values->record(value_ns);
    }

    // Any thread: adds what was counted so far.
    void add_to(NamedValues& sum) const {
        const std::uint32_t used = used_.load(std::memory_order_acquire);
        for (std::uint32_t i = 0; i < used; ++i) add_entry(sum, entries_[i]);
        if (const std::uint64_t lost = overflow_.get(); lost > 0)
            sum.counters["wsblast.metrics_not_named"] += lost;
    }

  private:
    struct Entry {
        std::string name;
        MetricKind kind = MetricKind::counter;
        Cell count;
        std::unique_ptr<Histogram> values;  // of a histogram
    };

    static void add_entry(NamedValues& sum, const Entry& entry) {
        switch (entry.kind) {
            case MetricKind::counter: sum.counters[entry.name] += entry.count.get(); return;
            case MetricKind::rate: sum.rates[entry.name] += entry.count.get(); return;
            case MetricKind::histogram: sum.histograms[entry.name].add(entry.values->snapshot()); return;
        }
    }

    // Null: there is no room for it, or no memory for its histogram.
    [[nodiscard]] Entry* find(MetricKind kind, std::string_view name) {
        const auto by_name = numbers_.find(name);
        if (by_name != numbers_.end() && entries_[by_name->second].kind == kind)
            return &entries_[by_name->second];
        const std::uint32_t used = used_.load(std::memory_order_relaxed);
        if (by_name != numbers_.end() || used == entries_.size()) return nullptr;
        Entry& entry = entries_[used];
        entry.name = name.substr(0, limits::kMetricNameMax);
        entry.kind = kind;
        if (kind == MetricKind::histogram) entry.values = std::make_unique<Histogram>();
        if (entry.values && !entry.values->ok()) return nullptr;
        numbers_.emplace(name, used);
        used_.store(used + 1, std::memory_order_release);
        return &entry;
    }

    struct Hash {
        using is_transparent = void;
        [[nodiscard]] std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    std::array<Entry, limits::kNamedMetricsMax> entries_{};
    std::atomic<std::uint32_t> used_{0};
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
    Cell overflow_;
};

}  // namespace wsblast::stats
