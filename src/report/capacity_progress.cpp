#include "report/capacity_report.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using stats::CapacityPhase;
using stats::CapacityProgress;
using text::format;

std::string activity(const CapacityProgress& progress) {
    const std::string open = with_thousands(progress.open);
    switch (progress.phase) {
        case CapacityPhase::opening: return format("{} of {} open", open, with_thousands(progress.wanted));
        case CapacityPhase::deciding:
            return format("{} open, waiting for {} that are under way", open,
                          with_thousands(progress.opening));
        case CapacityPhase::probing: return format("{} open, asking a sample", open);
        case CapacityPhase::holding: return format("holding {}", open);
        case CapacityPhase::storm:
            return format("{} open, {} not back yet", open, with_thousands(progress.away));
        case CapacityPhase::closing: return format("closing {}", open);
    }
    return "";
}

}  // namespace

std::string capacity_progress_text(const CapacityProgress& progress) {
    std::string line = format("[{} s] {}", progress.elapsed_ns / kSecond, activity(progress));
    if (progress.phase == CapacityPhase::opening && progress.connections_per_s > 0) {
        const auto rate = static_cast<std::uint64_t>(progress.connections_per_s + 0.5);
        line += format(", {} connections/s", with_thousands(rate));
    }
    if (progress.failed > 0) line += format(", {} failed", with_thousands(progress.failed));
    if (progress.left_ns) line += format(", {} s left", (*progress.left_ns + kSecond - 1) / kSecond);
    return line;
}

void CapacityProgressWriter::show(const CapacityProgress& progress) {
    switch (line_.mode()) {
        case ProgressMode::live: line_.rewrite(capacity_progress_text(progress)); break;
        case ProgressMode::plain: show_plain(progress); break;
        case ProgressMode::quiet: break;
    }
}

void CapacityProgressWriter::show_plain(const CapacityProgress& progress) {
    const bool due = progress.elapsed_ns >= last_shown_ns_ + kPlainProgressNs;
    const bool same = last_phase_ == progress.phase && last_wanted_ == progress.wanted;
    const bool worth_it = !same && progress.phase != CapacityPhase::probing;
    if (!due && !worth_it) return;
    last_phase_ = progress.phase;
    last_wanted_ = progress.wanted;
    last_shown_ns_ = progress.elapsed_ns;
    line_.append(capacity_progress_text(progress));
}

}  // namespace wsblast::report
