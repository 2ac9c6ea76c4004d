#include "report/progress.hpp"

#include <limits>

#include "report/text_values.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using text::format;

std::string spaced_ms(TimeNs time_ns) {
    return format("{:.2f} ms", static_cast<double>(time_ns) / static_cast<double>(kMillisecond));
}

// What the run is doing, or waiting for.
std::string activity(const stats::Progress& progress) {
    const std::string open = with_thousands(progress.open);
    switch (progress.phase) {
        case stats::RunPhase::ramp:
            return format("opening {} of {}", open, with_thousands(progress.wanted));
        case stats::RunPhase::messages: return format("{} open", open);
        case stats::RunPhase::settling: return format("{} open, waiting for the last answers", open);
        case stats::RunPhase::holding: return format("holding {}", open);
        case stats::RunPhase::closing: return format("closing {}", open);
    }
    return "";
}

}  // namespace

std::string progress_text(const stats::Progress& progress, std::size_t width_max) {
    std::string line = format("[{}] {}", seconds_text(progress.elapsed_ns), activity(progress));
    if (progress.messages_per_s > 0) {
        const auto rate = static_cast<std::uint64_t>(progress.messages_per_s + 0.5);
        line += format(", {} messages/s", with_thousands(rate));
    }
    if (progress.p50_ns) line += format(", p50 {}", spaced_ms(*progress.p50_ns));
    if (progress.p99_ns) line += format(", p99 {}", spaced_ms(*progress.p99_ns));
    if (progress.errors > 0) {
        line += format(", {} error{}", with_thousands(progress.errors), progress.errors == 1 ? "" : "s");
    }
    if (progress.left_ns) line += format(", {} left", seconds_text(*progress.left_ns));
    if (line.size() > width_max) line.resize(width_max);
    return line;
}

void ProgressWriter::show(const stats::Progress& progress) {
    switch (line_.mode()) {
        case ProgressMode::live: line_.rewrite(progress_text(progress, line_.width())); break;
        case ProgressMode::plain: show_plain(progress); break;
        case ProgressMode::quiet: break;
    }
}

void ProgressWriter::show_plain(const stats::Progress& progress) {
    const bool due = progress.elapsed_ns >= last_shown_ns_ + kPlainProgressNs;
    if (!due && last_phase_ == progress.phase) return;
    last_phase_ = progress.phase;
    last_shown_ns_ = progress.elapsed_ns;
    line_.append(progress_text(progress, std::numeric_limits<std::size_t>::max()));
}

}  // namespace wsblast::report
