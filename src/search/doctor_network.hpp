// The rows of `doctor` on TCP and the way to the target, but for its source ports. Those that concern one
// kind of target only make no sense for another: search/doctor.cpp leaves them out.
#pragma once

#include "search/doctor_facts.hpp"
#include "stats/limit_check.hpp"

namespace wsblast::search {

[[nodiscard]] stats::LimitCheck conntrack_row(const DoctorFacts& facts);
// net.ipv4.tcp_mem: bytes under way, over all sockets; an idle connection holds none.
[[nodiscard]] stats::LimitCheck tcp_memory_row(const DoctorFacts& facts);
// net.ipv4.tcp_rmem and tcp_wmem: of one socket.
[[nodiscard]] stats::LimitCheck socket_buffers_row(const DoctorFacts& facts);

// With a target on this machine: its accept queue and its SYN queue.
[[nodiscard]] stats::LimitCheck accept_queue_row(const DoctorFacts& facts);
[[nodiscard]] stats::LimitCheck syn_backlog_row(const DoctorFacts& facts);

// With a target on another machine.
[[nodiscard]] stats::LimitCheck neighbours_row(const DoctorFacts& facts);
[[nodiscard]] stats::LimitCheck rp_filter_row(const DoctorFacts& facts);
[[nodiscard]] stats::LimitCheck receive_steering_row(const DoctorFacts& facts);

}  // namespace wsblast::search
