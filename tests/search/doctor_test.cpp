#include "search/doctor.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/support/doctor_facts.hpp"

namespace wsblast::search {

using stats::LimitCheck;
using stats::LimitStatus;
using stats::LimitTable;
using test::contains;
using test::good_facts;
using test::remote_facts;

namespace {

const LimitCheck* find(const LimitTable& table, std::string_view id) {
    const auto found = std::find_if(table.checks.begin(), table.checks.end(),
                                    [=](const LimitCheck& check) { return check.id == id; });
    return found == table.checks.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("doctor: a machine that has enough is ok in every row, each once", "[search][doctor]") {
    const LimitTable table = examine(good_facts());
    CHECK(table.status() == LimitStatus::ok);
    CHECK(table.where == "over loopback");
    CHECK(table.urls == std::vector<std::string>{"ws://127.0.0.1:8000/ws"});
    CHECK(table.checks.size() == 21);
    for (const LimitCheck& check : table.checks) {
        INFO(check.id);
        CHECK(check.status == LimitStatus::ok);
        CHECK_FALSE(check.here.empty());
        CHECK(find(table, check.id) == &check);
    }
}

TEST_CASE("doctor: the rows are those that matter for the target", "[search][doctor]") {
    const LimitTable local = examine(good_facts());
    CHECK(find(local, "accept_queue") != nullptr);
    CHECK(find(local, "neighbours") == nullptr);
    const LimitTable remote = examine(remote_facts());
    CHECK(find(remote, "accept_queue") == nullptr);
    CHECK(find(remote, "neighbours") != nullptr);
    CHECK(find(remote, "receive_steering") != nullptr);
    CHECK(remote.where == "on the same link");
}

TEST_CASE("doctor: the ceiling is the least of what the rows allow", "[search][doctor]") {
    const LimitTable remote = examine(remote_facts());
    CHECK(remote.ceiling.connections == 28'232);
    CHECK(remote.ceiling.limit == "source ports");
    CHECK(contains(remote.ceiling.arithmetic, "28,232 ports"));
    DoctorFacts tracked = remote_facts();
    tracked.conntrack = host::ConntrackTable{1, 5'000};
    CHECK(examine(tracked).ceiling.connections == 4'999);
    CHECK(examine(tracked).ceiling.limit == "connection tracking");
    DoctorFacts refused = good_facts();
    refused.kernel.survey = environment_error("io_uring is not permitted");
    CHECK(examine(refused).ceiling.connections == 0);
    CHECK(examine(refused).status() == LimitStatus::fail);
}

TEST_CASE("doctor: every row that is not ok says why and what mends it", "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    facts.connections = 5'000'000;
    facts.cores = 8;
    facts.sysctls = {};
    facts.memory->swap_bytes = test::kGiB;
    facts.group = host::GroupMemory{"/sys/fs/cgroup/memory.max", test::kGiB, 0};
    facts.conntrack = host::ConntrackTable{1, 2};
    facts.kernel.survey.value().memory = ring::RingMemory::locked;
    facts.processors.quota = 1;
    facts.processors.governors = {"powersave"};
    facts.processors.steal = 0.5;
    const LimitTable table = examine(facts);
    std::size_t spoilt = 0;
    for (const LimitCheck& check : table.checks) {
        if (check.status == LimitStatus::ok) continue;
        INFO(check.id);
        ++spoilt;
        CHECK_FALSE(check.why.empty());
        CHECK_FALSE(check.remedy.empty());
    }
    CHECK(spoilt >= 15);
}

TEST_CASE("doctor: the files of --fix have each setting below its reason", "[search][doctor]") {
    DoctorFacts facts = remote_facts();
    CHECK(fix_files(examine(facts)) == "# nothing to set\n");
    facts.connections = 50'000;
    facts.kernel.survey.value().memory = ring::RingMemory::locked;
    facts.limits.locked_memory_bytes = host::ProcessLimit{0, 0};
    const std::string files = fix_files(examine(facts));
    CHECK(contains(files, "# /etc/sysctl.d/90-wsblast.conf"));
    CHECK(contains(files, "\n# source ports: here 28,232, 50,000 needed: toward one"));
    CHECK(contains(files, "\nnet.ipv4.ip_local_port_range = 1024 65535\n"));
    CHECK(contains(files, "# /etc/security/limits.d/90-wsblast.conf"));
    CHECK(contains(files, "\n* - memlock "));
}

}  // namespace wsblast::search
