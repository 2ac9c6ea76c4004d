// Values that differ from connection to connection, from a CSV file (RFC 4180): a row for each connection,
// and from the first row again when there are more connections.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wsblast::plan {

// Immutable once read, for any thread.
class ValueTable {
  public:
    // The first record has the names of the columns; each other one as many values as there are columns.
    // Records end with CRLF or LF; quotes enclose what has commas, quotes (doubled) or line breaks. A
    // byte order mark is passed over. Usage error, which names the line and never a value.
    [[nodiscard]] static Result<ValueTable> parse(std::string_view text);

    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
    [[nodiscard]] std::uint64_t rows() const { return cells_.size() / columns_.size(); }
    // Of the connection of that index of the run: its values, by column.
    [[nodiscard]] std::span<const std::string> row_of(std::uint64_t index) const {
        return std::span(cells_).subspan(index % rows() * columns_.size(), columns_.size());
    }

  private:
    std::vector<std::string> columns_;
    std::vector<std::string> cells_;  // row by row
};

}  // namespace wsblast::plan
