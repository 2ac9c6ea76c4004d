#include "search/doctor_kernel.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/support/doctor_facts.hpp"

namespace wsblast::search {

using stats::LimitCheck;
using stats::LimitStatus;
using stats::SettingPlace;
using test::contains;
using test::good_facts;

TEST_CASE("doctor kernel: a kernel below the floor fails, the floor does not", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    const LimitCheck good = kernel_row(facts);
    CHECK(good.status == LimitStatus::ok);
    CHECK(good.here == "Linux 6.18.44");
    facts.kernel.version = {6, 1};
    CHECK(kernel_row(facts).status == LimitStatus::ok);
    facts.kernel.version = {6, 0};
    CHECK(kernel_row(facts).status == LimitStatus::fail);
}

TEST_CASE("doctor kernel: io_uring that is refused bounds the connections to none", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(io_uring_row(facts).status == LimitStatus::ok);
    facts.kernel.survey = environment_error("io_uring is not permitted");
    facts.kernel.io_uring_disabled = 2;
    const LimitCheck refused = io_uring_row(facts);
    CHECK(refused.status == LimitStatus::fail);
    CHECK(refused.connections_max == 0U);
    CHECK(refused.here == "kernel.io_uring_disabled = 2");
    CHECK(contains(refused.why, "not permitted"));
    CHECK(refused.remedy == "sudo sysctl -w kernel.io_uring_disabled=0");
    facts.kernel.io_uring_disabled = 1;
    CHECK(contains(io_uring_row(facts).remedy, "kernel.io_uring_group"));
    facts.kernel.io_uring_disabled = 0;  // a seccomp profile then
    CHECK(io_uring_row(facts).settings.empty());
    CHECK(io_uring_row(facts).status == LimitStatus::fail);
    CHECK(features_row(facts).here == "unknown");
}

TEST_CASE("doctor kernel: a missing feature warns where there is another way, and fails where not",
          "[search][doctor]") {
    DoctorFacts facts = good_facts();
    const LimitCheck all = features_row(facts);
    CHECK(all.status == LimitStatus::ok);
    CHECK(all.here == "2 of 2");
    facts.kernel.survey.value().features[1].presence = ring::Presence::missing;
    const LimitCheck without_bind = features_row(facts);
    CHECK(without_bind.status == LimitStatus::warn);
    CHECK(contains(without_bind.why, "IORING_OP_BIND (Linux 6.11): more system calls"));
    facts.kernel.survey.value().features[0].presence = ring::Presence::missing;
    CHECK(features_row(facts).status == LimitStatus::fail);
    CHECK(features_row(facts).here == "0 of 2");
}

TEST_CASE("doctor kernel: the file limit bounds tables, not connections", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    facts.connections = 1'000'000;
    const LimitCheck many = open_files_row(facts);
    CHECK(many.status == LimitStatus::ok);
    CHECK(facts.rings() == 50);  // 500,000 a core, 20,000 a table
    CHECK(many.needed_value == 2 * 50 + 2 + 32);
    CHECK(contains(many.arithmetic, "50 rings of 20,000 slots"));

    facts.limits.open_files = host::ProcessLimit{64, 64};
    const LimitCheck few = open_files_row(facts);
    CHECK(few.status == LimitStatus::fail);
    CHECK(few.connections_max == (64 - 34) / 2 * 64);
    REQUIRE(few.settings.size() == 1);
    CHECK(few.settings[0].place == SettingPlace::process_limit);
    CHECK(few.settings[0].key == "nofile");

    facts.limits.open_files.reset();
    CHECK(open_files_row(facts).here == "unknown");
    CHECK(open_files_row(facts).status == LimitStatus::warn);
}

TEST_CASE("doctor kernel: locked memory counts only where the kernel counts rings", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    facts.connections = 1'000'000;
    CHECK(locked_memory_row(facts).status == LimitStatus::ok);
    CHECK_FALSE(locked_memory_row(facts).connections_max.has_value());
    facts.kernel.survey.value().memory = ring::RingMemory::locked;
    const LimitCheck counted = locked_memory_row(facts);
    CHECK(counted.status == LimitStatus::fail);
    CHECK(counted.needed_value == 50.0 * static_cast<double>(ring::locked_bytes_per_ring()));
    CHECK(counted.connections_max == 14U * 20'000);  // 8 MiB hold 14 rings of 548 KiB
    REQUIRE(counted.settings.size() == 1);
    CHECK(counted.settings[0].key == "memlock");
    CHECK(counted.settings[0].value == std::to_string(30 * 1'024));  // KiB: a tenth more, whole MiB
    facts.limits.locked_memory_bytes = host::ProcessLimit{};
    CHECK(locked_memory_row(facts).status == LimitStatus::ok);
    CHECK(locked_memory_row(facts).here == "unlimited");
}

TEST_CASE("doctor kernel: the files of the machine hold both ends of a local target", "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(files_of_machine_row(facts).status == LimitStatus::ok);
    facts.connections = 60'000;
    const LimitCheck both_ends = files_of_machine_row(facts);
    CHECK(both_ends.status == LimitStatus::fail);
    CHECK(both_ends.needed_value == 120'600);
    CHECK(both_ends.connections_max == (100'000U - 600) / 2);
    CHECK(both_ends.remedy == "sudo sysctl -w fs.file-max=200000");
    facts.targets = {test::target_at("10.0.0.9", Place::link)};
    CHECK(files_of_machine_row(facts).status == LimitStatus::ok);
    CHECK(files_of_machine_row(facts).needed_value == 60'600);
    facts.connections = 200'000;
    facts.limits.capabilities = host::kCapSysAdmin;
    CHECK(files_of_machine_row(facts).status == LimitStatus::ok);
    facts.sysctls.file_nr.reset();
    CHECK(files_of_machine_row(facts).here == "unknown");
}

TEST_CASE("doctor kernel: address space is bounded by its limit, or by never overcommitting",
          "[search][doctor]") {
    DoctorFacts facts = good_facts();
    CHECK(address_space_row(facts).status == LimitStatus::ok);
    facts.limits.address_space_bytes = host::ProcessLimit{test::kGiB, host::kUnlimited};
    CHECK(address_space_row(facts).status == LimitStatus::fail);
    CHECK(address_space_row(facts).remedy == "ulimit -v unlimited");

    facts = good_facts();
    facts.sysctls.overcommit = 2;
    facts.memory->commit_limit_bytes = 12 * test::kGiB;
    facts.memory->committed_bytes = test::kGiB;
    const LimitCheck strict = address_space_row(facts);
    CHECK(strict.status == LimitStatus::fail);
    CHECK(strict.here == "11 GiB");
    CHECK(strict.settings.at(0).key == "vm.overcommit_memory");
    facts.memory->commit_limit_bytes = 40 * test::kGiB;
    CHECK(address_space_row(facts).status == LimitStatus::ok);
}

}  // namespace wsblast::search
