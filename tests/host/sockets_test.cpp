#include "host/sockets.hpp"

#include <catch2/catch.hpp>

#include "tests/support/host_tree.hpp"

namespace wsblast::host {

namespace {

const std::string kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n"
    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
    "   1: 0100007F:8000 0100007F:1F90 06 00000000:00000000 03:00000EAC 00000000\n"
    "   2: 0100007F:8001 0100007F:1F90 06 00000000:00000000 03:00000EAC 00000000\n"
    "   3: 0100007F:8002 0100007F:1F90 01 00000000:00000000 00:00000000 00000000\n"
    "   4: 0100007F:1F90 0100007F:8002 01 00000000:00000000 00:00000000 00000000\n";

}  // namespace

TEST_CASE("sockets: the counts of TCP are found by their words", "[host][sockets]") {
    const auto counts = parse_socket_counts(
        "sockets: used 14\nTCP: inuse 5 orphan 1 tw 17 alloc 9 mem 188\nUDP: inuse 2 mem 3\n");
    REQUIRE(counts.has_value());
    CHECK(counts->tcp_in_use == 5);
    CHECK(counts->time_wait == 17);
    CHECK(counts->tcp_memory_pages == 188);
    CHECK_FALSE(parse_socket_counts("sockets: used 14\n").has_value());
}

TEST_CASE("sockets: taken pairs are those toward the destination, by state", "[host][sockets]") {
    const TakenPairs taken = parse_taken_pairs(kTable, make_ipv4(0x7f000001, 8'080));
    CHECK(taken.time_wait == 2);
    CHECK(taken.in_use == 1);
    const TakenPairs other = parse_taken_pairs(kTable, make_ipv4(0x7f000001, 8'081));
    CHECK(other.time_wait + other.in_use == 0);
}

TEST_CASE("sockets: a destination is written as the kernel writes it", "[host][sockets]") {
    CHECK(proc_net_text(make_ipv4(0x7f000001, 8'080)) == "0100007F:1F90");
    CHECK(proc_net_text(*parse_ip("::1", 443)) == "00000000000000000000000001000000:01BB");
}

TEST_CASE("sockets: each family has its own file", "[host][sockets]") {
    const test::HostTree tree;
    tree.put("/proc/net/tcp", kTable);
    tree.put("/proc/net/tcp6",
             "heading\n   0: 00000000000000000000000001000000:8000 "
             "00000000000000000000000001000000:1F90 06 0:0\n");
    CHECK(count_taken_pairs(tree.files(), make_ipv4(0x7f000001, 8'080)).time_wait == 2);
    CHECK(count_taken_pairs(tree.files(), *parse_ip("::1", 8'080)).time_wait == 1);
}

TEST_CASE("sockets: the table of tracked connections has entries and a bound", "[host][sockets]") {
    const test::HostTree tree;
    CHECK_FALSE(read_conntrack(tree.files()).has_value());
    tree.put_sysctl("net.netfilter.nf_conntrack_count", "12");
    CHECK_FALSE(read_conntrack(tree.files()).has_value());
    tree.put_sysctl("net.netfilter.nf_conntrack_max", "5000");
    const auto table = read_conntrack(tree.files());
    REQUIRE(table.has_value());
    CHECK(table->entries == 12);
    CHECK(table->entries_max == 5'000);
}

TEST_CASE("sockets: a datagram to itself disturbs nothing that is counted as TCP", "[host][sockets]") {
    send_datagram_to_self();
    CHECK(read_socket_counts({}).has_value());
}

}  // namespace wsblast::host
