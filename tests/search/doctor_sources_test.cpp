#include "search/doctor_sources.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/support/doctor_facts.hpp"

namespace wsblast::search {

using stats::LimitCheck;
using stats::LimitStatus;
using test::contains;
using test::good_facts;
using test::remote_facts;

TEST_CASE("doctor sources: IPv4's loopback has addresses for all connections", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    facts.connections = 1'000'000;
    const LimitCheck row = source_ports_row(facts);
    CHECK(row.status == LimitStatus::ok);
    CHECK(row.here == "enough");
    CHECK(pairs_ceiling(facts) == limits::kConnectionsMax);
}

TEST_CASE("doctor sources: one address carries as many connections as there are ports",
          "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    facts.connections = 28'232;
    CHECK(pairs_ceiling(facts) == 28'232);
    CHECK(source_ports_row(facts).status == LimitStatus::ok);
    facts.connections = 28'234;
    const LimitCheck row = source_ports_row(facts);
    CHECK(row.status == LimitStatus::fail);
    CHECK(row.connections_max == 28'232U);
    CHECK(contains(row.arithmetic, "1 source address (10.0.0.2) x 28,232 ports (32768-60999)"));
    CHECK(row.remedy == "sudo sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"");
    CHECK(row.settings.at(0).value == "1024 65535");
}

TEST_CASE("doctor sources: reserved ports and the target's own are left out", "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    facts.ports = {8'000, 9'999};
    facts.reserved = {{9'000, 9'098}};
    CHECK(pairs_ceiling(facts) == 2'000 - 99 - 1 - 0);  // an even number: a pair for each of 2 workers
}

TEST_CASE("doctor sources: where a wider range is not enough, addresses are asked for",
          "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    facts.connections = 200'000;
    const LimitCheck row = source_ports_row(facts);
    CHECK(contains(row.remedy, "ip_local_port_range"));
    CHECK(contains(row.remedy, "4 source addresses with --source-ip"));

    facts.ports = {1'024, 65'535};
    CHECK(source_ports_row(facts).settings.empty());
    facts.sources = {*parse_ip("10.0.0.2", 0), *parse_ip("10.0.0.3", 0), *parse_ip("10.0.0.4", 0),
                     *parse_ip("10.0.0.5", 0)};
    CHECK(source_ports_row(facts).status == LimitStatus::ok);
}

TEST_CASE("doctor sources: explicit ports are not the kernel's to widen", "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    facts.ports = {20'000, 20'099};
    facts.explicit_ports = facts.ports;
    const LimitCheck row = source_ports_row(facts);
    CHECK(row.status == LimitStatus::fail);
    CHECK(row.settings.empty());
    CHECK(contains(row.remedy, "--source-ports"));
}

TEST_CASE("doctor sources: several targets multiply the pairs", "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    facts.targets.push_back(test::target_at("10.0.0.10", Place::link));
    CHECK(pairs_ceiling(facts) == 2 * 28'232);
}

TEST_CASE("doctor sources: pairs in TIME_WAIT are missing unless they may be used again",
          "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    facts.connections = 28'000;
    facts.targets[0].destinations[0].taken = {32, 1'000};
    CHECK(pairs_ceiling(facts) == 28'232 - 1'032);
    const LimitCheck row = time_wait_row(facts);
    CHECK(row.status == LimitStatus::warn);
    CHECK(row.here == "1,000");
    CHECK(row.remedy == "sudo sysctl -w net.ipv4.tcp_tw_reuse=1");
    CHECK(source_ports_row(facts).status == LimitStatus::fail);

    facts.sysctls.tw_reuse = 1;
    CHECK(pairs_ceiling(facts) == 28'232 - 32);
    CHECK(time_wait_row(facts).status == LimitStatus::ok);
    facts.sysctls.timestamps = 0;  // without which nothing is used again
    CHECK(pairs_ceiling(facts) == 28'232 - 1'032);
    facts.sysctls.tw_reuse.reset();
    CHECK(time_wait_row(facts).here == "unknown");
}

}  // namespace wsblast::search
