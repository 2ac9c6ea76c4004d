#include "app/option_values.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <limits>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.hpp"
#include "tests/app/command_line.hpp"
#include "tests/support/test_folder.hpp"

namespace wsblast::app {

using test::TestFolder;

TEST_CASE("option values: a count holds its bounds, both included", "[app][values]") {
    CHECK(*parse_bounded("1", {1, 5'000}) == 1);
    CHECK(*parse_bounded("5k", {1, 5'000}) == 5'000);
    CHECK(refuses_naming(parse_bounded("0", {1, 5'000}), "between 1 and 5,000"));
    CHECK(refuses_naming(parse_bounded("5001", {1, 5'000}), "'5001'"));
    CHECK(refuses_naming(parse_bounded("many", {1, 5'000}), "'many'"));
    CHECK(refuses_naming(parse_bounded("-1", {1, 5'000}), "'-1'"));
    CHECK(refuses_naming(parse_bounded("1.5", {1, 5'000}), "whole number"));
}

TEST_CASE("option values: a positive duration is not 0 and has a unit", "[app][values]") {
    CHECK(*parse_positive_duration("10ms") == 10 * kMillisecond);
    CHECK(refuses_naming(parse_positive_duration("0"), "longer than 0"));
    CHECK(refuses_naming(parse_positive_duration("10"), "unit"));
}

TEST_CASE("option values: a seed is any number of 64 bits", "[app][values]") {
    CHECK(*parse_seed("0") == 0);
    CHECK(*parse_seed("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
    CHECK_FALSE(parse_seed("18446744073709551616").ok());
    CHECK_FALSE(parse_seed("-1").ok());
    CHECK_FALSE(parse_seed("7x").ok());
    CHECK_FALSE(parse_seed("").ok());
}

TEST_CASE("option values: ports are a range from 1 to 65535", "[app][values]") {
    CHECK(*parse_ports("20000-60000") == PortRange{20'000, 60'000});
    CHECK(*parse_ports("1-1") == PortRange{1, 1});
    for (const char* bad : {"", "-", "20000", "0-10", "10-9", "1-65536", "a-b", "1-2-3", "1 - 2"}) {
        CHECK(refuses_naming(parse_ports(bad), "20000-60000"));
    }
}

TEST_CASE("option values: a ramp goes from one rate to another, within a time or the run's",
          "[app][values]") {
    const auto ramp = parse_ramp_rate("100..5k@30s");
    REQUIRE(ramp.ok());
    CHECK(ramp->from_per_s == 100);
    CHECK(ramp->to_per_s == 5000);
    CHECK(ramp->ramp_ns == 30 * kSecond);
    CHECK(parse_ramp_rate("0..1.5k")->ramp_ns == 0);
    CHECK(parse_ramp_rate("500..0@1m")->to_per_s == 0);
    for (const char* bad :
         {"100", "100..", "..5", "0..0", "5k@3s..6k", "1..2@", "1..2@0", "1..2@3", "a..b"}) {
        CHECK_FALSE(parse_ramp_rate(bad).ok());
    }
}

TEST_CASE("option values: JSON pointers begin with a slash; one stands for both sides", "[app][values]") {
    CHECK(parse_pointers("/payload/id")->answer == "/payload/id");
    CHECK(parse_pointers("/payload/id,/id")->sent == "/payload/id");
    CHECK(parse_pointers("/payload/id,/id")->answer == "/id");
    for (const char* bad : {"", "/", "id", "/id,", "/id,name"}) CHECK_FALSE(parse_pointers(bad).ok());
}

TEST_CASE("option values: sources are addresses and ranges, with a limit", "[app][values]") {
    const auto sources = parse_sources("127.0.0.2, 127.0.1.0/30,::1");
    REQUIRE(sources.ok());
    CHECK(*sources == std::vector{make_ipv4(0x7f000002, 0), make_ipv4(0x7f000101, 0),
                                  make_ipv4(0x7f000102, 0), *parse_ip("::1", 0)});
    CHECK(refuses_naming(parse_sources("localhost"), "'localhost'"));
    CHECK(refuses_naming(parse_sources("127.0.0.2,"), "''"));
    CHECK(refuses_naming(parse_sources(""), "''"));
    CHECK(refuses_naming(parse_sources("10.0.0.0/33"), "0 to 32"));
    CHECK(refuses_naming(parse_sources("10.0.0.0/8,10.0.0.1"), "65,536"));
}

TEST_CASE("option values: a header has a name before its colon, blanks around it are none of it",
          "[app][values]") {
    const auto header = parse_header("  X-Token :  a: b ");
    REQUIRE(header.ok());
    CHECK(header->name == "X-Token");
    CHECK(header->value == "a: b");
    CHECK(parse_header("X-Empty:")->value.empty());
    CHECK(refuses_naming(parse_header("no colon"), "Name: value"));
    CHECK(refuses_naming(parse_header(": value"), "Name: value"));
}

TEST_CASE("option values: a target is a ws:// or wss:// URL", "[app][values]") {
    CHECK(*parse_target("ws://127.0.0.1:8000/ws") == "ws://127.0.0.1:8000/ws");
    CHECK(*parse_target("wss://example.org/ws") == "wss://example.org/ws");
    CHECK(refuses_naming(parse_target("http://example.org/"), "http://example.org/"));
    CHECK(refuses_naming(parse_target("ws://example.org/#part"), "#part"));
}

TEST_CASE("option values: a message is UTF-8 and not too long, from a file too", "[app][values]") {
    const TestFolder folder;
    CHECK(parse_message("").value().empty());
    CHECK(read_message_file(folder.write("message", "{\"a\":1}\n")).value() == std::string("{\"a\":1}\n"));
    CHECK(read_message_file(folder.write("longest", std::string(limits::kSentMessageMax, 'x'))).ok());

    CHECK(refuses_naming(parse_message("\xff"), "UTF-8"));
    CHECK(refuses_naming(parse_message(std::string(limits::kSentMessageMax + 1, 'x')), "longer than"));
    CHECK(refuses_naming(read_message_file(folder.write("binary", "\xc3(")), "UTF-8"));
    const std::string too_long = folder.write("too-long", std::string(limits::kSentMessageMax + 1, 'x'));
    CHECK(refuses_naming(read_message_file(too_long), "longer than"));
    CHECK(refuses_naming(read_message_file(folder.path("missing")), "No such file"));
    CHECK(refuses_naming(read_message_file(folder.path()), "is a folder"));
}

TEST_CASE("option values: checking a result path leaves no trace", "[app][values]") {
    const TestFolder folder;
    const std::string fresh = folder.path("fresh.json");
    CHECK(check_result_path(fresh).ok());
    CHECK_FALSE(std::ifstream(fresh).is_open());

    const std::string old = folder.write("old.json", "old");
    CHECK(check_result_path(old).ok());
    CHECK(read_message_file(old).value() == std::string("old"));

    const std::string pipe = folder.path("pipe");
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(check_result_path(pipe).ok());
}

TEST_CASE("option values: an unwritable result path is an error of the environment that names it",
          "[app][values]") {
    const TestFolder folder;
    for (const std::string& path : {folder.path("no/folder.json"), folder.path()}) {
        const Result<void> writable = check_result_path(path);
        REQUIRE_FALSE(writable.ok());
        CHECK(writable.error().fault == Fault::environment);
        CHECK(writable.error().what.find("'" + path + "'") != std::string::npos);
    }
}

}  // namespace wsblast::app
