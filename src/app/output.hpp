// What commands write: words for a person, and results to files. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wsblast::app {

// "wsblast: what" on standard error.
void print_error(const std::string& what);

// All of it. A reader that closes its end early (`| head`) is no failure of the command; a full disk is one
// of the environment.
[[nodiscard]] Result<void> write_text(int fd, std::string_view words);

// The file of --json, in place of what is there. Environment error: the path was found writable before the
// run (option_values.hpp), and may not be any more.
[[nodiscard]] Result<void> write_file(const std::string& path, const std::string& content);

}  // namespace wsblast::app
