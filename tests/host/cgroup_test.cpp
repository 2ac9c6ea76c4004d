#include "host/cgroup.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

namespace wsblast::host {

namespace {

// A tree of files that looks like mounted hierarchies.
struct Tree {
    Tree() { std::filesystem::create_directories(root); }
    ~Tree() { std::filesystem::remove_all(root); }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;

    void file(const std::string& path, std::string_view content) const {
        const std::filesystem::path whole = root + "/" + path;
        std::filesystem::create_directories(whole.parent_path());
        std::ofstream(whole) << content;
    }

    std::string root = std::filesystem::temp_directory_path() / ("cgroup_test_" + std::to_string(getpid()));
};

}  // namespace

TEST_CASE("cgroup: cpu.stat of both versions is read", "[host][cgroup]") {
    const CgroupUse v2 = parse_cpu_stat(
        "usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\nnr_periods 40\nnr_throttled 10\n"
        "throttled_usec 900\n");
    CHECK(v2.cpu_ns == 5 * kMillisecond);
    CHECK(v2.periods == 40U);
    CHECK(v2.periods_throttled == 10U);
    const CgroupUse v1 = parse_cpu_stat("nr_periods 7\nnr_throttled 2\nthrottled_time 123456\n");
    CHECK_FALSE(v1.cpu_ns.has_value());
    CHECK(v1.periods == 7U);
    CHECK(v1.periods_throttled == 2U);
    CHECK_FALSE(parse_cpu_stat("").periods.has_value());
}

TEST_CASE("cgroup: a group of version 2 is found by its name and by its folder", "[host][cgroup]") {
    const Tree tree;
    tree.file("system.slice/chat.service/cpu.stat", "usage_usec 1000\nnr_periods 4\nnr_throttled 1\n");
    tree.file("system.slice/chat.service/memory.current", "4096\n");
    tree.file("system.slice/chat.service/memory.max", "max\n");
    for (const std::string& name :
         {std::string("system.slice/chat.service"), std::string("/system.slice/chat.service/"),
          tree.root + "/system.slice/chat.service"}) {
        const auto group = Cgroup::find(name, tree.root);
        REQUIRE(group.ok());
        CHECK(group->name() == "system.slice/chat.service");
        const CgroupUse use = group->read();
        CHECK(use.cpu_ns == kMillisecond);
        CHECK(use.periods_throttled == 1U);
        CHECK(use.memory_bytes == 4'096U);
        CHECK_FALSE(use.memory_max_bytes.has_value());
    }
    tree.file("system.slice/chat.service/memory.max", "1048576\n");
    CHECK(Cgroup::find("system.slice/chat.service", tree.root)->read().memory_max_bytes == kMiB);
}

TEST_CASE("cgroup: the controllers of version 1 are put together", "[host][cgroup]") {
    const Tree tree;
    tree.file("cpu/docker/abc/cpu.stat", "nr_periods 7\nnr_throttled 2\nthrottled_time 1\n");
    tree.file("cpuacct/docker/abc/cpuacct.usage", "123456789\n");
    tree.file("memory/docker/abc/memory.usage_in_bytes", "8192\n");
    tree.file("memory/docker/abc/memory.limit_in_bytes", "9223372036854771712\n");
    for (const std::string& name : {std::string("docker/abc"), tree.root + "/memory/docker/abc"}) {
        const auto group = Cgroup::find(name, tree.root);
        REQUIRE(group.ok());
        const CgroupUse use = group->read();
        CHECK(use.cpu_ns == 123'456'789U);
        CHECK(use.periods == 7U);
        CHECK(use.memory_bytes == 8'192U);
        CHECK_FALSE(use.memory_max_bytes.has_value());
    }
}

TEST_CASE("cgroup: a group that is called as a controller is not mistaken for one", "[host][cgroup]") {
    const Tree tree;
    tree.file("cpu/memory/cpu.stat", "nr_periods 3\nnr_throttled 0\n");
    const auto group = Cgroup::find("memory", tree.root);
    REQUIRE(group.ok());
    CHECK(group->read().periods == 3U);
}

TEST_CASE("cgroup: the processes of a group and of those below it are listed once", "[host][cgroup]") {
    const Tree tree;
    tree.file("a/cpu.stat", "usage_usec 1\n");
    tree.file("a/cgroup.procs", "30\n7\n");
    tree.file("a/b/c/cgroup.procs", "12\n");
    tree.file("memory/a/memory.usage_in_bytes", "1\n");
    tree.file("memory/a/cgroup.procs", "7\n30\n0\n");
    CHECK(Cgroup::find("a", tree.root)->processes() == std::vector<pid_t>{7, 12, 30});
}

TEST_CASE("cgroup: one that is not there is an error with the remedy", "[host][cgroup]") {
    const Tree tree;
    tree.file("a/cgroup.procs", "");
    for (const std::string_view name : {"a", "b", "../a"}) {
        const auto group = Cgroup::find(name, tree.root);
        REQUIRE_FALSE(group.ok());
        CHECK(group.error().fault == Fault::usage);
        CHECK_THAT(group.error().what,
                   Catch::Contains("'" + std::string(name) + "'") && Catch::Contains("/proc/PID/cgroup"));
    }
}

}  // namespace wsblast::host
