// What the kernel keeps in its object caches, by cache: where the memory of connections goes that is in no
// process. Any thread; not for the hot path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wsblast::host {

// One cache of /proc/slabinfo (slabinfo(5)). Caches of the same object size share one unless the kernel was
// told otherwise (slab_nomerge): it then has the name of the first.
struct Slab {
    std::string name;
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;  // of its pages, room for further objects included

    friend bool operator==(const Slab&, const Slab&) = default;
};

// Needs root; empty without.
[[nodiscard]] std::vector<Slab> read_slabs();
[[nodiscard]] std::vector<Slab> parse_slabs(std::string_view slabinfo, std::uint64_t page_bytes);

// The caches that grew, by how much, the one that grew most first, at most `count_max`.
[[nodiscard]] std::vector<Slab> growth(const std::vector<Slab>& later, const std::vector<Slab>& earlier,
                                       std::size_t count_max);

// All of the kernel's own memory that /proc/meminfo knows of, but for what the page cache holds: slabs,
// per-CPU and vmalloc areas, page tables and stacks. 0 when unknown.
[[nodiscard]] std::uint64_t kernel_bytes();
[[nodiscard]] std::uint64_t parse_kernel_bytes(std::string_view meminfo);

}  // namespace wsblast::host
