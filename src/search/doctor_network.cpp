#include "search/doctor_network.hpp"

#include "base/limits.hpp"
#include "search/doctor_rows.hpp"

namespace wsblast::search {

namespace {

// Where connections have few destinations, one page is the least that a socket with bytes under way takes.
constexpr std::uint64_t kPageBytes = 4 * kKiB;

std::uint64_t handshakes_in_flight(const DoctorFacts& facts) {
    return std::min<std::uint64_t>(limits::kHandshakesMax, facts.connections);
}

template <class Visit>
void for_each_destination(const DoctorFacts& facts, Visit&& visit) {
    for (const TargetFacts& target : facts.targets) {
        for (const DestinationFacts& destination : target.destinations) visit(destination);
    }
}

// The first that is not on this machine, or null.
const DestinationFacts* find_remote(const DoctorFacts& facts) {
    const DestinationFacts* found = nullptr;
    for_each_destination(facts, [&](const DestinationFacts& one) {
        if (found == nullptr && one.place >= Place::link) found = &one;
    });
    return found;
}

// A queue of the listening socket: the connections in their handshake fit into it.
LimitCheck queue_row(LimitCheck row, std::optional<std::uint64_t> here, const DoctorFacts& facts) {
    const std::uint64_t needed = handshakes_in_flight(facts);
    if (!here) return unknown(row, "its setting");
    put_here(row, *here);
    put_needed(row, needed);
    row.arithmetic = text::format("at most {} handshakes are in flight at once", needed);
    return row;
}

// One setting, and where its name leads.
void ask_for(LimitCheck& row, std::string key, std::uint64_t value) {
    mend_by(row, {SettingPlace::sysctl, std::move(key), std::to_string(value)});
}

}  // namespace

LimitCheck conntrack_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "conntrack", .name = "connection tracking"};
    if (!facts.conntrack) {
        row.here = "none";
        row.arithmetic = "the kernel has no net.netfilter.nf_conntrack_max";
        return row;
    }
    if (facts.conntrack->entries == 0) {
        row.here = "off";
        row.arithmetic = "no rule asks for it: the table stayed empty after a datagram over loopback";
        return row;
    }
    const auto [entries, most] = *facts.conntrack;
    const std::uint64_t needed = facts.connections + entries;
    put_here(row, most);
    put_needed(row, needed);
    row.arithmetic =
        text::format("{} connections, an entry each, + {} entries now; nf_conntrack_max is {}",
                     with_thousands(facts.connections), with_thousands(entries), with_thousands(most));
    row.connections_max = most > entries ? most - entries : 0;
    if (needed <= most) return row;
    row.status = LimitStatus::fail;
    row.why = "a firewall rule tracks connections; a full table drops SYNs, and dmesg says so";
    constexpr std::uint64_t kStep = 65'536;
    ask_for(row, "net.netfilter.nf_conntrack_max", with_room(needed, kStep));
    return row;
}

