#include "search/doctor_memory.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/support/doctor_facts.hpp"

namespace wsblast::search {

using stats::LimitCheck;
using stats::LimitStatus;
using test::contains;
using test::good_facts;
using test::kGiB;

TEST_CASE("doctor memory: both ends of a local target count", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    facts.connections = 100'000;
    const LimitCheck local = memory_row(facts);
    CHECK(local.status == LimitStatus::ok);
    CHECK(local.needed_value == 200'000.0 * limits::kConnectionBytes);
    CHECK(local.connections_max == 4 * kGiB / limits::kConnectionBytes / 2);
    facts.targets = {test::target_at("10.0.0.9", Place::link)};
    CHECK(memory_row(facts).needed_value == 100'000.0 * limits::kConnectionBytes);
}

TEST_CASE("doctor memory: TLS counts at both ends, what compresses at this one", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    facts.connections = 50'000;
    facts.memory_each = {.tls_bytes = 16 * kKiB, .deflater_bytes = 150 * kKiB};
    const LimitCheck local = memory_row(facts);
    CHECK(local.needed_value == 50'000.0 * (171 + 21) * kKiB);
    CHECK(local.connections_max == 4 * kGiB / (192 * kKiB));
    CHECK(local.status == LimitStatus::fail);
    CHECK(contains(local.arithmetic, "50,000 connections x 171 KiB, of which 16 TLS and 150 to compress"));
    CHECK(contains(local.arithmetic, "50,000 ends of the target on this machine x 21 KiB"));
    facts.targets = {test::target_at("10.0.0.9", Place::link)};
    CHECK(memory_row(facts).connections_max == 4 * kGiB / (171 * kKiB));
    facts.memory_each = {.tls_bytes = 16 * kKiB};
    CHECK(memory_row(facts).needed_value == 50'000.0 * 21 * kKiB);
    CHECK(memory_row(facts).status == LimitStatus::ok);
}

TEST_CASE("doctor memory: above four fifths it is doubtful, above all of it fails", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    facts.connections = 4 * kGiB / limits::kConnectionBytes / 2 - 10;
    CHECK(memory_row(facts).status == LimitStatus::warn);
    facts.connections += 20;
    CHECK(memory_row(facts).status == LimitStatus::fail);
    CHECK(contains(memory_row(facts).remedy, "at most 419,430 connections"));
    facts.memory.reset();
    CHECK(memory_row(facts).here == "unknown");
    CHECK(swap_row(facts).here == "unknown");
}

TEST_CASE("doctor memory: a control group may leave less than the machine", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(group_memory_row(facts).here == "no limit");
    facts.group = host::GroupMemory{"/sys/fs/cgroup/box/memory.max", 8 * kMiB, 4 * kMiB};
    const LimitCheck tight = group_memory_row(facts);
    CHECK(tight.status == LimitStatus::fail);  // 2,000 ends are 9.8 MiB
    CHECK(tight.connections_max == 409U);
    CHECK(tight.remedy == "echo 16777216 | sudo tee /sys/fs/cgroup/box/memory.max");
    facts.group->limit_bytes = 24 * kMiB;
    CHECK(group_memory_row(facts).status == LimitStatus::ok);
}

TEST_CASE("doctor memory: swap matters when more than half of the memory is needed", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(swap_row(facts).here == "none");
    facts.memory->swap_bytes = kGiB;
    facts.memory->swap_free_bytes = kGiB;
    CHECK(swap_row(facts).status == LimitStatus::ok);
    facts.connections = 300'000;  // 2.3 of 4 GiB
    CHECK(swap_row(facts).status == LimitStatus::warn);
}

}  // namespace wsblast::search
