#include "host/sockets.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

// The number after a word of a line: "tw" of "TCP: inuse 4 orphan 0 tw 17 alloc 9 mem 2".
std::uint64_t number_after_word(std::string_view line, std::string_view word) {
    const std::string key = " " + std::string(word) + " ";
    const std::size_t at = line.find(key);
    if (at == std::string_view::npos) return 0;
    return leading_number(line.substr(at + key.size())).value_or(0);
}

// The words of a line of /proc/net/tcp: number, local and remote address, state.
std::array<std::string_view, 4> first_words(std::string_view line) {
    std::array<std::string_view, 4> words;
    for (std::string_view& word : words) {
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        word = line.substr(0, line.find(' '));
        line.remove_prefix(word.size());
    }
    return words;
}

void append_hex(std::string& text, std::uint32_t value, int digits) {
    std::array<char, 16> shown{};
    std::snprintf(shown.data(), shown.size(), "%0*X", digits, value);
    text += shown.data();
}

}  // namespace

std::optional<SocketCounts> read_socket_counts(const HostFiles& files) {
    const auto text = files.text("/proc/net/sockstat");
    return text ? parse_socket_counts(*text) : std::nullopt;
}

std::optional<SocketCounts> parse_socket_counts(std::string_view sockstat) {
    const auto tcp = line_after(sockstat, "TCP:");
    if (!tcp) return std::nullopt;
    return SocketCounts{number_after_word(*tcp, "inuse"), number_after_word(*tcp, "tw"),
                        number_after_word(*tcp, "mem")};
}

TakenPairs count_taken_pairs(const HostFiles& files, const Endpoint& destination) {
    const char* const path = destination.family() == AF_INET6 ? "/proc/net/tcp6" : "/proc/net/tcp";
    return parse_taken_pairs(files.text(path).value_or(""), destination);
}

TakenPairs parse_taken_pairs(std::string_view table, const Endpoint& destination) {
    constexpr std::string_view kTimeWait = "06";  // TCP_TIME_WAIT
    const std::string wanted = proc_net_text(destination);
    TakenPairs taken;
    while (!table.empty()) {
        const std::string_view line = table.substr(0, table.find('\n'));
        table.remove_prefix(std::min(line.size() + 1, table.size()));
        const auto [number, local, remote, state] = first_words(line);
        if (remote != wanted) continue;
        ++(state == kTimeWait ? taken.time_wait : taken.in_use);
    }
    return taken;
}

// Addresses as words of 32 bits in the machine's order of bytes, ports as numbers.
std::string proc_net_text(const Endpoint& endpoint) {
    std::array<std::uint32_t, 4> words{};
    std::size_t count = 1;
    if (endpoint.family() == AF_INET6) {
        const auto* const address = reinterpret_cast<const sockaddr_in6*>(&endpoint.storage);
        std::memcpy(words.data(), &address->sin6_addr, sizeof words);
        count = words.size();
    } else {
        const auto* const address = reinterpret_cast<const sockaddr_in*>(&endpoint.storage);
        words[0] = address->sin_addr.s_addr;
    }
    std::string text;
    for (std::size_t i = 0; i < count; ++i) append_hex(text, words[i], 8);
    text += ":";
    append_hex(text, endpoint.port(), 4);
    return text;
}

std::optional<ConntrackTable> read_conntrack(const HostFiles& files) {
    const auto entries = sysctl_number(files, "net.netfilter.nf_conntrack_count");
    const auto entries_max = sysctl_number(files, "net.netfilter.nf_conntrack_max");
    if (!entries || !entries_max) return std::nullopt;
    return ConntrackTable{*entries, *entries_max};
}

void send_datagram_to_self() {
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return;
    Endpoint self = make_ipv4(INADDR_LOOPBACK, 0);
    auto* const address = reinterpret_cast<sockaddr*>(&self.storage);
    const bool bound = bind(descriptor, self.address(), self.length) == 0 &&
                       getsockname(descriptor, address, &self.length) == 0;
    if (bound) sendto(descriptor, "", 0, 0, self.address(), self.length);
    close(descriptor);
}

}  // namespace wsblast::host
