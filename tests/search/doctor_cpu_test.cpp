#include "search/doctor_cpu.hpp"

#include <catch2/catch.hpp>

#include "tests/support/doctor_facts.hpp"

namespace wsblast::search {

using stats::LimitCheck;
using stats::LimitStatus;
using test::contains;
using test::good_facts;

TEST_CASE("doctor cpu: a quota below the threads stalls them", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(cpu_quota_row(facts).here == "none");
    facts.processors.quota = 1.5;
    const LimitCheck low = cpu_quota_row(facts);
    CHECK(low.status == LimitStatus::warn);
    CHECK(low.here == "1.5 CPUs");
    CHECK(contains(low.remedy, "--cores 1"));
    facts.processors.quota = 2;
    CHECK(cpu_quota_row(facts).status == LimitStatus::ok);
}

TEST_CASE("doctor cpu: any governor but performance is doubtful, none is none", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(governor_row(facts).here == "none");
    facts.processors.machine = host::Machine::virtual_machine;
    CHECK(contains(governor_row(facts).arithmetic, "virtual machine"));
    facts.processors.governors = {"performance"};
    CHECK(governor_row(facts).status == LimitStatus::ok);
    facts.processors.governors = {"performance", "powersave"};
    CHECK(governor_row(facts).status == LimitStatus::warn);
    CHECK(governor_row(facts).here == "performance, powersave");
}

TEST_CASE("doctor cpu: more than 1 % stolen is doubtful", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    facts.processors.steal = 0.01;
    CHECK(steal_row(facts).status == LimitStatus::ok);
    facts.processors.steal = 0.0101;
    CHECK(steal_row(facts).status == LimitStatus::warn);
    facts.processors.steal.reset();
    CHECK(steal_row(facts).here == "unknown");
}

TEST_CASE("doctor cpu: the CPUs of a run are on one node", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(numa_row(facts).status == LimitStatus::ok);
    facts.processors.node_of_cpu = {0, 1};
    CHECK(numa_row(facts).status == LimitStatus::warn);
    CHECK(contains(numa_row(facts).remedy, "--cpunodebind=0"));
    facts.cores = 1;
    CHECK(numa_row(facts).status == LimitStatus::ok);
    facts.processors.node_of_cpu.clear();
    CHECK(numa_row(facts).here == "none");
}

}  // namespace wsblast::search
