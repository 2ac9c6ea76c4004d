#include "plan/value_table.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::plan;
using Catch::Matchers::Contains;

namespace {

ValueTable table_of(std::string_view text) {
    auto table = ValueTable::parse(text);
    if (!table) FAIL(table.error().what);
    return *table;
}

std::vector<std::string> row(const ValueTable& table, std::uint64_t index) {
    const auto values = table.row_of(index);
    return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("value table: a row for each connection, and from the first again", "[plan][value_table]") {
    const ValueTable table = table_of("user,token\nann,1\nben,2\r\ncid,3");
    CHECK(table.columns() == std::vector<std::string>{"user", "token"});
    CHECK(table.rows() == 3);
    CHECK(row(table, 0) == std::vector<std::string>{"ann", "1"});
    CHECK(row(table, 1) == std::vector<std::string>{"ben", "2"});
    CHECK(row(table, 2) == std::vector<std::string>{"cid", "3"});
    CHECK(row(table, 3) == row(table, 0));
    CHECK(row(table, 3'000'001) == row(table, 1));
}

TEST_CASE("value table: quotes enclose commas, quotes and line breaks", "[plan][value_table]") {
    const ValueTable table = table_of("\"a,b\",c\n\"say \"\"hi\"\"\",\"two\nlines\"\n,\"\"\n");
    CHECK(table.columns()[0] == "a,b");
    CHECK(row(table, 0) == std::vector<std::string>{"say \"hi\"", "two\nlines"});
    CHECK(row(table, 1) == std::vector<std::string>{"", ""});
}

TEST_CASE("value table: a byte order mark is no part of the first name", "[plan][value_table]") {
    const ValueTable table = table_of("\xef\xbb\xbfuser\nann\n");
    CHECK(table.columns() == std::vector<std::string>{"user"});
    CHECK_FALSE(ValueTable::parse("\xef\xbb\xbf").ok());
}

TEST_CASE("value table: what is wrong names the line, and no value", "[plan][value_table]") {
    const std::pair<const char*, const char*> cases[] = {
        {"", "no first line"},
        {"a,b\n", "no row"},
        {"a,b\n1,2\ns3cret\n", "line 3: 1 values, and the first line names 2 columns: each row"},
        {"a\n\"s3cret", "line 2: a quote"},
        {"a\ns3c\"ret\n", "line 2: a quote"},
        {"a\n\"s3c\"ret\n", "line 2: a quote"},
        {"a\rs3cret\r", "line 1: it ends with CR alone"},
        {"a,b\n1,2\n3,4\r5,6\n", "line 3: it ends with CR alone"},
        {"a,a\n1,2\n", "line 1: each column"},
        {"a,\n1,2\n", "line 1: each column"},
        {"a\n\"x\ny\"\n1,2\n", "line 4: 2 values"},
    };
    for (const auto& [text, fault] : cases) {
        CAPTURE(text);
        const auto table = ValueTable::parse(text);
        REQUIRE_FALSE(table.ok());
        CHECK(table.error().fault == Fault::usage);
        CHECK_THAT(table.error().what, Contains(fault));
        CHECK_THAT(table.error().what, !Contains("s3c"));
    }
}
