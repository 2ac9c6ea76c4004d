#include "report/saturation_text.hpp"

#include <algorithm>
#include <cmath>

#include "base/units.hpp"
#include "report/backend_text.hpp"
#include "report/saturation_values.hpp"
#include "report/text_values.hpp"
#include "report/tls_report.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using stats::LoadAxis;
using stats::StepRow;
using text::format;

std::string percent(double share) {
    return format("{:.1f}%", 100 * share);
}

// The figure of a check with its interval, where it has one.
std::string figure_text(const std::string& check, const std::optional<stats::Estimate>& figure) {
    const auto rule = stats::parse_slo(check);
    if (!figure || !rule) return "";
    const std::string value = stats::value_text(*rule, figure->value);
    if (figure->low == figure->high) return format("{}: {}", check, value);
    const std::string high =
        std::isfinite(figure->high) ? stats::value_text(*rule, figure->high) : std::string("?");
    return format("{}: {} ({} to {})", check, value, stats::value_text(*rule, figure->low), high);
}

std::string headline(const stats::SaturationResult& result, const stats::LoadSearch& search) {
    const auto load = [&](double value) { return load_text(value, result.axis); };
    switch (search.ending) {
        case stats::SearchEnding::knee: break;
        case stats::SearchEnding::all_passed:
            return format("knee: none up to {}", load(search.highest_pass.value_or(0)));
        case stats::SearchEnding::none_passed:
            return format("knee: below {}, the lowest load that was tried", load(result.from));
        case stats::SearchEnding::generator: return format("knee: not found: {}", search.gave_first);
        case stats::SearchEnding::budget:
        case stats::SearchEnding::interrupted:
            if (!search.knee) {
                const std::string known =
                    search.highest_pass ? ": at least " + load(*search.highest_pass) : std::string();
                return format(
                    "knee: not found before the {}{}",
                    search.ending == stats::SearchEnding::budget ? "budget was spent" : "interrupt", known);
            }
            break;
    }
    if (!search.knee) return "knee: not found";
    const stats::Knee& knee = *search.knee;
    const bool spent = search.ending == stats::SearchEnding::budget;
    return format("knee: {} ({} to {}, {}, {} arrivals{})", load(knee.load.value),
                  number_text(knee.load.low), number_text(knee.load.high), stats::to_text(knee.method),
                  result.arrivals, spent ? "; the budget was spent before it was narrower" : "");
}

std::string curve_row(const StepRow& row) {
    const auto time = [&](TimeNs stats::Summary::*field) {
        return row.latency ? format("{:.2f}", static_cast<double>((*row.latency).*field) / 1e6)
                           : std::string("-");
    };
    const std::string cpu =
        row.backend && row.backend->cpu() ? format("{:.2f}", *row.backend->cpu()) : std::string("-");
    return format("{:>10} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>6} {:>6} {:>5} {:>5}  {}{}\n",
                  number_text(row.load), number_text(row.offered_per_s), number_text(row.achieved_per_s),
                  time(&stats::Summary::p50), time(&stats::Summary::p90), time(&stats::Summary::p99),
                  time(&stats::Summary::p99_9), row.errors, row.lost, format("{:.1f}", row.length_s), cpu,
                  stats::to_text(row.verdict),
                  row.verdict == stats::StepVerdict::inconclusive
                      ? (row.leans == stats::Side::pass ? " (pass)" : " (fail)")
                      : "");
}

// All steps by their load, those of one load in the order in which they were made.
std::string curve(const stats::SaturationResult& result, const stats::LoadSearch& search) {
    std::vector<StepRow> rows = search.steps;
    std::stable_sort(rows.begin(), rows.end(),
                     [](const StepRow& a, const StepRow& b) { return a.load < b.load; });
    std::string text = format("\nCurve (load in {}, latencies in ms):\n", stats::unit_of(result.axis));
    text += format("{:>10} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>6} {:>6} {:>5} {:>5}  {}\n", "load",
                   "offered/s", "done/s", "p50", "p90", "p99", "p99.9", "errors", "lost", "s", "CPU",
                   "verdict");
    for (const StepRow& row : rows) text += curve_row(row);
    return text;
}

std::string scalability(const stats::LoadSearch& search) {
    if (!search.scalability) return "";
    const stats::ScalabilityFit& fit = *search.scalability;
    std::string end = "no limit within what was measured";
    if (fit.peak_concurrency) {
        end = format("peak of {}/s at {:.1f} messages in the system",
                     number_text(*fit.peak_throughput_per_s), *fit.peak_concurrency);
    } else if (fit.ceiling_per_s) {
        end = format("levels off at {}/s", number_text(*fit.ceiling_per_s));
    }
    return format("\nUniversal Scalability Law: lambda {}/s, sigma {:.4f}, kappa {:.2g} (R2 {:.3f}): {}\n",
                  number_text(fit.lambda), fit.sigma, fit.kappa, fit.r_squared, end);
}

