#include "search/doctor_network.hpp"

#include <catch2/catch.hpp>

#include "tests/support/doctor_facts.hpp"

namespace wsblast::search {

using stats::LimitCheck;
using stats::LimitStatus;
using test::contains;
using test::good_facts;
using test::remote_facts;

TEST_CASE("doctor network: tracked connections count only where any are tracked", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(conntrack_row(facts).here == "none");
    facts.conntrack = host::ConntrackTable{0, 500};
    CHECK(conntrack_row(facts).status == LimitStatus::ok);
    CHECK(conntrack_row(facts).here == "off");
    facts.conntrack = host::ConntrackTable{20, 500};
    const LimitCheck full = conntrack_row(facts);
    CHECK(full.status == LimitStatus::fail);
    CHECK(full.needed_value == 1'020);
    CHECK(full.connections_max == 480U);
    CHECK(full.remedy == "sudo sysctl -w net.netfilter.nf_conntrack_max=65536");
    facts.conntrack = host::ConntrackTable{20, 1'020};
    CHECK(conntrack_row(facts).status == LimitStatus::ok);
}

TEST_CASE("doctor network: TCP's memory is for bytes under way: doubtful first, then too little",
          "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(tcp_memory_row(facts).status == LimitStatus::ok);
    facts.connections = 30'000;  // 60,000 ends
    const LimitCheck doubtful = tcp_memory_row(facts);
    CHECK(doubtful.status == LimitStatus::warn);
    CHECK(doubtful.needed_value == 60'005);
    CHECK(contains(doubtful.why, "more than 39,995 ends"));
    REQUIRE(doubtful.settings.size() == 1);
    CHECK(doubtful.settings[0].value == "33500 50250 67000");
    facts.sysctls.tcp_mem = {{100, 200, 300}};
    CHECK(tcp_memory_row(facts).status == LimitStatus::fail);
    facts.sysctls.tcp_mem.reset();
    CHECK(tcp_memory_row(facts).here == "unknown");
}

TEST_CASE("doctor network: no value of tcp_mem is lowered", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    facts.sysctls.tcp_mem = {{39'000, 39'500, 40'000}};
    facts.connections = 20'001;
    CHECK(tcp_memory_row(facts).settings.at(0).value == "39000 39500 45000");
}

TEST_CASE("doctor network: a socket's buffers hold the largest send", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(socket_buffers_row(facts).status == LimitStatus::ok);
    facts.sysctls.tcp_wmem = {{4'096, 16'384, 32'768}};
    const LimitCheck narrow = socket_buffers_row(facts);
    CHECK(narrow.status == LimitStatus::warn);
    CHECK(narrow.here == "32 KiB");
    CHECK(narrow.remedy == "sudo sysctl -w net.ipv4.tcp_wmem=\"4096 16384 4194304\"");
    facts.sysctls.tcp_rmem.reset();
    CHECK(socket_buffers_row(facts).here == "unknown");
}

TEST_CASE("doctor network: the queues of a local target hold the handshakes in flight",
          "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(accept_queue_row(facts).status == LimitStatus::ok);
    facts.sysctls.somaxconn = 128;
    const LimitCheck short_queue = accept_queue_row(facts);
    CHECK(short_queue.status == LimitStatus::warn);
    CHECK(short_queue.needed_value == 256);
    CHECK(short_queue.remedy == "sudo sysctl -w net.core.somaxconn=4096");
    facts.connections = 100;  // never more than there are connections
    CHECK(accept_queue_row(facts).status == LimitStatus::ok);

    facts.connections = 1'000;
    facts.sysctls.syn_backlog = 128;
    CHECK(syn_backlog_row(facts).status == LimitStatus::ok);  // SYN cookies
    facts.sysctls.syn_cookies = 0;
    CHECK(syn_backlog_row(facts).status == LimitStatus::warn);
    CHECK(syn_backlog_row(facts).settings.at(0).key == "net.ipv4.tcp_max_syn_backlog");
    facts.sysctls.syn_backlog.reset();
    CHECK(syn_backlog_row(facts).here == "unknown");
}

TEST_CASE("doctor network: a neighbour table is full above the third threshold, pressed above the second",
          "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    CHECK(neighbours_row(facts).status == LimitStatus::ok);
    CHECK(neighbours_row(facts).needed_value == 4);
    facts.neighbours = 600;
    const LimitCheck pressed = neighbours_row(facts);
    CHECK(pressed.status == LimitStatus::warn);
    REQUIRE(pressed.settings.size() == 2);
    CHECK(pressed.settings[0].value == "2048");
    CHECK(pressed.settings[1].value == "1024");
    facts.neighbours = 1'024;
    CHECK(neighbours_row(facts).status == LimitStatus::fail);
    facts.neighbours.reset();
    CHECK(neighbours_row(facts).here == "unknown");
}

TEST_CASE("doctor network: a strict filter matters where sources are on another interface",
          "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    facts.targets[0].destinations[0].nic->rp_filter = 1;
    CHECK(rp_filter_row(facts).status == LimitStatus::ok);
    facts.source_interfaces = {"eth0", "eth1"};
    const LimitCheck strict = rp_filter_row(facts);
    CHECK(strict.status == LimitStatus::warn);
    CHECK(contains(strict.why, "eth1"));
    CHECK(strict.remedy == "sudo sysctl -w net.ipv4.conf.all.rp_filter=2");
    facts.targets[0].destinations[0].nic->rp_filter = 2;
    CHECK(rp_filter_row(facts).status == LimitStatus::ok);
}

TEST_CASE("doctor network: each core has a receive queue, or packets are spread", "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    CHECK(receive_steering_row(facts).status == LimitStatus::ok);
    auto& nic = *facts.targets[0].destinations[0].nic;
    nic.receive_queues = 1;
    const LimitCheck one = receive_steering_row(facts);
    CHECK(one.status == LimitStatus::warn);
    CHECK(one.remedy == "echo 3 | sudo tee /sys/class/net/eth0/queues/rx-*/rps_cpus");
    nic.steered_queues = 1;
    CHECK(receive_steering_row(facts).status == LimitStatus::ok);
    nic.receive_queues = 0;
    CHECK(receive_steering_row(facts).here == "unknown");
}

}  // namespace wsblast::search
