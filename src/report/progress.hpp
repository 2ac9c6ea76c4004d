// How far a run is, in words.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "report/progress_line.hpp"
#include "stats/result.hpp"

namespace wsblast::report {

// "[12 s] 50,000 open, 123,456 messages/s, p50 1.23 ms, p99 4.56 ms, 42 s left": printable ASCII without a
// line feed, what does not fit into `width_max` characters cut off.
[[nodiscard]] std::string progress_text(const stats::Progress& progress, std::size_t width_max);

// One thread uses it.
class ProgressWriter {
  public:
    ProgressWriter(int fd, ProgressMode mode) : line_(fd, mode) {}

    // live: shows every call; plain: the first of each phase, then one every kPlainProgressNs.
    void show(const stats::Progress& progress);

    // Another text in the live line, by the width that it may have; nothing where there is none.
    template <class Text>
    void show_live(Text&& text_of_width) {
        if (line_.mode() == ProgressMode::live) line_.rewrite(text_of_width(line_.width()));
    }

    // Takes the live line away.
    void clear() { line_.clear(); }

  private:
    void show_plain(const stats::Progress& progress);

    ProgressLine line_;
    std::optional<stats::RunPhase> last_phase_;
    TimeNs last_shown_ns_ = 0;
};

}  // namespace wsblast::report
