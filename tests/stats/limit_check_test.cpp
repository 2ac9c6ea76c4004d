#include "stats/limit_check.hpp"

#include <catch2/catch.hpp>

namespace wsblast::stats {

TEST_CASE("limit check: a table is as bad as its worst row", "[stats][limits]") {
    LimitTable table;
    CHECK(table.status() == LimitStatus::ok);
    table.checks.resize(3);
    CHECK(table.status() == LimitStatus::ok);
    table.checks[1].status = LimitStatus::warn;
    CHECK(table.status() == LimitStatus::warn);
    table.checks[0].status = LimitStatus::fail;
    CHECK(table.status() == LimitStatus::fail);
}

TEST_CASE("limit check: the statuses have the names that scripts rely on", "[stats][limits]") {
    CHECK(to_text(LimitStatus::ok) == "ok");
    CHECK(to_text(LimitStatus::warn) == "warn");
    CHECK(to_text(LimitStatus::fail) == "fail");
}

}  // namespace wsblast::stats
