#include "search/knee_search.hpp"

#include <algorithm>
#include <cmath>

namespace wsblast::search {

namespace {

constexpr double kGrowth = 2;
// Above an end that has lost its vote the next load is near: the bracket was nearly right.
constexpr double kReopenedGrowth = 4;  // widths of the bracket

}  // namespace

// The lowest load that did not pass.
KneeSearch::Tallies::const_iterator KneeSearch::ceiling() const {
    return std::find_if(tallies_.begin(), tallies_.end(),
                        [](const Tallies::value_type& entry) { return !entry.second.passed(); });
}

// The highest load below the ceiling; all of those have passed.
KneeSearch::Tallies::const_iterator KneeSearch::floor() const {
    const auto top = ceiling();
    return top == tallies_.begin() ? tallies_.end() : std::prev(top);
}

double KneeSearch::rounded(double load) const {
    return bounds_.numbers == LoadNumbers::whole ? std::round(load) : load;
}

bool KneeSearch::narrow(double low, double high) const {
    const bool by_generator = tallies_.at(high).generator > 0;
    const double precision =
        by_generator ? std::max(bounds_.precision, kGeneratorPrecision) : bounds_.precision;
    const double mid = rounded((low + high) / 2);
    return high - low <= precision * high || mid <= low || mid >= high;
}

std::optional<KneeSearch::Probe> KneeSearch::grow(double from) const {
    if (bounds_.to && from >= *bounds_.to) return std::nullopt;
    const Tally& tally = tallies_.at(from);
    const double factor = tally.fails > 0 ? 1 + kReopenedGrowth * bounds_.precision : kGrowth;
    double load = rounded(from * factor);
    if (load <= from) load = from + 1;  // of whole numbers
    if (bounds_.to) load = std::min(load, *bounds_.to);
    return Probe{load, stats::StepPurpose::growth};
}

std::optional<KneeSearch::Probe> KneeSearch::next() const {
    if (tallies_.empty()) return Probe{bounds_.from, stats::StepPurpose::growth};
    const auto top = ceiling();
    const auto bottom = floor();
    if (top == tallies_.end()) return grow(bottom->first);
    const auto again = [](Tallies::const_iterator end) {
        return Probe{end->first, stats::StepPurpose::repetition};
    };
    if (bottom == tallies_.end()) {
        return top->second.settled() ? std::nullopt : std::optional(again(top));
    }
    if (!narrow(bottom->first, top->first)) {
        return Probe{rounded((bottom->first + top->first) / 2), stats::StepPurpose::bisection};
    }
    if (!top->second.settled()) return again(top);
    if (!bottom->second.settled()) return again(bottom);
    return std::nullopt;
}

void KneeSearch::note(double load, LoadOutcome outcome) {
    Tally& tally = tallies_[load];
    switch (outcome) {
        case LoadOutcome::pass: ++tally.passes; break;
        case LoadOutcome::fail: ++tally.fails; break;
        case LoadOutcome::generator: ++tally.generator; break;
    }
}

std::optional<double> KneeSearch::highest_pass() const {
    const auto bottom = floor();
    return bottom == tallies_.end() ? std::nullopt : std::optional(bottom->first);
}

std::optional<double> KneeSearch::lowest_fail() const {
    for (const auto& [load, tally] : tallies_) {
        if (!tally.passed() && tally.generator == 0) return load;
    }
    return std::nullopt;
}

std::optional<double> KneeSearch::generator_limit() const {
    const auto top = ceiling();
    if (top == tallies_.end() || top->second.generator == 0) return std::nullopt;
    return top->first;
}

}  // namespace wsblast::search
