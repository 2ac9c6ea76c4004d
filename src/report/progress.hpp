// How far a run is, on standard error: one line that rewrites itself on a terminal, a plain line every few
// seconds elsewhere (a log, a pipe).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "stats/result.hpp"

namespace wsblast::report {

inline constexpr TimeNs kPlainProgressNs = 5 * kSecond;

// "[12 s] 50,000 open, 123,456 messages/s, p50 1.23 ms, p99 4.56 ms, 42 s left": printable ASCII without a
// line feed, what does not fit into `width_max` characters cut off.
[[nodiscard]] std::string progress_text(const stats::Progress& progress, std::size_t width_max);

enum class ProgressMode : std::uint8_t { live, plain, quiet };

// live where `fd` is a terminal (isatty(3)), else plain.
[[nodiscard]] ProgressMode progress_mode_of(int fd);

// Writes to a descriptor that it does not own. A write that fails is no error of the run: the line is lost.
// One thread uses it.
class ProgressWriter {
  public:
    ProgressWriter(int fd, ProgressMode mode) : fd_(fd), mode_(mode) {}

    // live: shows every call; plain: the first of each phase, then one every kPlainProgressNs.
    void show(const stats::Progress& progress);

    // Another text in the live line, by the width that it may have; nothing where there is none.
    template <class Text>
    void show_live(Text&& text_of_width) {
        if (mode_ == ProgressMode::live) show_line(text_of_width(width()));
    }

    // Takes the live line away, so that what is printed next begins on an empty line.
    void clear();

  private:
    // The last column stays empty: a character there would make some terminals wrap.
    [[nodiscard]] std::size_t width() const;
    void show_line(const std::string& text);
    void show_plain(const stats::Progress& progress);
    void write_all(const std::string& text) const;

    int fd_;
    ProgressMode mode_;
    bool line_shown_ = false;
    std::optional<stats::RunPhase> last_phase_;
    TimeNs last_shown_ns_ = 0;
};

}  // namespace wsblast::report
