#include "host/nics.hpp"

#include <catch2/catch.hpp>

#include "tests/support/host_tree.hpp"

namespace wsblast::host {

TEST_CASE("nics: queues, steering and the filter are read from the files", "[host][nics]") {
    const test::HostTree tree;
    tree.put("/sys/class/net/eth0/queues/rx-0/rps_cpus", "00000000,00000003\n");
    tree.put("/sys/class/net/eth0/queues/rx-1/rps_cpus", "00000000,00000000\n");
    tree.put("/sys/class/net/eth0/queues/tx-0/xps_cpus", "1\n");
    tree.put("/proc/sys/net/ipv4/conf/all/rp_filter", "1\n");
    tree.put("/proc/sys/net/ipv4/conf/eth0/rp_filter", "2\n");
    const Nic nic = read_nic(tree.files(), "eth0");
    CHECK(nic.name == "eth0");
    CHECK(nic.receive_queues == 2);
    CHECK(nic.steered_queues == 1);
    CHECK(nic.rp_filter == 2U);
}

TEST_CASE("nics: of one that is not there nothing is known", "[host][nics]") {
    const test::HostTree tree;
    const Nic nic = read_nic(tree.files(), "eth9");
    CHECK(nic.receive_queues == 0);
    CHECK_FALSE(nic.rp_filter.has_value());
}

TEST_CASE("nics: a mask has CPUs when any digit is not 0", "[host][nics]") {
    CHECK(has_cpus("00000000,0000000f\n"));
    CHECK(has_cpus("a"));
    CHECK_FALSE(has_cpus("00000000,00000000\n"));
    CHECK_FALSE(has_cpus(""));
}

TEST_CASE("nics: loopback is this machine's own, an address of nobody is not", "[host][nics]") {
    CHECK(is_own_address(make_ipv4(0x7f000001, 80)));
    CHECK(is_own_address(make_ipv4(0x7f123456, 80)));
    CHECK_FALSE(is_own_address(make_ipv4(0xcb007107, 80)));  // 203.0.113.7, for documentation
    CHECK(interface_of(make_ipv4(0x7f000001, 0)) == "lo");
    CHECK_FALSE(interface_of(make_ipv4(0xcb007107, 0)).has_value());
    CHECK(is_on_link(make_ipv4(0x7f000009, 80)));
}

TEST_CASE("nics: neighbours are the lines below the heading", "[host][nics]") {
    const test::HostTree tree;
    CHECK_FALSE(count_neighbours(tree.files()).has_value());
    tree.put("/proc/net/arp", "IP address HW type\n10.0.0.1 0x1\n10.0.0.2 0x1\n");
    CHECK(count_neighbours(tree.files()) == 2U);
}

}  // namespace wsblast::host
