#include "search/doctor_memory.hpp"

#include "search/doctor_rows.hpp"

namespace wsblast::search {

namespace {

void put_sizes(LimitCheck& row, std::uint64_t here, std::uint64_t needed) {
    row.here = size_text(here);
    row.here_value = static_cast<double>(here);
    row.needed = size_text(needed);
    row.needed_value = static_cast<double>(needed);
}

std::string ends_text(const DoctorFacts& facts) {
    const std::uint64_t theirs = facts.ends() - facts.connections;
    const std::string ours =
        text::format("{} x {}, the kernel's part included", text::counted(facts.connections, "connection"),
                     facts.memory_each.text());
    if (theirs == 0) return ours;
    return ours + text::format("; {} of the target on this machine x {}", text::counted(theirs, "end"),
                               size_text(facts.memory_each.end_bytes()));
}

}  // namespace

LimitCheck memory_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "memory", .name = "memory available"};
    if (!facts.memory) return unknown(row, "/proc/meminfo");
    const std::uint64_t available = facts.memory->available_bytes;
    const std::uint64_t needed = facts.ends_bytes();
    put_sizes(row, available, needed);
    row.connections_max = facts.connections_in(available);
    row.arithmetic = text::format("{}; {} are enough for {} connections", ends_text(facts),
                                  size_text(available), with_thousands(*row.connections_max));
    if (needed > available) {
        row.status = LimitStatus::fail;
        row.why = "connections end with 'no memory', or the kernel ends a process";
        row.remedy = text::format("open at most {} connections, or free memory",
                                  with_thousands(*row.connections_max));
    } else if (needed > available / 5 * 4) {
        row.status = LimitStatus::warn;
        row.why = "it takes more than four fifths of what is available";
        row.remedy = "free memory, or open fewer connections";
    }
    return row;
}

LimitCheck group_memory_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "group_memory", .name = "control group's memory"};
    if (!facts.group) {
        row.here = "no limit";
        row.arithmetic = "neither memory.max nor memory.limit_in_bytes bounds this process";
        return row;
    }
    const std::uint64_t left = facts.group->left_bytes();
    const std::uint64_t needed = facts.ends_bytes();
    put_sizes(row, left, needed);
    row.arithmetic = text::format("{}; {} - {} in use ({}). The kernel's sockets count against it",
                                  ends_text(facts), size_text(facts.group->limit_bytes),
                                  size_text(facts.group->used_bytes), facts.group->file);
    row.connections_max = facts.connections_in(left);
    if (needed <= left) return row;
    row.status = LimitStatus::fail;
    row.why = "sockets are refused, or a process of the group is ended";
    const std::uint64_t wanted = with_room(facts.group->used_bytes + needed, kMiB);
    row.remedy = text::format("echo {} | sudo tee {}", wanted, facts.group->file);
    return row;
}

LimitCheck swap_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "swap", .name = "swap"};
    if (!facts.memory) return unknown(row, "/proc/meminfo");
    const host::MemoryState& memory = *facts.memory;
    row.here = memory.swap_bytes == 0 ? "none" : size_text(memory.swap_bytes);
    row.here_value = static_cast<double>(memory.swap_bytes);
    if (memory.swap_bytes == 0) return row;
    row.arithmetic = text::format("{} in use; the connections take {} of {} available",
                                  size_text(memory.swap_bytes - memory.swap_free_bytes),
                                  size_text(facts.ends_bytes()), size_text(memory.available_bytes));
    if (facts.ends_bytes() <= memory.available_bytes / 2) return row;
    row.status = LimitStatus::warn;
    row.why =
        "with so little left, pages of this program may be swapped out and come back in the middle of "
        "a measurement";
    row.remedy = "sudo swapoff -a, for the length of the run";
    return row;
}

}  // namespace wsblast::search
