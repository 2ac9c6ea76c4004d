// A machine that has enough of everything for 1,000 connections, to be spoilt by a test in one place.
#pragma once

#include <string>
#include <string_view>

#include "base/units.hpp"
#include "search/doctor_facts.hpp"
#include "tests/support/texts.hpp"

namespace wsblast::test {

inline constexpr std::uint64_t kGiB = 1'024 * kMiB;

inline search::TargetFacts target_at(std::string_view address, search::Place place) {
    search::DestinationFacts destination;
    destination.destination.address = *parse_ip(address, 8'000);
    const bool local = place <= search::Place::this_machine;
    destination.destination.local = *parse_ip(local ? address : "10.0.0.2", 0);
    destination.place = place;
    if (!local) destination.nic = host::Nic{"eth0", 2, 0, 0};
    return {"ws://" + std::string(address) + ":8000/ws", {destination}};
}

inline search::KernelFacts good_kernel() {
    search::KernelFacts kernel{.release = "6.18.44-made-up", .version = {6, 18}, .io_uring_disabled = 0};
    ring::Survey survey;
    survey.features = {{"IORING_OP_SOCKET", "5.19", "", ring::Presence::there},
                       {"IORING_OP_BIND", "6.11", "more system calls", ring::Presence::there}};
    kernel.survey = survey;
    return kernel;
}

inline search::DoctorFacts good_facts() {
    search::DoctorFacts facts;
    facts.connections = 1'000;
    facts.targets = {target_at("127.0.0.1", search::Place::loopback)};
    facts.ports = {32'768, 60'999};
    facts.cores = 2;
    facts.kernel = good_kernel();
    facts.limits = {.open_files = host::ProcessLimit{1'024, 20'000},
                    .locked_memory_bytes = host::ProcessLimit{8 * kMiB, 8 * kMiB},
                    .address_space_bytes = host::ProcessLimit{}};
    facts.sysctls.file_nr = {{600, 0, 100'000}};
    facts.sysctls.overcommit = 0;
    facts.sysctls.tcp_mem = {{20'000, 30'000, 40'000}};
    facts.sysctls.tcp_rmem = {{4'096, 131'072, 6'291'456}};
    facts.sysctls.tcp_wmem = {{4'096, 16'384, 4'194'304}};
    facts.sysctls.tw_reuse = 2;
    facts.sysctls.timestamps = 1;
    facts.sysctls.somaxconn = 4'096;
    facts.sysctls.syn_backlog = 1'024;
    facts.sysctls.syn_cookies = 1;
    facts.sysctls.neighbours_wanted = 512;
    facts.sysctls.neighbours_max = 1'024;
    facts.sockets = host::SocketCounts{10, 0, 5};
    facts.neighbours = 3;
    facts.memory = host::MemoryState{.total_bytes = 8 * kGiB, .available_bytes = 4 * kGiB};
    facts.processors = {.usable = {0, 1}, .steal = 0.0, .node_of_cpu = {0, 0}};
    return facts;
}

// The same with a target on another machine of the link.
inline search::DoctorFacts remote_facts() {
    search::DoctorFacts facts = good_facts();
    facts.targets = {target_at("10.0.0.9", search::Place::link)};
    return facts;
}

}  // namespace wsblast::test