LimitCheck tcp_memory_row(const DoctorFacts& facts) {
    constexpr std::size_t kFields = 3;
    LimitCheck row{.id = "tcp_memory", .name = "TCP memory"};
    const auto& here = facts.sysctls.tcp_mem;
    if (!here || here->size() != kFields || !facts.sockets) return unknown(row, "net.ipv4.tcp_mem");
    const std::uint64_t most = here->back();
    const std::uint64_t used = facts.sockets->tcp_memory_pages;
    const std::uint64_t all = facts.ends() + used;
    const std::uint64_t least = 2 * handshakes_in_flight(facts) + used;
    row.here = text::format("{} pages", with_thousands(most));
    row.here_value = static_cast<double>(most);
    row.needed = text::format("{} pages", with_thousands(all));
    row.needed_value = static_cast<double>(all);
    row.arithmetic = text::format(
        "a page of 4 KiB for each end with bytes under way, {} at most, + {} in use; an idle connection "
        "has "
        "none",
        with_thousands(facts.ends()), with_thousands(used));
    if (all <= most) return row;
    row.status = least > most ? LimitStatus::fail : LimitStatus::warn;
    row.why = text::format(
        "enough while most connections are idle; bytes under way on more than {} ends at once are too "
        "much, "
        "and the kernel then drops and delays",
        with_thousands(most > used ? most - used : 0));
    if (least > most) row.why = "too little for the handshakes in flight";
    const std::uint64_t wanted = with_room(all, 1'000);
    mend_by(row, {SettingPlace::sysctl, "net.ipv4.tcp_mem",
                  text::format("{} {} {}", std::max(here->at(0), wanted / 2),
                               std::max(here->at(1), wanted * 3 / 4), wanted)});
    return row;
}

LimitCheck socket_buffers_row(const DoctorFacts& facts) {
    constexpr std::size_t kFields = 3;
    LimitCheck row{.id = "socket_buffers", .name = "socket buffers"};
    const auto& receive = facts.sysctls.tcp_rmem;
    const auto& send = facts.sysctls.tcp_wmem;
    if (!receive || !send || receive->size() != kFields || send->size() != kFields)
        return unknown(row, "net.ipv4.tcp_rmem, or tcp_wmem,");
    const std::uint64_t least = std::min(receive->back(), send->back());
    row.here = size_text(least);
    row.here_value = static_cast<double>(least);
    row.needed = size_text(limits::kSendBytesMax);
    row.needed_value = static_cast<double>(limits::kSendBytesMax);
    row.arithmetic = text::format(
        "the smaller of what tcp_rmem ({}) and tcp_wmem ({}) let a socket grow to, against the largest "
        "send; "
        "memory is taken only by bytes under way",
        size_text(receive->back()), size_text(send->back()));
    if (least >= limits::kSendBytesMax) return row;
    row.status = LimitStatus::warn;
    row.why = "a large message leaves in several sends, each after an acknowledgement";
    constexpr std::uint64_t kUsualMax = 4 * kMiB;
    const bool narrow_receive = receive->back() < limits::kSendBytesMax;
    const auto& narrow = narrow_receive ? *receive : *send;
    mend_by(row, {SettingPlace::sysctl, narrow_receive ? "net.ipv4.tcp_rmem" : "net.ipv4.tcp_wmem",
                  text::format("{} {} {}", narrow[0], narrow[1], kUsualMax)});
    return row;
}

LimitCheck accept_queue_row(const DoctorFacts& facts) {
    LimitCheck row =
        queue_row({.id = "accept_queue", .name = "accept queue"}, facts.sysctls.somaxconn, facts);
    if (!row.here_value || *row.here_value >= *row.needed_value) return row;
    row.status = LimitStatus::warn;
    row.why =
        "net.core.somaxconn bounds every listening socket: SYNs beyond it are dropped and come again "
        "after 1 s";
    ask_for(row, "net.core.somaxconn", limits::kListenBacklog);
    return row;
}

LimitCheck syn_backlog_row(const DoctorFacts& facts) {
    LimitCheck row =
        queue_row({.id = "syn_backlog", .name = "SYN backlog"}, facts.sysctls.syn_backlog, facts);
    if (!row.here_value) return row;
    if (facts.sysctls.syn_cookies.value_or(0) != 0) {
        row.arithmetic += "; beyond it SYN cookies are sent (net.ipv4.tcp_syncookies)";
        return row;
    }
    if (*row.here_value >= *row.needed_value) return row;
    row.status = LimitStatus::warn;
    row.why = "without SYN cookies, SYNs beyond it are dropped and come again after 1 s";
    ask_for(row, "net.ipv4.tcp_max_syn_backlog", limits::kListenBacklog);
    return row;
}

LimitCheck neighbours_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "neighbours", .name = "neighbour table"};
    const auto most = facts.sysctls.neighbours_max;
    if (!most || !facts.neighbours) return unknown(row, "net.ipv4.neigh.default.gc_thresh3");
    std::uint64_t on_link = 0;
    for_each_destination(facts, [&](const DestinationFacts& one) {
        if (one.place == Place::link) ++on_link;
    });
    const std::uint64_t needed = *facts.neighbours + std::max<std::uint64_t>(on_link, 1);
    put_here(row, *most);
    put_needed(row, needed);
    row.arithmetic = text::format("{} known + {}", with_thousands(*facts.neighbours),
                                  on_link == 0 ? "a router" : text::format("{} on the link", on_link));
    const bool pressed = facts.sysctls.neighbours_wanted && needed > *facts.sysctls.neighbours_wanted;
    if (needed <= *most && !pressed) return row;
    row.status = needed > *most ? LimitStatus::fail : LimitStatus::warn;
    row.why = "a full table forgets neighbours that are in use, and packets wait for ARP again";
    constexpr std::uint64_t kStep = 1'024;
    ask_for(row, "net.ipv4.neigh.default.gc_thresh3", std::max(*most, with_room(2 * needed, kStep)));
    row.settings.push_back(
        {SettingPlace::sysctl, "net.ipv4.neigh.default.gc_thresh2",
         std::to_string(std::max(facts.sysctls.neighbours_wanted.value_or(0), with_room(needed, kStep)))});
    return row;
}

