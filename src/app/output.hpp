// What commands write: words for a person, and results to files. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/exit_status.hpp"
#include "base/result.hpp"

namespace wsblast::app {

// The path that stands for standard output.
inline constexpr std::string_view kStandardOutput = "-";

// Whether the seed was drawn: then the header has to tell it.
enum class SeedDrawn : std::uint8_t { no, yes };

// "wsblast: what" on standard error.
void print_error(const std::string& what);

// The same of a command's error, and what the command then exits with.
[[nodiscard]] ExitStatus fail(const Error& error);

// All of it. A reader that closes its end early (`| head`) is no failure of the command; a full disk is one
// of the environment.
[[nodiscard]] Result<void> write_text(int fd, std::string_view words);

// The file of --json, in place of what is there. Environment error: the path was found writable before the
// run (option_values.hpp), and may not be any more.
[[nodiscard]] Result<void> write_file(const std::string& path, const std::string& content);

}  // namespace wsblast::app
