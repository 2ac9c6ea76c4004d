#include "host/slabs.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include <unistd.h>

#include "base/units.hpp"
#include "host/proc_files.hpp"

namespace wsblast::host {

namespace {

// The words of a line of slabinfo that count: name, active objects, objects, object size, objects a slab,
// pages a slab, then ": tunables" and its three, ": slabdata", active slabs, slabs.
constexpr std::size_t kObjectsAt = 1;
constexpr std::size_t kPagesAt = 5;
constexpr std::size_t kSlabsAt = 14;
constexpr std::size_t kWords = kSlabsAt + 1;

std::array<std::string_view, kWords> words_of(std::string_view line) {
    std::array<std::string_view, kWords> words;
    for (std::string_view& word : words) {
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        word = line.substr(0, line.find(' '));
        line.remove_prefix(word.size());
    }
    return words;
}

}  // namespace

std::vector<Slab> read_slabs() {
    return parse_slabs(read_file("/proc/slabinfo").value_or(""),
                       static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
}

std::vector<Slab> parse_slabs(std::string_view slabinfo, std::uint64_t page_bytes) {
    std::vector<Slab> slabs;
    while (!slabinfo.empty()) {
        const std::string_view line = slabinfo.substr(0, slabinfo.find('\n'));
        slabinfo.remove_prefix(line.size() < slabinfo.size() ? line.size() + 1 : line.size());
        const auto words = words_of(line);
        const auto objects = leading_number(words[kObjectsAt]);
        const auto pages = leading_number(words[kPagesAt]);
        const auto count = leading_number(words[kSlabsAt]);
        if (!objects || !pages || !count) continue;
        slabs.push_back({std::string(words[0]), *objects, *count * *pages * page_bytes});
    }
    return slabs;
}

std::vector<Slab> growth(const std::vector<Slab>& later, const std::vector<Slab>& earlier,
                         std::size_t count_max) {
    std::vector<Slab> grown;
    for (const Slab& slab : later) {
        const auto before = std::find_if(earlier.begin(), earlier.end(),
                                         [&](const Slab& one) { return one.name == slab.name; });
        const Slab none{slab.name, 0, 0};
        const Slab& start = before == earlier.end() ? none : *before;
        if (slab.bytes <= start.bytes) continue;
        const std::uint64_t objects = slab.objects > start.objects ? slab.objects - start.objects : 0;
        grown.push_back({slab.name, objects, slab.bytes - start.bytes});
    }
    std::stable_sort(grown.begin(), grown.end(),
                     [](const Slab& a, const Slab& b) { return a.bytes > b.bytes; });
    grown.resize(std::min(grown.size(), count_max));
    return grown;
}

std::uint64_t kernel_bytes() {
    return parse_kernel_bytes(read_file("/proc/meminfo").value_or(""));
}

std::uint64_t parse_kernel_bytes(std::string_view meminfo) {
    std::uint64_t sum = 0;
    for (const std::string_view key : {"Slab:", "KernelStack:", "PageTables:", "VmallocUsed:", "Percpu:"}) {
        const auto line = line_after(meminfo, key);
        if (line) sum += leading_number(*line).value_or(0) * kKiB;
    }
    return sum;
}

}  // namespace wsblast::host
