// The rows of `doctor` on the kernel, io_uring and what a process may have.
#pragma once

#include "search/doctor_facts.hpp"
#include "stats/limit_check.hpp"

namespace wsblast::search {

[[nodiscard]] stats::LimitCheck kernel_row(const DoctorFacts& facts);
// Whether a ring can be made at all.
[[nodiscard]] stats::LimitCheck io_uring_row(const DoctorFacts& facts);
// The requests that are used, and what is done without those that are missing.
[[nodiscard]] stats::LimitCheck features_row(const DoctorFacts& facts);
// RLIMIT_NOFILE bounds the table of a ring, not the connections: they take several rings.
[[nodiscard]] stats::LimitCheck open_files_row(const DoctorFacts& facts);
// RLIMIT_MEMLOCK, where the memory of rings counts against it.
[[nodiscard]] stats::LimitCheck locked_memory_row(const DoctorFacts& facts);
// fs.file-max: each socket is an open file of the machine, in whatever table it stands.
[[nodiscard]] stats::LimitCheck files_of_machine_row(const DoctorFacts& facts);
// RLIMIT_AS and vm.overcommit_memory: tables are reserved for the worst case and touched when used.
[[nodiscard]] stats::LimitCheck address_space_row(const DoctorFacts& facts);

}  // namespace wsblast::search
