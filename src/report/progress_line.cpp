#include "report/progress_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace wsblast::report {

namespace {

constexpr std::size_t kWidthUnknown = 80;

}  // namespace

ProgressMode progress_mode_of(int fd) {
    return isatty(fd) == 1 ? ProgressMode::live : ProgressMode::plain;
}

std::size_t ProgressLine::width() const {
    winsize size{};
    const bool known = ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return (known ? size.ws_col : kWidthUnknown) - 1;
}

void ProgressLine::rewrite(std::string_view text) {
    write_all("\r" + std::string(text.substr(0, width())) + "\033[K");
    shown_ = true;
}

void ProgressLine::append(std::string_view text) const {
    write_all(std::string(text) + "\n");
}

void ProgressLine::clear() {
    if (shown_) write_all("\r\033[K");
    shown_ = false;
}

void ProgressLine::write_all(const std::string& text) const {
    [[maybe_unused]] const ssize_t written = write(fd_, text.data(), text.size());
}

}  // namespace wsblast::report
