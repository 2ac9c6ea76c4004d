#include "report/misbehaving_report.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::report;

namespace {

std::vector<stats::Misbehaving> kinds() {
    stats::Misbehaving one{.kind = "oversized", .connections = 9};
    constexpr std::uint16_t kCodes[] = {1009, 1002, 1009};
    for (const std::uint16_t code : kCodes) one.add({0, stats::BadEnd::closed, code}, 1);
    one.add({0, stats::BadEnd::failed, 0}, 1);
    one.add({0, stats::BadEnd::dropped, 0}, 1);
    one.add({0, stats::BadEnd::reset, 0}, 1);
    one.add({0, stats::BadEnd::open, 0}, 3);
    return {one, {.kind = "stall", .connections = 2}};
}

}  // namespace

TEST_CASE("misbehaving report: a line a kind, with what happened only", "[report][misbehaving]") {
    CHECK(misbehaving_section({}).empty());
    CHECK(misbehaving_section(kinds()) ==
          "\nMisbehaving on purpose, in no figure above:\n"
          "  oversized: 9 connections: 1 closed with 1002, 2 closed with 1009, 1 closed without a close "
          "frame, "
          "1 reset, 3 still open at the end, 1 not opened\n"
          "  stall: 2 connections\n");
}

TEST_CASE("misbehaving report: JSON has every count", "[report][misbehaving]") {
    const Json json = misbehaving_json(kinds());
    REQUIRE(json.size() == 2);
    CHECK(json[0] == Json{{"kind", "oversized"},
                          {"connections", 9},
                          {"failed", 1},
                          {"close_codes", {{"1002", 1}, {"1009", 2}}},
                          {"dropped", 1},
                          {"reset", 1},
                          {"open", 3}});
    CHECK(json[1]["close_codes"].empty());
}

TEST_CASE("misbehaving report: a key of its counts is never 0, and says what went in",
          "[report][misbehaving]") {
    for (const auto end : {stats::BadEnd::failed, stats::BadEnd::open}) {
        const stats::BadEndKey key{3, end, 1009};
        const auto again = stats::BadEndKey::unpack(key.pack());
        CHECK(again.kind == 3);
        CHECK(again.end == end);
        CHECK(again.code == 1009);
    }
    CHECK(stats::BadEndKey{}.pack() != 0);
}
