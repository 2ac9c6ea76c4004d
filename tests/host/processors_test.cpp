#include "host/processors.hpp"

#include <catch2/catch.hpp>

#include "host/cpus.hpp"
#include "tests/support/host_tree.hpp"

namespace wsblast::host {

TEST_CASE("processors: steal is the eighth figure of the first line, of all eight", "[host][processors]") {
    CHECK(parse_steal_share("cpu  10 10 10 50 10 0 5 5 99 99\ncpu0 1 1 1 1 1 1 1 1 1 1\n") == 0.05);
    CHECK_FALSE(parse_steal_share("cpu  1 2 3\n").has_value());
    CHECK_FALSE(parse_steal_share("cpu  0 0 0 0 0 0 0 0\n").has_value());
    CHECK_FALSE(parse_steal_share("").has_value());
}

TEST_CASE("processors: a list of CPUs has ranges and single ones", "[host][processors]") {
    CHECK(parse_cpu_list("0-3,8\n") == std::vector<std::uint32_t>{0, 1, 2, 3, 8});
    CHECK(parse_cpu_list("\n").empty());
    CHECK(parse_cpu_list("3-1,7") == std::vector<std::uint32_t>{7});
}

TEST_CASE("processors: a quota of version 1 is a time of a period, -1 is none", "[host][processors]") {
    CHECK(parse_cfs_quota("150000\n", "100000\n") == 1.5);
    CHECK_FALSE(parse_cfs_quota("-1\n", "100000\n").has_value());
    CHECK_FALSE(parse_cfs_quota("", "").has_value());
    CHECK_FALSE(parse_cfs_quota("5", "0").has_value());
}

TEST_CASE("processors: governors, nodes, quota and hypervisor are read from the files",
          "[host][processors]") {
    const test::HostTree tree;
    tree.put("/proc/self/cgroup", "4:cpu:/box\n0::/\n");
    tree.put("/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "50000\n");
    tree.put("/sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
    tree.put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    tree.put("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
    tree.put("/sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "performance\n");
    tree.put("/sys/devices/system/node/node0/cpulist", "0-1\n");
    tree.put("/sys/devices/system/node/node1/cpulist", "2-3\n");
    tree.put("/sys/devices/system/node/online", "0-1\n");
    tree.put("/proc/cpuinfo", "processor : 0\nflags\t\t: fpu hypervisor lahf_lm\n");
    const Processors found = read_processors(tree.files(), {0, 2});
    CHECK(found.quota == 0.5);
    CHECK(found.governors == std::vector<std::string>{"powersave", "performance"});
    CHECK(found.node_of_cpu == std::vector<std::uint32_t>{0, 1});
    CHECK(found.machine == Machine::virtual_machine);
    CHECK_FALSE(found.steal.has_value());
}

TEST_CASE("processors: what this machine says of itself can be read", "[host][processors]") {
    const Processors found = read_processors({}, usable_cpus());
    CHECK(found.usable == usable_cpus());
    CHECK(found.quota.value_or(1.0) > 0);
    REQUIRE(found.steal.has_value());
    CHECK(*found.steal <= 1.0);
}

}  // namespace wsblast::host
