#include "script/csv.hpp"

#include <algorithm>
#include <utility>

#include "text/format.hpp"

namespace wsblast::script {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(char character) {
    return character == ' ' || character == '\t' || character == '\f' || character == '\v';
}

class CsvReader {
  public:
    CsvReader(std::string_view text, const CsvOptions& options) : rest_(text), options_(options) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] std::uint64_t line() const { return line_; }
    // What a record was refused for.
    [[nodiscard]] std::string_view fault() const { return fault_; }

    // Fields until the end of a record; false: refused. A comment alone, and an empty line, are one empty
    // field.
    [[nodiscard]] bool read_record(CsvRecord& record);

  private:
    enum class Ending : std::uint8_t { field, record, refused };

    [[nodiscard]] bool take(std::string_view word);
    [[nodiscard]] bool take_line_end();
    [[nodiscard]] bool at_line_end() const;
    void skip_comment();
    void skip_blanks();
    [[nodiscard]] bool trims_left() const {
        return options_.trim == CsvTrim::left || options_.trim == CsvTrim::both;
    }
    [[nodiscard]] bool trims_right() const {
        return options_.trim == CsvTrim::right || options_.trim == CsvTrim::both;
    }
    [[nodiscard]] Ending read_field(std::string& field);
    [[nodiscard]] Ending read_plain(std::string& field);
    [[nodiscard]] Ending read_quoted(std::string& field);
    [[nodiscard]] Ending end_field();
    Ending refuse(std::string_view fault) { return fault_ = fault, Ending::refused; }

    std::string_view rest_;
    const CsvOptions& options_;
    std::uint64_t line_ = 1;
    std::string_view fault_;
};

bool CsvReader::take(std::string_view word) {
    if (word.empty() || !rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
}

bool CsvReader::at_line_end() const {
    return rest_.empty() || rest_.front() == '\n' || rest_.front() == '\r';
}

bool CsvReader::take_line_end() {
    if (rest_.empty() || (!take("\r\n") && !take("\n") && !take("\r"))) return false;
    ++line_;
    return true;
}

void CsvReader::skip_comment() {
    if (options_.comment.empty() || !rest_.starts_with(options_.comment)) return;
    rest_.remove_prefix(std::min(rest_.find_first_of("\r\n"), rest_.size()));
}

void CsvReader::skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front()) && !rest_.starts_with(options_.delimiter))
        rest_.remove_prefix(1);
}

bool CsvReader::read_record(CsvRecord& record) {
    record.clear();
    for (;;) {
        const Ending ending = read_field(record.emplace_back());
        if (ending == Ending::refused) return false;
        if (ending == Ending::record) return true;
    }
}

CsvReader::Ending CsvReader::read_field(std::string& field) {
    if (trims_left()) skip_blanks();
    skip_comment();
    return take(options_.quote) ? read_quoted(field) : read_plain(field);
}

CsvReader::Ending CsvReader::end_field() {
    skip_comment();
    if (take(options_.delimiter)) return Ending::field;
    if (take_line_end() || rest_.empty()) return Ending::record;
    return refuse("after the closing quote stands something else than a delimiter or the line's end");
}

CsvReader::Ending CsvReader::read_plain(std::string& field) {
    while (!at_line_end() && !rest_.starts_with(options_.delimiter)) {
        const bool comment = !options_.comment.empty() && rest_.starts_with(options_.comment);
        if (comment) break;
        const bool quote = !options_.quote.empty() && rest_.starts_with(options_.quote);
        if (quote && options_.quotes == CsvOptions::Quotes::strict)
            return refuse("a quote stands within a value that does not begin with one");
        field += rest_.front();
        rest_.remove_prefix(1);
    }
    while (trims_right() && !field.empty() && is_blank(field.back())) field.pop_back();
    return end_field();
}

CsvReader::Ending CsvReader::read_quoted(std::string& field) {
    const std::uint64_t begun = line_;
    const std::string escaped = options_.escape + options_.quote;
    while (!rest_.empty()) {
        // An escaped escape, where that is not the quote itself.
        const bool twice = options_.escape != options_.quote && take(options_.escape + options_.escape);
        if (twice && !options_.escape.empty()) {
            field += options_.escape;
        } else if (!options_.escape.empty() && take(escaped)) {
            field += options_.quote;
        } else if (take(options_.quote)) {
            if (trims_right()) skip_blanks();
            return end_field();
        } else {
            if (rest_.front() == '\n') ++line_;
            field += rest_.front();
            rest_.remove_prefix(1);
        }
    }
    line_ = begun;
    return refuse("a quote is not closed");
}

bool is_empty(const CsvRecord& record) {
    return record.size() == 1 && record[0].empty();
}

Error bad_line(std::uint64_t line, std::string_view fault) {
    return usage_error(text::format("line {}: {}", line, fault));
}

}  // namespace

Result<std::vector<CsvRecord>> read_csv(std::string_view text, const CsvOptions& options,
                                        std::size_t cells_max) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    CsvReader reader(text, options);
    std::vector<CsvRecord> records;
    CsvRecord record;
    std::size_t cells = 0;
    while (!reader.at_end()) {
        const std::uint64_t line = reader.line();
        if (options.to_line > 0 && line > options.to_line) break;
        if (!reader.read_record(record)) return bad_line(reader.line(), reader.fault());
        const bool skipped = is_empty(record) && options.empty_lines == CsvOptions::EmptyLines::skipped;
        if (line < options.from_line || skipped) continue;
        const bool equal = records.empty() || records[0].size() == record.size();
        if (!equal && options.lengths == CsvOptions::Lengths::equal)
            return bad_line(line, text::format("{} values, and {} in the rows before; options: "
                                               "relax_column_count: true allows it",
                                               record.size(), records[0].size()));
        cells += record.size();
        if (cells > cells_max) return bad_line(line, text::format("more than {} values", cells_max));
        records.push_back(std::exchange(record, {}));
    }
    return records;
}

}  // namespace wsblast::script
