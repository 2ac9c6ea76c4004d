#include "host/memory.hpp"

#include <catch2/catch.hpp>

#include "base/units.hpp"
#include "tests/support/host_tree.hpp"

namespace wsblast::host {

namespace {

constexpr std::uint64_t kGiB = 1'024 * kMiB;

}  // namespace

TEST_CASE("memory: the sizes are in bytes", "[host][memory]") {
    const auto memory = parse_memory(
        "MemTotal:       24684084 kB\nMemFree:        100 kB\nMemAvailable:   23752036 kB\n"
        "SwapTotal:       2048 kB\nSwapFree:        1024 kB\nCommitLimit:    12342040 kB\n"
        "Committed_AS:     168232 kB\n");
    REQUIRE(memory.has_value());
    CHECK(memory->total_bytes == 24'684'084 * kKiB);
    CHECK(memory->available_bytes == 23'752'036 * kKiB);
    CHECK(memory->swap_bytes == 2'048 * kKiB);
    CHECK(memory->swap_free_bytes == 1'024 * kKiB);
    CHECK(memory->commit_limit_bytes == 12'342'040 * kKiB);
    CHECK(memory->committed_bytes == 168'232 * kKiB);
    CHECK_FALSE(parse_memory("MemTotal: 5 kB\n").has_value());
}

TEST_CASE("memory: of all groups the one that leaves least counts", "[host][memory]") {
    const test::HostTree tree;
    tree.put("/proc/self/cgroup", "0::/outer/inner\n");
    tree.put("/sys/fs/cgroup/outer/inner/memory.max", "max\n");
    tree.put("/sys/fs/cgroup/outer/memory.max", std::to_string(2 * kGiB) + "\n");
    tree.put("/sys/fs/cgroup/outer/memory.current", std::to_string(kGiB) + "\n");
    const auto group = read_group_memory(tree.files(), 8 * kGiB);
    REQUIRE(group.has_value());
    CHECK(group->file == "/sys/fs/cgroup/outer/memory.max");
    CHECK(group->limit_bytes == 2 * kGiB);
    CHECK(group->left_bytes() == kGiB);
}

TEST_CASE("memory: groups of version 1 count too, a limit above the machine's memory is none",
          "[host][memory]") {
    const test::HostTree tree;
    tree.put("/proc/self/cgroup", "4:memory:/box\n0::/\n");
    tree.put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    tree.put("/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712\n");
    CHECK_FALSE(read_group_memory(tree.files(), 8 * kGiB).has_value());
    tree.put("/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1000000\n");
    tree.put("/sys/fs/cgroup/memory/box/memory.usage_in_bytes", "1500000\n");
    const auto group = read_group_memory(tree.files(), 8 * kGiB);
    REQUIRE(group.has_value());
    CHECK(group->limit_bytes == 1'000'000);
    CHECK(group->left_bytes() == 0);
}

TEST_CASE("memory: this machine has some", "[host][memory]") {
    const auto memory = read_memory({});
    REQUIRE(memory.has_value());
    CHECK(memory->available_bytes > kMiB);
    CHECK(memory->available_bytes <= memory->total_bytes);
}

}  // namespace wsblast::host
