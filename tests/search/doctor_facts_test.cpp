#include "search/doctor_facts.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/support/doctor_facts.hpp"
#include "tests/support/host_tree.hpp"

namespace wsblast::search {

namespace {

plan::RunOptions options_for(const std::string& url) {
    plan::RunOptions options;
    options.urls = {url};
    options.connections = 1'000;
    return options;
}

}  // namespace

TEST_CASE("doctor facts: this machine's are found, and loopback is known as such", "[search][facts]") {
    const auto facts = gather_facts(options_for("ws://127.0.0.1:8000/ws"), {});
    REQUIRE(facts.ok());
    REQUIRE(facts->targets.size() == 1);
    CHECK(facts->targets[0].destinations[0].place == Place::loopback);
    CHECK(facts->all_local());
    CHECK(facts->kernel.survey.ok());
    CHECK(facts->limits.open_files.has_value());
    CHECK(facts->memory.has_value());
    CHECK(facts->cores >= 1);
}

TEST_CASE("doctor facts: everything below the root is read from there", "[search][facts]") {
    const test::HostTree tree;
    tree.put_sysctl("net.ipv4.ip_local_port_range", "20000\t21999");
    tree.put_sysctl("net.ipv4.ip_local_reserved_ports", "20100-20199");
    tree.put_sysctl("net.core.somaxconn", "77");
    tree.put_sysctl("net.netfilter.nf_conntrack_count", "3");
    tree.put_sysctl("net.netfilter.nf_conntrack_max", "5000");
    tree.put_sysctl("fs.file-nr", "10\t0\t900");
    tree.put("/proc/self/limits", "Max open files            64                   128        files\n");
    const auto facts = gather_facts(options_for("ws://127.0.0.1:8000/ws"), tree.files());
    REQUIRE(facts.ok());
    CHECK(facts->ports == PortRange{20'000, 21'999});
    CHECK(facts->reserved == std::vector<PortRange>{{20'100, 20'199}});
    CHECK(facts->sysctls.somaxconn == 77U);
    CHECK(facts->sysctls.file_nr->back() == 900);
    CHECK(facts->conntrack->entries_max == 5'000);
    CHECK(facts->limits.open_files->hard == 128);
    CHECK(facts->table_size() == 128);
    CHECK_FALSE(facts->memory.has_value());
    CHECK_FALSE(facts->sysctls.tcp_mem.has_value());
}

TEST_CASE("doctor facts: what was asked for goes before what the kernel would choose", "[search][facts]") {
    plan::RunOptions options = options_for("ws://127.0.0.1:8000/ws");
    options.source_addresses = {make_ipv4(0x7f000005, 0)};
    options.source_ports = PortRange{30'000, 30'099};
    options.cores = 1;
    const auto facts = gather_facts(options, {});
    REQUIRE(facts.ok());
    CHECK(facts->ports == PortRange{30'000, 30'099});
    CHECK(facts->reserved.empty());
    CHECK(facts->sources.size() == 1);
    CHECK(facts->cores == 1);
}

TEST_CASE("doctor facts: a target that cannot be found is an error", "[search][facts]") {
    CHECK_FALSE(gather_facts(options_for("ws://no-such-host.invalid/"), {}).ok());
    const auto bad = gather_facts(options_for("http://localhost/"), {});
    REQUIRE_FALSE(bad.ok());
    CHECK(bad.error().fault == Fault::usage);
}

TEST_CASE("doctor facts: ends are those on this machine, rings those of all cores", "[search][facts]") {
    DoctorFacts facts = test::good_facts();
    CHECK(facts.ends() == 2'000);
    CHECK(facts.connections_of(2'000) == 1'000);
    facts.targets.push_back(test::target_at("10.0.0.9", Place::link));
    CHECK(facts.ends() == 1'500);
    CHECK(facts.connections_of(1'500) == 1'000);
    facts.targets = {test::target_at("10.0.0.9", Place::link)};
    CHECK(facts.ends() == 1'000);
    facts.connections = 80'002;
    CHECK(facts.rings() == 2 * 3);  // 40,001 a core, 20,000 a table
    facts.limits.open_files.reset();
    CHECK(facts.table_size() == limits::kTableSizeMax);
}

}  // namespace wsblast::search
