#include "host/listeners.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

#include <ifaddrs.h>
#include <unistd.h>

#include "base/result.hpp"
#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

// "0A" in the column `st` (include/net/tcp_states.h).
constexpr std::string_view kListenState = "0A";
// sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
enum Column : std::size_t { kLocal = 1, kState = 3, kUid = 7, kInode = 9, kColumns = 10 };

using Columns = std::array<std::string_view, kColumns>;

std::optional<Columns> split(std::string_view line) {
    Columns columns;
    for (std::string_view& column : columns) {
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        column = line.substr(0, line.find(' '));
        if (column.empty()) return std::nullopt;
        line.remove_prefix(column.size());
    }
    return columns;
}

std::optional<std::uint32_t> hexadecimal(std::string_view text) {
    std::uint32_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
    return number;
}

// "0100007F:1F90": words of 32 bits as they lie in memory, one or four of them, and the port as a number.
Endpoint parse_address(std::string_view text) {
    constexpr std::size_t kWordDigits = 8;
    const std::size_t colon = text.find(':');
    if (colon != kWordDigits && colon != 4 * kWordDigits) return {};
    const auto port = hexadecimal(text.substr(colon + 1));
    std::array<std::uint32_t, 4> words{};
    for (std::size_t word = 0; word * kWordDigits < colon; ++word) {
        const auto number = hexadecimal(text.substr(word * kWordDigits, kWordDigits));
        if (!number) return {};
        words[word] = *number;
    }
    if (!port) return {};
    if (colon == kWordDigits) return make_ipv4(ntohl(words[0]), static_cast<std::uint16_t>(*port));
    in6_addr address{};
    std::memcpy(&address, words.data(), sizeof address);
    return make_ipv6(address, static_cast<std::uint16_t>(*port));
}

std::optional<ListeningSocket> parse_line(std::string_view line) {
    const auto columns = split(line);
    if (!columns || (*columns)[kState] != kListenState) return std::nullopt;
    return ListeningSocket{.address = parse_address((*columns)[kLocal]),
                           .uid = static_cast<std::uint32_t>(leading_number((*columns)[kUid]).value_or(0)),
                           .inode = leading_number((*columns)[kInode]).value_or(0)};
}

// A stream, unlike read_file(): what is behind the listening sockets is never made.
std::vector<ListeningSocket> read_listening(const char* path) {
    std::vector<ListeningSocket> sockets;
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);  // the heading
    while (std::getline(file, line)) {
        auto socket = parse_line(line);
        if (!socket) break;
        sockets.push_back(std::move(*socket));
    }
    return sockets;
}

bool holds_one_of(const std::string& folder, const std::vector<std::string>& names) {
    std::array<char, 64> target{};
    for (const std::uint32_t descriptor : numbered_entries(folder)) {
        const std::string path = folder + "/" + std::to_string(descriptor);
        const ssize_t size = readlink(path.c_str(), target.data(), target.size());
        if (size <= 0) continue;
        const std::string_view name(target.data(), static_cast<std::size_t>(size));
        if (std::find(names.begin(), names.end(), name) != names.end()) return true;
    }
    return false;
}

}  // namespace

std::vector<ListeningSocket> parse_listening(std::string_view content) {
    std::vector<ListeningSocket> sockets;
    while (!content.empty()) {
        const std::string_view line = content.substr(0, content.find('\n'));
        content.remove_prefix(std::min(line.size() + 1, content.size()));
        if (auto socket = parse_line(line)) sockets.push_back(std::move(*socket));
    }
    return sockets;
}

std::vector<ListeningSocket> sockets_listening_on(std::uint16_t port) {
    std::vector<ListeningSocket> sockets = read_listening("/proc/net/tcp");
    std::vector<ListeningSocket> inet6 = read_listening("/proc/net/tcp6");
    sockets.insert(sockets.end(), inet6.begin(), inet6.end());
    std::erase_if(sockets, [&](const ListeningSocket& socket) { return socket.address.port() != port; });
    return sockets;
}

std::vector<pid_t> holders_of(std::span<const ListeningSocket> sockets) {
    std::vector<std::string> names;
    for (const ListeningSocket& socket : sockets)
        names.push_back("socket:[" + std::to_string(socket.inode) + "]");
    std::vector<pid_t> holders;
    for (const std::uint32_t pid : numbered_entries("/proc")) {
        if (holds_one_of("/proc/" + std::to_string(pid) + "/fd", names))
            holders.push_back(static_cast<pid_t>(pid));
    }
    return holders;
}

bool is_local(const Endpoint& endpoint) {
    if (endpoint.is_loopback() || endpoint.is_any()) return true;
    ifaddrs* interfaces = nullptr;
    if (getifaddrs(&interfaces) != 0) return false;
    bool found = false;
    for (const ifaddrs* entry = interfaces; entry != nullptr && !found; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != endpoint.family()) continue;
        const Endpoint own = from_sockaddr(entry->ifa_addr, endpoint.length);
        found = address_text(own) == address_text(endpoint);
    }
    freeifaddrs(interfaces);
    return found;
}

}  // namespace wsblast::host
