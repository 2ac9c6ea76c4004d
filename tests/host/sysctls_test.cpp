#include "host/sysctls.hpp"

#include <catch2/catch.hpp>

#include "tests/support/host_tree.hpp"

namespace wsblast::host {

using test::HostTree;

TEST_CASE("sysctls: a name is a path, a value has single blanks", "[host][sysctls]") {
    CHECK(sysctl_path("net.ipv4.tcp_mem") == "/proc/sys/net/ipv4/tcp_mem");
    const HostTree tree;
    tree.put("/proc/sys/net/ipv4/tcp_mem", " 1\t22  333\n");
    CHECK(read_sysctl(tree.files(), "net.ipv4.tcp_mem") == "1 22 333");
    CHECK(sysctl_numbers(tree.files(), "net.ipv4.tcp_mem") == std::vector<std::uint64_t>{1, 22, 333});
    CHECK(sysctl_number(tree.files(), "net.ipv4.tcp_mem") == 1U);
}

TEST_CASE("sysctls: what is not there has no value, and no number where it is a word", "[host][sysctls]") {
    const HostTree tree;
    CHECK_FALSE(read_sysctl(tree.files(), "net.core.somaxconn").has_value());
    CHECK_FALSE(sysctl_number(tree.files(), "net.core.somaxconn").has_value());
    tree.put_sysctl("net.ipv4.tcp_congestion_control", "cubic");
    CHECK_FALSE(sysctl_numbers(tree.files(), "net.ipv4.tcp_congestion_control").has_value());
    tree.put_sysctl("net.ipv4.ip_local_reserved_ports", "");
    CHECK(read_sysctl(tree.files(), "net.ipv4.ip_local_reserved_ports") == "");
    CHECK_FALSE(sysctl_number(tree.files(), "net.ipv4.ip_local_reserved_ports").has_value());
}

TEST_CASE("sysctls: what is written is read again; what cannot be is named", "[host][sysctls]") {
    const HostTree tree;
    tree.put_sysctl("net.core.somaxconn", "4096");
    REQUIRE(write_sysctl(tree.files(), "net.core.somaxconn", "128").ok());
    CHECK(read_sysctl(tree.files(), "net.core.somaxconn") == "128");
    const auto refused = write_sysctl(tree.files(), "net.core.none", "1");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().fault == Fault::environment);
    CHECK(refused.error().what.find("net.core.none = 1") != std::string::npos);
}

TEST_CASE("sysctls: numbers are digits with blanks between them", "[host][sysctls]") {
    CHECK(parse_numbers("32768\t60999\n") == std::vector<std::uint64_t>{32'768, 60'999});
    CHECK(parse_numbers("")->empty());
    CHECK_FALSE(parse_numbers("1 -2").has_value());
    CHECK_FALSE(parse_numbers("1 2x").has_value());
    CHECK_FALSE(parse_numbers("max").has_value());
}

TEST_CASE("sysctls: the names of a folder are sorted, a missing folder has none", "[host][sysctls]") {
    const HostTree tree;
    tree.put("/sys/class/net/eth1/mtu", "1500\n");
    tree.put("/sys/class/net/eth0/mtu", "1400\n");
    CHECK(tree.files().names("/sys/class/net") == std::vector<std::string>{"eth0", "eth1"});
    CHECK(tree.files().names("/sys/class/none").empty());
    CHECK(tree.files().number("/sys/class/net/eth0/mtu") == 1'400U);
}

}  // namespace wsblast::host
