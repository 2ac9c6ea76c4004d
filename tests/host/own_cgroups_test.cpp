#include "host/own_cgroups.hpp"

#include <catch2/catch.hpp>

#include "tests/support/host_tree.hpp"

namespace wsblast::host {

namespace {

constexpr std::string_view kBoth =
    "5:cpu,cpuacct:/user\n4:memory:/box/a\n1:name=systemd:/\n0::/user.slice\n";

}  // namespace

TEST_CASE("own cgroups: version 2 has one path, version 1 one for each controller", "[host][cgroups]") {
    CHECK(parse_group_path(kBoth, GroupVersion::two, "memory") == "/user.slice");
    CHECK(parse_group_path(kBoth, GroupVersion::one, "memory") == "/box/a");
    CHECK(parse_group_path(kBoth, GroupVersion::one, "cpu") == "/user");
    CHECK(parse_group_path(kBoth, GroupVersion::one, "cpuacct") == "/user");
    CHECK(parse_group_path(kBoth, GroupVersion::one, "pids").empty());
    CHECK(parse_group_path("", GroupVersion::two, "cpu").empty());
}

TEST_CASE("own cgroups: the nearest folder comes first, the top last", "[host][cgroups]") {
    const test::HostTree tree;
    tree.put("/proc/self/cgroup", std::string(kBoth));
    CHECK(group_folders(tree.files(), GroupVersion::one, "memory") ==
          std::vector<std::string>{"/sys/fs/cgroup/memory/box/a", "/sys/fs/cgroup/memory/box",
                                   "/sys/fs/cgroup/memory"});
    CHECK(group_folders(tree.files(), GroupVersion::two, "memory") ==
          std::vector<std::string>{"/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"});
    CHECK(group_folders(tree.files(), GroupVersion::one, "pids").empty());
}

}  // namespace wsblast::host
