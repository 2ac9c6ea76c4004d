// CSV by the options of csv-parse 4, which Artillery reads its payload files with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wsblast::script {

enum class CsvTrim : std::uint8_t { none, left, right, both };

struct CsvOptions {
    std::string delimiter = ",";
    std::string quote = "\"";   // empty: none
    std::string escape = "\"";  // of a quote within quotes
    std::string comment{};      // what begins a comment, to the end of the line; empty: nothing
    CsvTrim trim = CsvTrim::none;
    enum class Quotes : std::uint8_t { strict, relaxed } quotes = Quotes::strict;  // within plain fields
    enum class Lengths : std::uint8_t { equal, any } lengths = Lengths::equal;     // of records
    enum class EmptyLines : std::uint8_t { kept, skipped } empty_lines = EmptyLines::skipped;
    std::uint64_t from_line = 1;
    std::uint64_t to_line = 0;  // 0: the last one
};

using CsvRecord = std::vector<std::string>;

// Records end with LF, CRLF or CR. Usage error: "line 3: ...", which names the fault and never a value.
// `cells_max`: of all records together.
[[nodiscard]] Result<std::vector<CsvRecord>> read_csv(std::string_view text, const CsvOptions& options,
                                                      std::size_t cells_max);

}  // namespace wsblast::script
