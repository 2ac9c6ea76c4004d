#include "host/network_counters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

constexpr int kDecimal = 10;
constexpr int kHexadecimal = 16;

std::string_view take_line(std::string_view& text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    return line;
}

// Empty at the end of the line.
std::uint64_t to_number(std::string_view word, int base) {
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), number, base);
    return error == std::errc{} ? number : 0;
}

// The word of `values` that stands where `name` does in `names`; empty when there is none.
std::string_view word_below(std::string_view names, std::string_view values, std::string_view name) {
    for (;;) {
        const std::string_view word = take_word(names);
        const std::string_view value = take_word(values);
        if (word.empty() || word == name) return word.empty() ? std::string_view{} : value;
    }
}

struct Field {
    std::uint64_t NetworkCounters::*place;
    std::string_view group;
    std::string_view name;
};
constexpr std::array<Field, 9> kFields{{
    {&NetworkCounters::listen_overflows, "TcpExt", "ListenOverflows"},
    {&NetworkCounters::listen_drops, "TcpExt", "ListenDrops"},
    {&NetworkCounters::syn_retransmits, "TcpExt", "TCPSynRetrans"},
    {&NetworkCounters::retransmits, "Tcp", "RetransSegs"},
    {&NetworkCounters::timeouts, "TcpExt", "TCPTimeouts"},
    {&NetworkCounters::send_refusals, "TcpExt", "TCPRetransFail"},
    {&NetworkCounters::memory_pressures, "TcpExt", "TCPMemoryPressures"},
    {&NetworkCounters::receive_drops, "TcpExt", "TCPRcvQDrop"},
    {&NetworkCounters::memory_aborts, "TcpExt", "TCPAbortOnMemory"},
}};

}  // namespace

NetworkCounters read_network_counters() {
    NetworkCounters counters;
    // Both files have the same form, and no group is in both.
    const std::string table =
        read_file("/proc/net/snmp").value_or("") + read_file("/proc/net/netstat").value_or("");
    for (const Field& field : kFields) {
        counters.*field.place = parse_snmp_value(table, field.group, field.name);
    }
    counters.tracking_drops =
        parse_cpu_column(read_file("/proc/net/stat/nf_conntrack").value_or(""), "drop");
    for (const char* cache : {"/proc/net/stat/arp_cache", "/proc/net/stat/ndisc_cache"}) {
        counters.neighbour_overflows += parse_cpu_column(read_file(cache).value_or(""), "table_fulls");
    }
    return counters;
}

NetworkCounters difference(const NetworkCounters& later, const NetworkCounters& earlier) {
    NetworkCounters between;
    for (const Field& field : kFields) between.*field.place = later.*field.place - earlier.*field.place;
    between.tracking_drops = later.tracking_drops - earlier.tracking_drops;
    between.neighbour_overflows = later.neighbour_overflows - earlier.neighbour_overflows;
    return between;
}

std::uint64_t parse_snmp_value(std::string_view table, std::string_view group, std::string_view name) {
    const std::string key = std::string(group) + ":";
    while (!table.empty()) {
        std::string_view names = take_line(table);
        if (take_word(names) != key) continue;
        std::string_view values = take_line(table);
        if (take_word(values) != key) return 0;
        return to_number(word_below(names, values, name), kDecimal);
    }
    return 0;
}

std::uint64_t parse_cpu_column(std::string_view table, std::string_view name) {
    const std::string_view names = take_line(table);
    std::uint64_t sum = 0;
    while (!table.empty()) sum += to_number(word_below(names, take_line(table), name), kHexadecimal);
    return sum;
}

}  // namespace wsblast::host