LimitCheck rp_filter_row(const DoctorFacts& facts) {
    constexpr std::uint64_t kStrict = 1;
    LimitCheck row{.id = "rp_filter", .name = "reverse path filter"};
    const DestinationFacts* const remote = find_remote(facts);
    if (remote == nullptr || !remote->nic || !remote->nic->rp_filter)
        return unknown(row, "rp_filter of the interface toward the target");
    const host::Nic& nic = *remote->nic;
    row.here = text::format("{} ({})", *nic.rp_filter, nic.name);
    row.here_value = static_cast<double>(*nic.rp_filter);
    std::string foreign;
    for (const std::string& name : facts.source_interfaces) {
        if (name != nic.name) foreign = name;
    }
    row.arithmetic = foreign.empty() ? "every source address belongs to the interface toward the target"
                                     : text::format("source addresses are on {} too", foreign);
    if (foreign.empty() || *nic.rp_filter != kStrict) return row;
    row.status = LimitStatus::warn;
    row.why = text::format("answers to addresses of {} that come in on {} are dropped by the strict filter",
                           foreign, nic.name);
    ask_for(row, "net.ipv4.conf.all.rp_filter", 2);
    return row;
}

LimitCheck receive_steering_row(const DoctorFacts& facts) {
    LimitCheck row{.id = "receive_steering", .name = "receive steering"};
    const DestinationFacts* const remote = find_remote(facts);
    if (remote == nullptr || !remote->nic || remote->nic->receive_queues == 0)
        return unknown(row, "the receive queues of the interface toward the target");
    const host::Nic& nic = *remote->nic;
    const bool steered = nic.steered_queues > 0;
    row.here = text::format("{} queue{}{}", nic.receive_queues, nic.receive_queues == 1 ? "" : "s",
                            steered ? ", RPS" : "");
    row.here_value = nic.receive_queues;
    put_needed(row, facts.cores);
    row.arithmetic =
        text::format("{}: a receive queue for each core, or one that is spread (rps_cpus)", nic.name);
    if (steered || nic.receive_queues >= facts.cores) return row;
    row.status = LimitStatus::warn;
    row.why = text::format("all packets of {} come in on {} CPU{}, for {} cores", nic.name,
                           nic.receive_queues, nic.receive_queues == 1 ? "" : "s", facts.cores);
    constexpr std::uint64_t kMaskBits = 32;
    std::uint64_t mask = 0;
    for (const std::uint32_t cpu : facts.processors.usable) {
        if (cpu < kMaskBits) mask |= std::uint64_t{1} << cpu;
    }
    row.remedy =
        text::format("echo {:x} | sudo tee /sys/class/net/{}/queues/rx-*/rps_cpus", mask, nic.name);
    return row;
}

}  // namespace wsblast::search
