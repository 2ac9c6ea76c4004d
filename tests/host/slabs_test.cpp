#include "host/slabs.hpp"

#include <catch2/catch.hpp>

#include "base/units.hpp"

namespace wsblast::host {

namespace {

constexpr std::string_view kSlabInfo =
    "slabinfo - version: 2.1\n"
    "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> "
    "<batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n"
    "TCP                  260    260   2496   13    8 : tunables    0    0    0 : slabdata     20     20  "
    "0\n"
    "sock_inode_cache    1000   1216    832   19    4 : tunables    0    0    0 : slabdata     64     64  "
    "0\n";

}  // namespace

TEST_CASE("slabs: the bytes of a cache are those of all its pages", "[host][slabs]") {
    const auto slabs = parse_slabs(kSlabInfo, 4 * kKiB);
    REQUIRE(slabs.size() == 2);
    CHECK(slabs[0] == Slab{"TCP", 260, 20 * 8 * 4 * kKiB});
    CHECK(slabs[1] == Slab{"sock_inode_cache", 1000, 64 * 4 * 4 * kKiB});
}

TEST_CASE("slabs: what is no table has no caches", "[host][slabs]") {
    CHECK(parse_slabs("", 4 * kKiB).empty());
    CHECK(parse_slabs("TCP 260 260\nnothing of this kind\n", 4 * kKiB).empty());
}

TEST_CASE("slabs: what grew most comes first, what shrank not at all", "[host][slabs]") {
    const std::vector<Slab> earlier{{"dentry", 100, 8'000}, {"filp", 10, 4'000}, {"TCP", 1, 100}};
    const std::vector<Slab> later{
        {"dentry", 90, 4'000}, {"filp", 12, 5'000}, {"TCP", 9, 9'100}, {"new", 1, 9}};
    const auto grown = growth(later, earlier, 2);
    REQUIRE(grown.size() == 2);
    CHECK(grown[0] == Slab{"TCP", 8, 9'000});
    CHECK(grown[1] == Slab{"filp", 2, 1'000});
}

TEST_CASE("slabs: the kernel's own memory is the sum of its parts", "[host][slabs]") {
    CHECK(parse_kernel_bytes("MemTotal: 99 kB\nSlab:  10 kB\nPageTables: 2 kB\nPercpu: 1 kB\n") ==
          13 * kKiB);
    CHECK(parse_kernel_bytes("") == 0);
    CHECK(kernel_bytes() > kMiB);
}

}  // namespace wsblast::host