std::string backend_lines(const stats::LoadSearch& search) {
    std::string text;
    if (search.messages_per_cpu_s) {
        text +=
            format("  {} messages for each second of its CPU\n", number_text(*search.messages_per_cpu_s));
    }
    if (search.bytes_per_connection) {
        text += format("  {} of its memory a connection\n", bytes_text(*search.bytes_per_connection));
    }
    const auto last = std::find_if(search.steps.rbegin(), search.steps.rend(), [&](const StepRow& row) {
        return row.backend && row.backend->cpu() && search.lowest_fail && row.load == *search.lowest_fail;
    });
    if (last != search.steps.rend()) {
        text += format("  above the knee: {}\n", backend_line(*last->backend));
    }
    return text;
}

std::string backend(const stats::SaturationResult& result, const stats::LoadSearch& search) {
    const std::string lines = backend_lines(search);
    if (result.watched.empty() && lines.empty()) return "";
    return format("\nBackend: {}\n{}", result.watched, lines);
}

std::string generator(const stats::LoadSearch& search) {
    std::size_t thrown_out = 0;
    std::size_t suspect = 0;
    for (const StepRow& row : search.steps) {
        thrown_out += row.verdict == stats::StepVerdict::generator ? 1 : 0;
        suspect += row.generator.status == stats::GeneratorStatus::suspect ? 1 : 0;
    }
    if (thrown_out + suspect == 0) return "";
    return format("\nGenerator: {} of {} steps thrown out because it was the bottleneck, {} suspect\n",
                  thrown_out, search.steps.size(), suspect);
}

std::string profile(const stats::SaturationResult& result) {
    if (!result.profile) return "";
    const stats::KneeProfile& profile = *result.profile;
    std::string text = format("\nProfile of the backend: {} against {}\n",
                              load_text(profile.knee_load, result.axis), number_text(profile.half_load));
    for (const stats::FunctionGrowth& function : profile.functions) {
        text += format("  {:>6} -> {:>6}  {}\n", percent(function.half), percent(function.knee),
                       printable(function.function));
    }
    return text + format("  folded stacks: {}, {}\n", profile.half_path, profile.knee_path);
}

std::string one_search(const stats::SaturationResult& result, const stats::LoadSearch& search) {
    std::string text = headline(result, search) + "\n";
    if (search.ending != stats::SearchEnding::generator && !search.gave_first.empty()) {
        text += format("what gave first: {}\n", printable(search.gave_first));
    }
    return text + curve(result, search) + scalability(search) + backend(result, search) + generator(search);
}

std::string grid_table(const stats::SaturationResult& result) {
    std::string text = format("\nGrid ({} by {}):\n{:>12} {:>12} {:>25}  {}\n", stats::to_text(result.axis),
                              stats::to_text(*result.grid_axis), stats::to_text(*result.grid_axis), "knee",
                              "interval", "what gave first");
    for (const stats::LoadSearch& search : result.searches) {
        const std::string knee = search.knee ? number_text(search.knee->load.value) : "-";
        const std::string interval = search.knee ? format("{} to {}", number_text(search.knee->load.low),
                                                          number_text(search.knee->load.high))
                                                 : "-";
        text += format("{:>12} {:>12} {:>25}  {}\n", number_text(search.fixed.value_or(0)), knee, interval,
                       printable(search.gave_first));
    }
    return text;
}

}  // namespace

std::string saturation_text(const stats::SaturationResult& result) {
    std::string checks;
    for (const stats::SloRule& rule : result.rules) checks += (checks.empty() ? "" : ", ") + rule.text;
    std::string text = format("Saturation over {}{}: {}\n", stats::to_text(result.axis),
                              result.grid_axis ? format(" and {}", stats::to_text(*result.grid_axis)) : "",
                              checks.empty() ? "the highest load that is sustained" : checks);
    for (const stats::LoadSearch& search : result.searches) {
        if (result.grid_axis) {
            text += format("\n{}\n", load_text(search.fixed.value_or(0), *result.grid_axis));
        }
        text += one_search(result, search);
    }
    if (result.grid_axis) text += grid_table(result);
    text += profile(result) + tls_section(result.tls);
    text += format("\nTook {:.0f} s of {:.0f} s\n", result.duration_s, result.budget_s);
    for (const std::string& warning : result.warnings) text += format("warning: {}\n", printable(warning));
    return text;
}

std::string step_line(const StepRow& row, LoadAxis axis) {
    const std::string figure = figure_text(row.check, row.figure);
    const std::string why = row.why.empty() ? figure : row.why;
    return format("step {} ({}): {}: {}{}", row.number, stats::to_text(row.purpose),
                  load_text(row.load, axis), stats::to_text(row.verdict),
                  why.empty() ? "" : format(" ({})", printable(why)));
}

std::string search_progress_text(const stats::SearchProgress& progress, std::size_t width_max) {
    std::string line = format("[{}] step {} ({}): {}", seconds_text(progress.elapsed_ns), progress.step,
                              stats::to_text(progress.purpose), load_text(progress.load, progress.axis));
    const std::string figure = figure_text(progress.check, progress.figure);
    if (!figure.empty()) line += ", " + figure;
    if (progress.highest_pass && progress.lowest_fail) {
        line += format(", knee between {} and {}", number_text(*progress.highest_pass),
                       number_text(*progress.lowest_fail));
    } else if (progress.highest_pass) {
        line += format(", knee above {}", number_text(*progress.highest_pass));
    }
    line += format(", {} left", seconds_text(progress.left_ns));
    if (line.size() > width_max) line.resize(width_max);
    return line;
}

}  // namespace wsblast::report
