#include "base/units.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace wsblast;

TEST_CASE("parse_duration: a number with a unit, fractions allowed", "[base][units]") {
    CHECK(parse_duration("10ms").value() == 10 * kMillisecond);
    CHECK(parse_duration("1.5s").value() == 1500 * kMillisecond);
    CHECK(parse_duration("250us").value() == 250 * kMicrosecond);
    CHECK(parse_duration("2m").value() == 2 * kMinute);
    CHECK(parse_duration("1h").value() == kHour);
    CHECK(parse_duration("7ns").value() == 7);
    CHECK(parse_duration("0").value() == 0);
    CHECK(parse_duration("0s").value() == 0);
}

TEST_CASE("parse_duration: what is no duration is refused by name", "[base][units]") {
    for (const char* text :
         {"", "10", "ms", "-1s", "+1s", "1 s", "1x", "1e3s", "inf", "nan", "0x10s", "10000h", "1ss"}) {
        const auto duration = parse_duration(text);
        INFO(text);
        REQUIRE_FALSE(duration);
        CHECK(duration.error().fault == Fault::usage);
        CHECK(duration.error().what.find("'" + std::string(text) + "'") == 0);
    }
}

TEST_CASE("to_duration_text: parse_duration reads back the same time", "[base][units]") {
    CHECK(to_duration_text(0) == "0");
    CHECK(to_duration_text(10 * kMillisecond) == "10ms");
    CHECK(to_duration_text(1500 * kMicrosecond) == "1500us");
    CHECK(to_duration_text(120 * kSecond) == "2m");
    for (TimeNs time_ns :
         {TimeNs{0}, TimeNs{1}, TimeNs{999}, 90 * kSecond, 36 * kHour, TimeNs{123'456'789}}) {
        CHECK(parse_duration(to_duration_text(time_ns)).value() == time_ns);
    }
}

TEST_CASE("parse_count: whole after scaling by k or M", "[base][units]") {
    CHECK(parse_count("0").value() == 0);
    CHECK(parse_count("100").value() == 100);
    CHECK(parse_count("50k").value() == 50'000);
    CHECK(parse_count("2M").value() == 2'000'000);
    CHECK(parse_count("1.5k").value() == 1'500);
    CHECK(parse_count("1.005k").value() == 1'005);
    CHECK(parse_count("999999999999999").value() == 999'999'999'999'999);
}

TEST_CASE("parse_count: a sign, a rest or an unknown suffix is refused", "[base][units]") {
    for (const char* text :
         {"", "-1", "+1", "1.5", "0.0001k", "k", "1K", "1kk", "1 k", "1e3", "9999999999999999999999"}) {
        INFO(text);
        const auto count = parse_count(text);
        REQUIRE_FALSE(count);
        CHECK(count.error().fault == Fault::usage);
    }
}

TEST_CASE("parse_rate: above 0, fractions and suffixes allowed", "[base][units]") {
    CHECK(parse_rate("1000").value() == 1000);
    CHECK(parse_rate("2.5k").value() == 2500);
    CHECK(parse_rate("0.5").value() == 0.5);
    for (const char* text : {"", "0", "-5", "1/s", "ten", "2000M"}) {
        INFO(text);
        CHECK_FALSE(parse_rate(text));
    }
}

TEST_CASE("with_thousands: a comma every three digits", "[base][units]") {
    CHECK(with_thousands(0) == "0");
    CHECK(with_thousands(999) == "999");
    CHECK(with_thousands(1'000) == "1,000");
    CHECK(with_thousands(1'234'567) == "1,234,567");
    CHECK(with_thousands(~std::uint64_t{0}) == "18,446,744,073,709,551,615");
}

TEST_CASE("as_bytes and as_text: two views of the same bytes", "[base][units]") {
    const std::string_view text = "a\0b";
    CHECK(as_bytes(text).size() == text.size());
    CHECK(as_text(as_bytes(text)).data() == text.data());
    CHECK(as_text(as_bytes(text)) == text);
}
