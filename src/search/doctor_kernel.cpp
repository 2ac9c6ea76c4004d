#include "search/doctor_kernel.hpp"

#include "base/limits.hpp"
#include "search/doctor_rows.hpp"

namespace wsblast::search {

namespace {

constexpr host::KernelVersion kFloor{6, 1};
constexpr std::uint64_t kGiB = 1'024 * kMiB;
// A run of one worker had 10.1 GiB of address space, most of it never touched.
constexpr std::uint64_t kAddressSpacePerCore = 11 * kGiB;

// Descriptors of a run: ring and eventfd of each ring, a wake-up of each worker, and what any program has.
constexpr std::uint64_t kDescriptorsPerRing = 2;
constexpr std::uint64_t kDescriptorsOfOthers = 32;

std::string limit_text(std::uint64_t limit) {
    return limit == host::kUnlimited ? "unlimited" : with_thousands(limit);
}

// kernel.io_uring_disabled as a setting, where that is what forbids rings.
void permit_io_uring(LimitCheck& row, const KernelFacts& kernel) {
    if (!kernel.io_uring_disabled.value_or(0)) return;
    row.here = text::format("kernel.io_uring_disabled = {}", *kernel.io_uring_disabled);
    mend_by(row, {SettingPlace::sysctl, "kernel.io_uring_disabled", "0"});
    constexpr std::uint64_t kGroupOnly = 1;
    if (*kernel.io_uring_disabled == kGroupOnly)
        row.remedy += ", or make this user a member of the group kernel.io_uring_group";
}

}  // namespace

LimitCheck kernel_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "kernel", .name = "kernel"};
    const std::string& release = facts.kernel.release;
    row.here = "Linux " + release.substr(0, release.find_first_not_of("0123456789."));
    row.needed = text::format("{}.{}", kFloor.major, kFloor.minor);
    row.arithmetic =
        "6.1 has all that cannot be done without; 6.11 opens connections without leaving io_uring";
    if (facts.kernel.version >= kFloor) return row;
    row.status = LimitStatus::fail;
    row.why = "io_uring is too old: no task work on demand (IORING_SETUP_DEFER_TASKRUN)";
    row.remedy = "boot a newer kernel: Debian 12 has 6.1";
    return row;
}

LimitCheck io_uring_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "io_uring", .name = "io_uring", .needed = "permitted"};
    row.arithmetic = "a ring of 8 entries was made, as this user";
    if (facts.kernel.survey.ok()) {
        row.here = "permitted";
        return row;
    }
    row.status = LimitStatus::fail;
    row.here = "refused";
    row.why = facts.kernel.survey.error().what;
    row.remedy = "see 'io_uring is not permitted' in docs/troubleshooting.md";
    row.connections_max = 0;
    permit_io_uring(row, facts.kernel);
    return row;
}

LimitCheck features_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "io_uring_features", .name = "io_uring features"};
    if (!facts.kernel.survey.ok()) {
        row.status = LimitStatus::warn;
        row.here = "unknown";
        row.why = "without a ring it cannot be asked";
        row.remedy = "mend the row before";
        return row;
    }
    const auto& features = facts.kernel.survey.value().features;
    std::uint64_t there = 0;
    for (const ring::UsedFeature& feature : features) {
        row.arithmetic += (row.arithmetic.empty() ? "" : ", ") + std::string(feature.name);
        if (feature.presence == ring::Presence::there) {
            ++there;
            continue;
        }
        row.arithmetic += " (missing)";
        if (row.status != LimitStatus::fail)
            row.status = feature.needed() ? LimitStatus::fail : LimitStatus::warn;
        const std::string_view cost = feature.needed() ? "no run without it" : feature.without;
        row.why += text::format("{}{} (Linux {}): {}", row.why.empty() ? "" : "; ", feature.name,
                                feature.since, cost);
    }
    row.here = text::format("{} of {}", there, features.size());
    row.here_value = static_cast<double>(there);
    put_needed(row, features.size());
    if (row.status != LimitStatus::ok) row.remedy = "boot a newer kernel: 6.11 has all of them";
    return row;
}

LimitCheck open_files_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "open_files", .name = "open files (ulimit -n)"};
    if (!facts.limits.open_files) return unknown(row, "/proc/self/limits");
    const std::uint64_t hard = facts.limits.open_files->hard;
    const std::uint64_t rings = facts.rings();
    const std::uint64_t others = facts.cores + kDescriptorsOfOthers;
    const std::uint64_t needed = kDescriptorsPerRing * rings + others;
    row.here = limit_text(hard);
    row.here_value = static_cast<double>(hard);
    put_needed(row, needed);
    row.arithmetic = text::format(
        "connections are direct descriptors and count in no process; the limit bounds a ring's table: {} "
        "connections on {} core{} are {} ring{} of {} slots at most; 2 descriptors a ring + {} = {}",
        with_thousands(facts.connections), facts.cores, facts.cores == 1 ? "" : "s", rings,
        rings == 1 ? "" : "s", with_thousands(facts.table_size()), others, with_thousands(needed));
    const std::uint64_t rings_max = hard > others ? (hard - others) / kDescriptorsPerRing : 0;
    row.connections_max = std::min(rings_max, limits::kConnectionsMax) * facts.table_size();
    if (hard >= needed) return row;
    row.status = LimitStatus::fail;
    row.why = "the rings of so many connections do not find descriptors";
    row.remedy = "ulimit -n 65536, after the limits.d file of --fix and a new login";
    row.settings.push_back({SettingPlace::process_limit, "nofile", "65536"});
    return row;
}

