#include "search/gave_first.hpp"

#include <algorithm>
#include <cmath>

#include "base/units.hpp"
#include "search/backend_figures.hpp"
#include "text/format.hpp"

namespace wsblast::search {

namespace {

using stats::StepCause;
using stats::StepRow;

// The last step of that load that did not pass.
const StepRow* failed_at(const stats::LoadSearch& search, double load) {
    const auto found = std::find_if(search.steps.rbegin(), search.steps.rend(), [&](const StepRow& row) {
        return row.load == load && row.cause != StepCause::none;
    });
    return found == search.steps.rend() ? nullptr : &*found;
}

std::string cause_text(const StepRow& row) {
    switch (row.cause) {
        case StepCause::none: return "nothing";
        case StepCause::check: return row.why;
        case StepCause::growth: return "a queue grew: " + row.why;
        case StepCause::backlog: return "the backend fell behind: " + row.why;
        case StepCause::losses: return "messages were lost: " + row.why;
        case StepCause::connection_errors: return "connections broke: " + row.why;
        case StepCause::generator: return "the generator: " + row.why;
    }
    return "";
}

}  // namespace

std::string load_text(double load, stats::LoadAxis axis) {
    constexpr double kWholeFrom = 100;
    const std::string number = load < kWholeFrom && load != std::floor(load)
                                   ? text::format("{:.1f}", load)
                                   : with_thousands(static_cast<std::uint64_t>(std::llround(load)));
    return text::format("{} {}", number, stats::unit_of(axis));
}

std::string what_gave_first(const stats::LoadSearch& search, stats::LoadAxis axis) {
    if (search.generator_limit) {
        const std::string takes =
            search.highest_pass ? "the backend takes at least " + load_text(*search.highest_pass, axis)
                                : "nothing is known of the backend";
        return text::format("the generator was the bottleneck at {}: {}",
                            load_text(*search.generator_limit, axis), takes);
    }
    if (!search.lowest_fail) {
        if (!search.highest_pass) return "no step was made in full";
        return text::format("nothing gave up to {}", load_text(*search.highest_pass, axis));
    }
    const StepRow* row = failed_at(search, *search.lowest_fail);
    if (row == nullptr) return "the steps at the knee contradict each other";
    const std::string evidence = cpu_evidence(*row);
    return text::format("{}, at {}{}{}", cause_text(*row), load_text(row->load, axis),
                        evidence.empty() ? "" : "; ", evidence);
}

}  // namespace wsblast::search
