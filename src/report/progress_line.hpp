// Where progress is shown, on standard error: one line that rewrites itself on a terminal, plain lines
// elsewhere (a log, a pipe).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace wsblast::report {

// How far apart plain lines are that say nothing new.
inline constexpr TimeNs kPlainProgressNs = 5 * kSecond;

enum class ProgressMode : std::uint8_t { live, plain, quiet };

// live where `fd` is a terminal (isatty(3)), else plain.
[[nodiscard]] ProgressMode progress_mode_of(int fd);

// Writes to a descriptor that it does not own. A write that fails is no error of the run: the line is lost.
// One thread uses it. Texts are printable ASCII without a line feed.
class ProgressLine {
  public:
    ProgressLine(int fd, ProgressMode mode) : fd_(fd), mode_(mode) {}

    [[nodiscard]] ProgressMode mode() const { return mode_; }
    // How much of a live line can be seen. The last column stays empty: a character there would make some
    // terminals wrap.
    [[nodiscard]] std::size_t width() const;

    // In the place of the line before; what does not fit is cut off.
    void rewrite(std::string_view text);
    // A line of its own.
    void append(std::string_view text) const;
    // Takes the live line away, so that what is printed next begins on an empty line.
    void clear();

  private:
    void write_all(const std::string& text) const;

    int fd_;
    ProgressMode mode_;
    bool shown_ = false;
};

}  // namespace wsblast::report