LimitCheck locked_memory_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "locked_memory", .name = "locked memory (ulimit -l)"};
    if (!facts.limits.locked_memory_bytes) return unknown(row, "/proc/self/limits");
    const std::uint64_t soft = facts.limits.locked_memory_bytes->soft;
    row.here = soft == host::kUnlimited ? "unlimited" : size_text(soft);
    if (soft != host::kUnlimited) row.here_value = static_cast<double>(soft);
    if (!facts.kernel.survey.ok() || facts.kernel.survey.value().memory == ring::RingMemory::uncounted) {
        row.arithmetic = "the memory of rings is not counted against it: a ring was made with a limit of 0";
        return row;
    }
    const std::uint64_t each = ring::locked_bytes_per_ring();
    const std::uint64_t needed = facts.rings() * each;
    row.needed = size_text(needed);
    row.needed_value = static_cast<double>(needed);
    row.arithmetic = text::format(
        "{} rings x {}, of all programs of this user together; a ring could not be made with a limit of 0",
        with_thousands(facts.rings()), size_text(each));
    row.connections_max = soft == host::kUnlimited
                              ? limits::kConnectionsMax
                              : std::min(soft / each, limits::kConnectionsMax) * facts.table_size();
    if (soft >= needed) return row;
    row.status = LimitStatus::fail;
    row.why = "a ring that may not lock its memory is refused (ENOMEM)";
    const std::uint64_t kib = with_room(needed, kMiB) / kKiB;
    row.remedy =
        text::format("ulimit -l {}, after the limits.d file of --fix and a new login; or as root", kib);
    row.settings.push_back({SettingPlace::process_limit, "memlock", std::to_string(kib)});
    return row;
}

LimitCheck files_of_machine_row(const DoctorFacts& facts) {
    constexpr std::size_t kFields = 3;
    LimitCheck row{.id = "files_of_machine", .name = "files of the machine"};
    const auto& file_nr = facts.sysctls.file_nr;
    if (!file_nr || file_nr->size() != kFields) return unknown(row, "fs.file-nr");
    const std::uint64_t used = file_nr->front();
    const std::uint64_t most = file_nr->back();
    const std::uint64_t needed = facts.ends() + used;
    put_here(row, most);
    put_needed(row, needed);
    row.arithmetic = text::format("{} socket ends on this machine + {} in use; fs.file-max is {}",
                                  with_thousands(facts.ends()), with_thousands(used), with_thousands(most));
    if ((facts.limits.capabilities & host::kCapSysAdmin) != 0) {
        row.arithmetic += ", which does not bind this user (CAP_SYS_ADMIN)";
        return row;
    }
    row.connections_max = facts.connections_of(most > used ? most - used : 0);
    if (needed <= most) return row;
    row.status = LimitStatus::fail;
    row.why = "sockets are refused (ENFILE)";
    constexpr std::uint64_t kStep = 100'000;
    mend_by(row, {SettingPlace::sysctl, "fs.file-max", std::to_string(with_room(needed, kStep))});
    return row;
}

LimitCheck address_space_row(const DoctorFacts& facts) {
    constexpr std::uint64_t kNeverOvercommit = 2;
    LimitCheck row{.id = "address_space", .name = "address space"};
    const std::uint64_t needed = facts.cores * kAddressSpacePerCore;
    row.needed = size_text(needed);
    row.needed_value = static_cast<double>(needed);
    row.arithmetic = text::format("{} core{} x {}, reserved and touched only when it is used", facts.cores,
                                  facts.cores == 1 ? "" : "s", size_text(kAddressSpacePerCore));
    if (!facts.limits.address_space_bytes || !facts.sysctls.overcommit)
        return unknown(row, "/proc/self/limits, or vm.overcommit_memory,");
    const std::uint64_t soft = facts.limits.address_space_bytes->soft;
    row.here = soft == host::kUnlimited ? "unlimited" : size_text(soft);
    if (soft < needed) {
        row.status = LimitStatus::fail;
        row.why = "tables cannot be reserved (ENOMEM)";
        row.remedy = "ulimit -v unlimited";
        return row;
    }
    if (*facts.sysctls.overcommit != kNeverOvercommit || !facts.memory) return row;
    const auto& memory = *facts.memory;
    const bool room = memory.commit_limit_bytes > memory.committed_bytes;
    const std::uint64_t left = room ? memory.commit_limit_bytes - memory.committed_bytes : 0;
    row.here = size_text(left);
    row.here_value = static_cast<double>(left);
    row.arithmetic += "; vm.overcommit_memory is 2: CommitLimit - Committed_AS";
    if (left >= needed) return row;
    row.status = LimitStatus::fail;
    row.why = "vm.overcommit_memory = 2 counts memory that is only reserved";
    mend_by(row, {SettingPlace::sysctl, "vm.overcommit_memory", "0"});
    return row;
}

}  // namespace wsblast::search
