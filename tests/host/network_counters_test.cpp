#include "host/network_counters.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/sockets.hpp"

namespace wsblast::host {

TEST_CASE("network counters: a value stands below its name, in the lines of its group",
          "[host][network_counters]") {
    constexpr std::string_view kTable =
        "Tcp: ActiveOpens RetransSegs\nTcp: 7 8\n"
        "TcpExt: SyncookiesSent ListenOverflows TCPRcvQDrop\nTcpExt: 1 2 18446744073709551615\n";
    CHECK(parse_snmp_value(kTable, "Tcp", "RetransSegs") == 8);
    CHECK(parse_snmp_value(kTable, "TcpExt", "ListenOverflows") == 2);
    CHECK(parse_snmp_value(kTable, "TcpExt", "TCPRcvQDrop") == 18446744073709551615U);
    CHECK(parse_snmp_value(kTable, "Tcp", "ListenOverflows") == 0);
    CHECK(parse_snmp_value(kTable, "Udp", "InDatagrams") == 0);
}

TEST_CASE("network counters: a table that ends early has no value", "[host][network_counters]") {
    CHECK(parse_snmp_value("", "Tcp", "RetransSegs") == 0);
    CHECK(parse_snmp_value("Tcp: RetransSegs", "Tcp", "RetransSegs") == 0);
    CHECK(parse_snmp_value("Tcp: ActiveOpens RetransSegs\nTcp: 7\n", "Tcp", "RetransSegs") == 0);
}

TEST_CASE("network counters: a column is added up over the CPUs, in hexadecimal",
          "[host][network_counters]") {
    constexpr std::string_view kTable =
        "entries  insert_failed drop early_drop\n00001388  00000000 00000280 00000001\n"
        "00001388  00000000 00000938 00000000\n";
    CHECK(parse_cpu_column(kTable, "drop") == 0x280 + 0x938);
    CHECK(parse_cpu_column(kTable, "early_drop") == 1);
    CHECK(parse_cpu_column(kTable, "clashres") == 0);
    CHECK(parse_cpu_column("", "drop") == 0);
}

TEST_CASE("network counters: a difference is that of each counter", "[host][network_counters]") {
    NetworkCounters earlier;
    earlier.listen_drops = 5;
    earlier.tracking_drops = 1;
    NetworkCounters later = earlier;
    later.listen_drops = 12;
    later.neighbour_overflows = 3;
    const NetworkCounters between = difference(later, earlier);
    CHECK(between.listen_drops == 7);
    CHECK(between.tracking_drops == 0);
    CHECK(between.neighbour_overflows == 3);
}

TEST_CASE("network counters: a listener that nobody accepts from overflows, and it shows",
          "[host][network_counters]") {
    const NetworkCounters before = read_network_counters();
    const test::Descriptor listener = test::make_listener(1);
    std::vector<test::Descriptor> clients;
    constexpr int kMoreThanTheQueue = 8;
    for (int i = 0; i < kMoreThanTheQueue; ++i) {
        clients.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const Endpoint at = test::local_address(listener);
        connect(clients.back(), at.address(), at.length);
    }
    CHECK(difference(read_network_counters(), before).listen_overflows > 0);
}

}  // namespace wsblast::host
