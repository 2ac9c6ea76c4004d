#include "report/doctor_report.hpp"

#include <catch2/catch.hpp>

#include "tests/support/texts.hpp"

namespace wsblast::report {

namespace {

using stats::LimitCheck;
using stats::LimitStatus;
using test::contains;

stats::LimitTable table_of_three() {
    stats::LimitTable table{.version = "1.2.3",
                            .kernel = "6.18.44",
                            .connections = 50'000,
                            .urls = {"ws://10.0.0.9/ws"},
                            .where = "behind a router",
                            .cores = 1};
    table.checks = {
        {.id = "steal", .name = "CPU time stolen", .here = "0.00 %"},
        {.id = "tcp_memory",
         .name = "TCP memory",
         .status = LimitStatus::warn,
         .here = "unknown",
         .why = "it cannot be read",
         .remedy = "run it on the host"},
        {.id = "source_ports",
         .name = "source ports",
         .status = LimitStatus::fail,
         .here = "28,232",
         .here_value = 28'232,
         .needed = "50,000",
         .needed_value = 50'000,
         .arithmetic = "1 source address x 28,232 ports",
         .why = "each pair carries one connection",
         .remedy = "sudo sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"",
         .settings = {{stats::SettingPlace::sysctl, "net.ipv4.ip_local_port_range", "1024 65535"}},
         .connections_max = 28'232}};
    table.ceiling = {28'232, "source ports", "1 source address x 28,232 ports"};
    return table;
}

}  // namespace

TEST_CASE("doctor report: a row a limit, and below those that are not ok why and what to do",
          "[report][doctor]") {
    const std::string text = doctor_text(table_of_three(), {});
    CHECK(
        text.starts_with("wsblast 1.2.3 doctor: 50,000 connections to ws://10.0.0.9/ws behind a router, "
                         "1 core\n\nlimit "));
    CHECK(contains(text,
                   "\nCPU time stolen           0.00 %              -                   ok\nTCP memory"));
    CHECK(contains(text,
                   "\nsource ports              28,232              50,000              fail\n"
                   "    why: each pair carries one connection.\n"
                   "    do:  sudo sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"\n"));
    CHECK(contains(text,
                   "about 28,232 connections to ws://10.0.0.9/ws.\nThe first limit is source ports:\n"
                   "    1 source address x 28,232 ports.\n"));
    CHECK(contains(text, "Doctor: fail, 1 of 3 limits fail, 1 warn; --fix"));
    CHECK_FALSE(contains(text, "\033"));
}

TEST_CASE("doctor report: the arithmetic of every row is there when it is asked for", "[report][doctor]") {
    const std::string explained = doctor_text(table_of_three(), {Colour::off, Explain::yes});
    CHECK(contains(explained, "fail\n    1 source address x 28,232 ports.\n    why:"));
}

TEST_CASE("doctor report: only the words of the statuses have colours", "[report][doctor]") {
    const std::string text = doctor_text(table_of_three(), {Colour::on, Explain::no});
    CHECK(contains(text, "\033[31mfail\033[0m\n"));
    CHECK(contains(text, "\033[33mwarn\033[0m\n"));
    CHECK(contains(text, "\033[32mok\033[0m\n"));
}

TEST_CASE("doctor report: long reasons are wrapped, commands are not", "[report][doctor]") {
    stats::LimitTable table = table_of_three();
    for (int i = 0; i < 40; ++i) table.checks[2].why += " word";
    table.checks[2].remedy = std::string(150, 'x');
    const std::string text = doctor_text(table, {});
    CHECK(contains(text, "word\n         word"));
    CHECK(contains(text, "    do:  " + std::string(150, 'x') + "\n"));
}

TEST_CASE("doctor report: nothing in the way is one line", "[report][doctor]") {
    stats::LimitTable table = table_of_three();
    table.checks.resize(1);
    CHECK(contains(doctor_text(table, {}), "\nDoctor: ok, nothing is in the way\n"));
}

TEST_CASE("doctor report: JSON has every row, null where there is nothing", "[report][doctor]") {
    const std::string json = doctor_json(table_of_three(), 1);
    CHECK(contains(json, R"("schema": "wsblast.doctor/1")"));
    CHECK(contains(json, R"("exit_status": 1)"));
    CHECK(contains(json, R"("status": "fail")"));
    CHECK(contains(json, R"("connections_max": 28232)"));
    CHECK(contains(json, R"("here_value": null)"));
    CHECK(contains(json, R"("needed": null)"));
    CHECK(contains(json, R"("key": "net.ipv4.ip_local_port_range")"));
    CHECK(json.ends_with("}\n"));
}

}  // namespace wsblast::report
