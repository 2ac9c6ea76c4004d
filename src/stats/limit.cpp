#include "stats/limit.hpp"

#include <array>

namespace wsblast::stats {

namespace {

constexpr auto kProcess = LimitOwner::process;
constexpr auto kHost = LimitOwner::host;
constexpr auto kPath = LimitOwner::path;
constexpr auto kTarget = LimitOwner::target;

constexpr std::array<LimitInfo, kLimitKinds> kLimitInfos{{
    {LimitKind::file_limit, kProcess, "file_limit", "the file limit of this process",
     "raise 'ulimit -n' (LimitNOFILE= of a service): each ring takes two descriptors, and its table holds "
     "as many connections as the limit"},

    {LimitKind::source_ports, kHost, "source_ports", "pairs of source address and port",
     "add local addresses and name them with --source-ip, or widen net.ipv4.ip_local_port_range "
     "(--source-ports)"},
    {LimitKind::memory, kHost, "memory", "the memory of this host",
     "free memory, raise the control group's memory.max, or move the target to another machine"},
    {LimitKind::tcp_memory, kHost, "tcp_memory", "the memory that this host allows TCP",
     "raise net.ipv4.tcp_mem (in pages), or lower net.ipv4.tcp_rmem and tcp_wmem"},
    {LimitKind::conntrack, kHost, "conntrack", "this host's table of tracked connections",
     "raise net.netfilter.nf_conntrack_max, or exempt this traffic: 'nft add rule ... notrack'"},
    {LimitKind::neighbours, kHost, "neighbours", "this host's table of neighbours",
     "raise net.ipv4.neigh.default.gc_thresh3 (and net.ipv6's)"},
    {LimitKind::packet_filter, kHost, "packet_filter", "this host does not let the packets out",
     "look for what drops them here: 'nft list ruleset', traffic control, a control group's program"},
    {LimitKind::socket_error, kHost, "socket_error", "this host refuses sockets",
     "see 'dmesg', fs.file-nr against fs.file-max, and the control group's limits"},

    {LimitKind::syn_unanswered, kPath, "syn_unanswered", "connection attempts are not answered",
     "look for what drops SYNs between here and the target: a firewall, a NAT or load balancer whose table "
     "is full, a wrong address; or the target's own backlog, to be seen there with 'nstat -az "
     "TcpExtListen*'"},
    {LimitKind::unreachable, kPath, "unreachable", "there is no way to the target",
     "check routes and interfaces on the way: 'ip route get ADDRESS'"},
    {LimitKind::path_lost, kPath, "path_lost", "open connections got no more acknowledgements",
     "look for a device on the way that forgets connections: an idle timeout, a full table, a failover"},
    {LimitKind::proxy_failed, kPath, "proxy_failed", "the proxy does not lead to the target",
     "see the proxy's log: its limit of connections, the login, what it may connect to"},

    {LimitKind::refused, kTarget, "refused", "the target refuses connections",
     "see the target's log: it does not listen (any more), or something in front of it rejects"},
    {LimitKind::target_gone, kTarget, "target_gone", "the target's process has ended",
     "see the target's log and 'dmesg' (out of memory?)"},
    {LimitKind::target_files, kTarget, "target_files", "the file limit of the target's process",
     "raise the target's 'ulimit -n' (LimitNOFILE= of a service, --ulimit nofile= of a container)"},
    {LimitKind::listen_queue, kTarget, "listen_queue", "the target's listen queue is full",
     "have the target accept faster (more workers), and raise its backlog and net.core.somaxconn"},
    {LimitKind::upgrade_unanswered, kTarget, "upgrade_unanswered",
     "the target takes connections and does not answer their upgrade",
     "see whether the target still accepts (its file limit, its event loop, its workers); more time: "
     "--connect-timeout"},
    {LimitKind::reset_in_handshake, kTarget, "reset_in_handshake", "the target resets new connections",
     "see the target's limits of connections and workers, and those of a proxy in front of it"},
    {LimitKind::closed_in_handshake, kTarget, "closed_in_handshake", "the target closes new connections",
     "see the target's limits of connections, files and workers, and those of a proxy in front of it"},
    {LimitKind::tls_failed, kTarget, "tls_failed", "the TLS handshake with the target fails",
     "see docs/errors.md for the kind, and --tls-ca, --tls-server-name and --tls-min-version"},
    {LimitKind::upgrade_status, kTarget, "upgrade_status", "the target refuses the upgrade",
     "see what the answer says: a limit of connections, of a client address or of a rate"},
    {LimitKind::upgrade_broken, kTarget, "upgrade_broken", "the target's answer is no upgrade",
     "see docs/errors.md for the kind, and the target's log"},
    {LimitKind::closed_later, kTarget, "closed_later", "the target closes connections that were open",
     "see the close codes, and the target's idle timeout (or that of a proxy) and its limits"},
    {LimitKind::reset_later, kTarget, "reset_later", "connections that were open were reset",
     "see whether the target's process crashed or restarted, and what lies between"},
    {LimitKind::protocol_broken, kTarget, "protocol_broken", "the target breaks RFC 6455",
     "see docs/errors.md for the kind"},
    {LimitKind::no_answer, kTarget, "no_answer", "open connections are not answered in time",
     "see what the target does with its time; more of it: --answer-timeout"},
}};

constexpr bool limits_in_order() {
    for (std::size_t i = 0; i < kLimitInfos.size(); ++i) {
        if (kLimitInfos[i].kind != static_cast<LimitKind>(i) || kLimitInfos[i].remedy.empty()) return false;
    }
    return true;
}
static_assert(limits_in_order(), "one row for each kind, in the order of the enum");

}  // namespace

const LimitInfo& info(LimitKind kind) {
    return kLimitInfos[static_cast<std::size_t>(kind)];
}

std::string_view to_text(LimitOwner owner) {
    switch (owner) {
        case LimitOwner::process: return "process";
        case LimitOwner::host: return "host";
        case LimitOwner::path: return "path";
        case LimitOwner::target: return "target";
    }
    return "";
}

}  // namespace wsblast::stats
