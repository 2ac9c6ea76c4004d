// Everything that is known of a search for saturation at its end: plain data, from which every report is
// made. What is unknown is empty and never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stats/backend_use.hpp"
#include "stats/confidence.hpp"
#include "stats/histogram.hpp"
#include "stats/result.hpp"
#include "stats/scalability.hpp"
#include "stats/slo.hpp"

namespace wsblast::stats {

// What is raised from step to step.
enum class LoadAxis : std::uint8_t { rate, connections, size, connect_rate };
[[nodiscard]] std::string_view to_text(LoadAxis axis);  // as --over has it
// "messages/s", "connections", "bytes", "connections/s".
[[nodiscard]] std::string_view unit_of(LoadAxis axis);

// What a step is made for.
enum class StepPurpose : std::uint8_t { growth, bisection, repetition, fit };
[[nodiscard]] std::string_view to_text(StepPurpose purpose);

enum class StepVerdict : std::uint8_t {
    pass,
    fail,          // a check does not hold, or the backend did not keep up
    unstable,      // latency grew as long as the step lasted
    inconclusive,  // the interval still held the limit at the end; `leans` says on which side it mostly is
    generator,     // the generator was the bottleneck: thrown out
};
[[nodiscard]] std::string_view to_text(StepVerdict verdict);

enum class Side : std::uint8_t { pass, fail };

// What decided a step.
enum class StepCause : std::uint8_t {
    none,               // it passed
    check,              // one of --slo
    growth,             // latency grew as long as the step lasted
    backlog,            // less came back than was sent
    losses,             // messages without an answer
    connection_errors,  // connections that failed or broke
    generator,
};

struct StepRow {
    std::uint32_t number = 0;  // from 1
    StepPurpose purpose = StepPurpose::growth;
    double load = 0;            // on the axis
    double offered_per_s = 0;   // messages (of connect_rate: connections) that were due
    double achieved_per_s = 0;  // that were answered (opened) within the measured part
    double length_s = 0;        // of the measured part
    std::optional<Summary> latency{};
    std::uint64_t sent = 0;
    std::uint64_t errors = 0;
    std::uint64_t lost = 0;
    std::string check{};               // that decided, or is nearest to its limit
    std::optional<Estimate> figure{};  // of that check, in its unit
    double growth = 0;                 // of latency, in seconds for each second of the step
    StepVerdict verdict = StepVerdict::inconclusive;
    Side leans = Side::fail;
    StepCause cause = StepCause::none;
    std::string why{};  // in words
    GeneratorHealth generator{};
    std::optional<BackendUse> backend{};
};

enum class SearchEnding : std::uint8_t {
    knee,         // found
    all_passed,   // the backend takes the highest load that was to be tried
    none_passed,  // not even the lowest
    generator,    // it was the bottleneck before the backend was
    budget,       // the time was over; what is known is told
    interrupted,
};
[[nodiscard]] std::string_view to_text(SearchEnding ending);

// How the knee's interval was made.
enum class KneeMethod : std::uint8_t {
    fitted,     // inverse regression over the steps near it
    bracketed,  // between the highest load that passed and the lowest that did not
};
[[nodiscard]] std::string_view to_text(KneeMethod method);

struct Knee {
    Estimate load{};
    KneeMethod method = KneeMethod::bracketed;
};

// One search: all there is, or one row of a grid.
struct LoadSearch {
    std::optional<double> fixed{};  // in a grid: the value of the other axis
    SearchEnding ending = SearchEnding::budget;
    std::optional<Knee> knee{};
    std::optional<double> highest_pass{};
    std::optional<double> lowest_fail{};
    std::optional<double> generator_limit{};  // the lowest load at which the generator was the bottleneck
    std::vector<StepRow> steps{};             // in the order in which they were made
    std::optional<ScalabilityFit> scalability{};
    std::string gave_first{};                      // a sentence
    std::optional<double> messages_per_cpu_s{};    // of the backend, at the highest step that passed
    std::optional<double> bytes_per_connection{};  // of the backend's process
};

// How a function's part of the backend's samples grew, 0 .. 1.
struct FunctionGrowth {
    std::string function{};
    double half = 0;  // at half of the knee
    double knee = 0;
};

struct KneeProfile {
    double half_load = 0;
    double knee_load = 0;
    std::vector<FunctionGrowth> functions{};  // the most grown first
    std::string half_path{};                  // folded stacks
    std::string knee_path{};
};

struct SaturationResult {
    std::string version{};
    std::string started_at{};
    double duration_s = 0;
    int exit_status = 0;
    std::uint64_t seed = 0;
    TargetInfo target{};
    std::uint64_t connections = 0;
    std::string_view arrivals{};
    LoadAxis axis = LoadAxis::rate;
    std::optional<LoadAxis> grid_axis{};
    double from = 0;
    std::optional<double> to{};
    double precision = 0;
    double budget_s = 0;
    std::vector<SloRule> rules{};
    std::vector<LoadSearch> searches{};  // without a grid: one
    std::string watched{};               // who the backend is, or why it is not known
    std::optional<KneeProfile> profile{};
    std::optional<TlsResult> tls{};  // with a secure URL: of all steps
    std::vector<std::string> warnings{};
};

// What is shown while it goes on.
struct SearchProgress {
    TimeNs elapsed_ns = 0;
    TimeNs left_ns = 0;  // of the budget
    LoadAxis axis = LoadAxis::rate;
    std::uint32_t step = 0;  // from 1
    StepPurpose purpose = StepPurpose::growth;
    double load = 0;
    std::string check{};
    std::optional<Estimate> figure{};
    std::optional<double> highest_pass{};
    std::optional<double> lowest_fail{};
};

}  // namespace wsblast::stats
