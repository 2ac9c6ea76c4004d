#include "app/output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <unistd.h>

#include "text/format.hpp"

namespace wsblast::app {

void print_error(const std::string& what) {
    std::fputs(text::format("wsblast: {}\n", what).c_str(), stderr);
}

ExitStatus fail(const Error& error) {
    print_error(error.what);
    return status_of(error.fault);
}

Result<void> write_text(int fd, std::string_view words) {
    while (!words.empty()) {
        const ssize_t written = write(fd, words.data(), words.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EPIPE) return {};
        if (written <= 0) {
            return environment_error(
                text::format("the result could not be written: {}", std::strerror(errno)));
        }
        words.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> write_file(const std::string& path, const std::string& content) {
    const auto failed = [&] {
        return environment_error(text::format("--json {}: {}", path, std::strerror(errno)));
    };
    if (access(path.c_str(), F_OK) == 0 && access(path.c_str(), W_OK) != 0) return failed();
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << content;
    file.close();
    if (!file) return failed();
    return {};
}

}  // namespace wsblast::app
