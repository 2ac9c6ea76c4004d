#include "plan/value_table.hpp"

#include <algorithm>

#include "text/format.hpp"

namespace wsblast::plan {

namespace {

// The fields of a CSV text, one after the other.
class CsvReader {
  public:
    explicit CsvReader(std::string_view text) : text_(text) {}

    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    [[nodiscard]] std::size_t line() const {
        const std::string_view before = text_.substr(0, at_);
        return static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    }

    // The fields of the next record; or what is wrong with it.
    [[nodiscard]] std::string_view read_record(std::vector<std::string>& fields) {
        fields.clear();
        for (;;) {
            if (!read_field(fields.emplace_back())) return kBadQuote;
            if (take(',')) continue;
            const bool returned = take('\r');
            if (take('\n') || at_end()) return {};
            return returned ? kLoneReturn : kBadQuote;
        }
    }

  private:
    static constexpr std::string_view kBadQuote = "a quote is not closed, or stands inside a value";
    static constexpr std::string_view kLoneReturn =
        "it ends with CR alone: end lines with LF or CR LF, or put the value in quotes";

    bool take(char character) {
        if (at_end() || text_[at_] != character) return false;
        ++at_;
        return true;
    }

    [[nodiscard]] bool read_field(std::string& field) {
        if (take('"')) return read_quoted(field);
        const std::size_t end = std::min(text_.find_first_of(",\r\n\"", at_), text_.size());
        field = text_.substr(at_, end - at_);
        at_ = end;
        return true;
    }

    [[nodiscard]] bool read_quoted(std::string& field) {
        for (;;) {
            const std::size_t end = text_.find('"', at_);
            if (end == std::string_view::npos) return false;
            field += text_.substr(at_, end - at_);
            at_ = end + 1;
            if (!take('"')) return true;
            field += '"';
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

Error bad_record(std::size_t line, std::string_view fault) {
    return usage_error(text::format("line {}: {}", line, fault));
}

}  // namespace

Result<ValueTable> ValueTable::parse(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    ValueTable table;
    CsvReader reader(text);
    std::vector<std::string> fields;
    while (!reader.at_end()) {
        const std::size_t line = reader.line();
        if (const auto fault = reader.read_record(fields); !fault.empty()) return bad_record(line, fault);
        if (table.columns_.empty()) {
            table.columns_ = fields;
            continue;
        }
        if (fields.size() != table.columns_.size()) {
            return bad_record(
                line, text::format("{} values, and the first line names {} columns: each row has one "
                                   "value for each column",
                                   fields.size(), table.columns_.size()));
        }
        std::move(fields.begin(), fields.end(), std::back_inserter(table.cells_));
    }
    if (table.columns_.empty()) return usage_error("there is no first line with the names of the columns");
    for (std::size_t i = 0; i < table.columns_.size(); ++i) {
        const std::string& name = table.columns_[i];
        if (name.empty() || std::count(table.columns_.begin(), table.columns_.end(), name) > 1)
            return bad_record(1, "each column needs a name of its own");
    }
    if (table.cells_.empty()) return usage_error("there is no row below the names of the columns");
    return table;
}

}  // namespace wsblast::plan
