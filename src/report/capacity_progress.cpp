#include <algorithm>
#include <limits>

#include <sys/ioctl.h>
#include <unistd.h>

#include "report/capacity_report.hpp"
#include "text/format.hpp"

namespace wsblast::report {

namespace {

using stats::CapacityPhase;
using stats::CapacityProgress;
using text::format;

constexpr std::size_t kWidthUnknown = 80;

std::string count(std::uint64_t value) {
    return with_thousands(value);
}

std::string activity(const CapacityProgress& progress) {
    const std::string open = count(progress.open);
    switch (progress.phase) {
        case CapacityPhase::opening: return format("{} of {} open", open, count(progress.wanted));
        case CapacityPhase::deciding:
            return format("{} open, waiting for {} that are under way", open, count(progress.opening));
        case CapacityPhase::probing: return format("{} open, asking a sample", open);
        case CapacityPhase::holding: return format("holding {}", open);
        case CapacityPhase::storm: return format("{} open, {} not back yet", open, count(progress.away));
        case CapacityPhase::closing: return format("closing {}", open);
    }
    return "";
}

std::size_t terminal_width(int fd) {
    winsize size{};
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kWidthUnknown;
}

}  // namespace

std::string capacity_progress_text(const CapacityProgress& progress) {
    std::string line = format("[{} s] {}", progress.elapsed_ns / kSecond, activity(progress));
    if (progress.phase == CapacityPhase::opening && progress.connections_per_s > 0) {
        const auto rate = static_cast<std::uint64_t>(progress.connections_per_s + 0.5);
        line += format(", {} connections/s", count(rate));
    }
    if (progress.failed > 0) line += format(", {} failed", count(progress.failed));
    if (progress.left_ns) line += format(", {} s left", (*progress.left_ns + kSecond - 1) / kSecond);
    return line;
}

void CapacityProgressWriter::show(const CapacityProgress& progress) {
    std::string line = capacity_progress_text(progress);
    switch (mode_) {
        case ProgressMode::live:
            // The last column stays empty: a character there would make some terminals wrap.
            line.resize(std::min(line.size(), terminal_width(fd_) - 1));
            write_all("\r" + line + "\033[K");
            line_shown_ = true;
            break;
        case ProgressMode::plain: {
            const bool due = progress.elapsed_ns >= last_shown_ns_ + kPlainProgressNs;
            const bool same = last_phase_ == progress.phase && last_wanted_ == progress.wanted;
            const bool worth_it = !same && progress.phase != CapacityPhase::probing;
            if (!due && !worth_it) break;
            last_phase_ = progress.phase;
            last_wanted_ = progress.wanted;
            last_shown_ns_ = progress.elapsed_ns;
            write_all(line + "\n");
            break;
        }
        case ProgressMode::quiet: break;
    }
}

void CapacityProgressWriter::clear() {
    if (line_shown_) write_all("\r\033[K");
    line_shown_ = false;
}

void CapacityProgressWriter::write_all(const std::string& words) const {
    [[maybe_unused]] const ssize_t written = write(fd_, words.data(), words.size());
}

}  // namespace wsblast::report
