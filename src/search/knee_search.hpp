// Which load comes next: doubled until one does not pass, then the bracket is halved until it is narrow,
// and then both its ends are tried again. A verdict by accident costs some steps and not the result: each
// end needs two verdicts of its kind and more than of the other, and an end that loses its vote opens the
// bracket again.
//
// A pure state machine, fed with what came of the loads it named. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "stats/saturation_result.hpp"

namespace wsblast::search {

enum class LoadNumbers : std::uint8_t { real, whole };

struct KneeBounds {
    double from = 1;             // the first load, above 0
    std::optional<double> to{};  // none is tried above it
    double precision = 0.02;     // width of the bracket, as a share of its upper end
    LoadNumbers numbers = LoadNumbers::real;
};

// What came of a load.
enum class LoadOutcome : std::uint8_t {
    pass,
    fail,
    generator,  // it cannot be told: nothing is known above
};

class KneeSearch {
  public:
    // Verdicts that each end needs.
    static constexpr std::uint32_t kVotes = 2;
    // Where the generator was the bottleneck the bracket need not be narrow.
    static constexpr double kGeneratorPrecision = 0.1;

    explicit KneeSearch(const KneeBounds& bounds) : bounds_(bounds) {}

    struct Probe {
        double load = 0;
        stats::StepPurpose purpose = stats::StepPurpose::growth;
    };
    // None: the search is over.
    [[nodiscard]] std::optional<Probe> next() const;

    void note(double load, LoadOutcome outcome);

    // The bracket has to be so narrow from now on.
    void set_precision(double precision) { bounds_.precision = precision; }

    // The ends of the bracket, as far as they are known. Below `highest_pass` something may have failed by
    // accident, and was outvoted.
    [[nodiscard]] std::optional<double> highest_pass() const;
    [[nodiscard]] std::optional<double> lowest_fail() const;      // none: no load has failed
    [[nodiscard]] std::optional<double> generator_limit() const;  // where it comes before any fail

  private:
    struct Tally {
        std::uint32_t passes = 0;
        std::uint32_t fails = 0;
        std::uint32_t generator = 0;

        [[nodiscard]] bool passed() const { return generator == 0 && passes > fails; }
        [[nodiscard]] bool settled() const {
            if (generator > 0) return true;
            return passes > fails ? passes >= kVotes : fails > passes && fails >= kVotes;
        }
    };
    using Tallies = std::map<double, Tally>;

    [[nodiscard]] Tallies::const_iterator ceiling() const;
    [[nodiscard]] Tallies::const_iterator floor() const;
    [[nodiscard]] std::optional<Probe> grow(double from) const;
    [[nodiscard]] double rounded(double load) const;
    [[nodiscard]] bool narrow(double low, double high) const;

    KneeBounds bounds_;
    Tallies tallies_;
};

}  // namespace wsblast::search
