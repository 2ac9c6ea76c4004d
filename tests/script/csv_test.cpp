#include "script/csv.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using script::CsvOptions;
using Records = std::vector<script::CsvRecord>;

namespace {

constexpr std::size_t kCells = 1000;

Records records_of(std::string_view text, const CsvOptions& options = {}) {
    auto records = script::read_csv(text, options, kCells);
    INFO((records ? "" : records.error().what));
    REQUIRE(records);
    return *records;
}

std::string csv_fault(std::string_view text, const CsvOptions& options = {}) {
    const auto records = script::read_csv(text, options, kCells);
    return records ? "accepted" : records.error().what;
}

}  // namespace

TEST_CASE("csv: records end with LF, CRLF or CR, the last one with the text", "[script][csv]") {
    const Records expected{{"a", "b"}, {"c", "d"}};
    CHECK(records_of("a,b\nc,d\n") == expected);
    CHECK(records_of("a,b\r\nc,d") == expected);
    CHECK(records_of("a,b\rc,d") == expected);
    CHECK(records_of("\xEF\xBB\xBF"
                     "a,b\nc,d") == expected);
    CHECK(records_of("").empty());
}

TEST_CASE("csv: quotes enclose delimiters, line breaks and doubled quotes", "[script][csv]") {
    CHECK(records_of("\"a,1\",\"b\n2\",\"c\"\"3\"\n") == Records{{"a,1", "b\n2", "c\"3"}});
    CHECK(records_of("\"\",x\n") == Records{{"", "x"}});
    CHECK(records_of("'a,1';b\n", {.delimiter = ";", .quote = "'", .escape = "\\"}) ==
          Records{{"a,1", "b"}});
    CHECK(records_of("'it\\'s','a\\\\'\n", {.quote = "'", .escape = "\\"}) == Records{{"it's", "a\\"}});
    CHECK(records_of("\"a,b\n", {.quote = ""}) == Records{{"\"a", "b"}});
}

TEST_CASE("csv: delimiters of any length, comments, and blanks that are cut off", "[script][csv]") {
    CHECK(records_of("a||b|c\n", {.delimiter = "||"}) == Records{{"a", "b|c"}});
    CHECK(records_of("# names\na,b # c\n", {.comment = "#", .trim = script::CsvTrim::both}) ==
          Records{{"a", "b"}});
    CHECK(records_of(" a , b\n", {.trim = script::CsvTrim::both}) == Records{{"a", "b"}});
    CHECK(records_of(" a ,b \n", {.trim = script::CsvTrim::left}) == Records{{"a ", "b "}});
    CHECK(records_of(" a ,b \n", {.trim = script::CsvTrim::right}) == Records{{" a", "b"}});
    CHECK(records_of(" a ,\"b\" \n", {.trim = script::CsvTrim::both}) == Records{{"a", "b"}});
}

TEST_CASE("csv: empty lines are skipped or kept, lines are chosen by number", "[script][csv]") {
    CHECK(records_of("a\n\nb\n") == Records{{"a"}, {"b"}});
    CHECK(records_of("a\n\nb\n", {.empty_lines = CsvOptions::EmptyLines::kept}) ==
          Records{{"a"}, {""}, {"b"}});
    CHECK(records_of("name\na\nb\n", {.from_line = 2}) == Records{{"a"}, {"b"}});
    CHECK(records_of("a\nb\nc\n", {.from_line = 2, .to_line = 2}) == Records{{"b"}});
}

TEST_CASE("csv: faults are told with their line, and no value is", "[script][csv]") {
    CHECK(csv_fault("a,b\nc\n").find("line 2: 1 values, and 2 in the rows before") == 0);
    CHECK(csv_fault("a\n\"secret\nx") == "line 2: a quote is not closed");
    CHECK(csv_fault("a\nb\"c\n") == "line 2: a quote stands within a value that does not begin with one");
    CHECK(csv_fault("\"a\"b\n").find("line 1: after the closing quote") == 0);
    CHECK(records_of("a,b\"c\n", {.quotes = CsvOptions::Quotes::relaxed}) == Records{{"a", "b\"c"}});
    CHECK(records_of("a,b\nc\n", {.lengths = CsvOptions::Lengths::any}) == Records{{"a", "b"}, {"c"}});
    CHECK(script::read_csv("a,b\nc,d\n", {}, 3).error().what == "line 2: more than 3 values");
}
