#include "host/process_limits.hpp"

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include "tests/support/host_tree.hpp"

namespace wsblast::host {

namespace {

constexpr std::string_view kLimits =
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max open files            1024                 524288               files     \n"
    "Max locked memory         8388608              unlimited            bytes     \n"
    "Max address space         unlimited            unlimited            bytes     \n";

}  // namespace

TEST_CASE("process limits: a line has a soft and a hard limit", "[host][limits]") {
    CHECK(parse_process_limit(kLimits, "Max open files") == ProcessLimit{1'024, 524'288});
    CHECK(parse_process_limit(kLimits, "Max locked memory") == ProcessLimit{8'388'608, kUnlimited});
    CHECK(parse_process_limit(kLimits, "Max address space") == ProcessLimit{kUnlimited, kUnlimited});
    CHECK_FALSE(parse_process_limit(kLimits, "Max processes").has_value());
    CHECK_FALSE(parse_process_limit("Max open files  many  more\n", "Max open files").has_value());
}

TEST_CASE("process limits: capabilities are the bits in effect", "[host][limits]") {
    CHECK(parse_capabilities("Name:\tx\nCapEff:\t0000000000004000\n") == kCapIpcLock);
    CHECK((parse_capabilities("CapEff:\t000001fffeffffff\n") & kCapNetAdmin) != 0);
    CHECK(parse_capabilities("Name:\tx\n") == 0);
}

TEST_CASE("process limits: the files of this process agree with getrlimit", "[host][limits]") {
    const ProcessLimits limits = read_process_limits({});
    rlimit files{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &files) == 0);
    REQUIRE(limits.open_files.has_value());
    CHECK(*limits.open_files == ProcessLimit{files.rlim_cur, files.rlim_max});
}

TEST_CASE("process limits: without the files nothing is known", "[host][limits]") {
    const test::HostTree tree;
    const ProcessLimits limits = read_process_limits(tree.files());
    CHECK_FALSE(limits.open_files.has_value());
    CHECK_FALSE(limits.locked_memory_bytes.has_value());
    CHECK(limits.capabilities == 0);
}

}  // namespace wsblast::host
