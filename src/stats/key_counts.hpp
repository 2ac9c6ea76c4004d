// Counts of things that come in few kinds out of many possible ones: close codes, HTTP statuses, and the
// first words of a refusal. Bounded, so that a hostile server cannot make them grow.
//
// One writer, live readers, no allocation while writing.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "stats/cell.hpp"

namespace wsblast::stats {

// A reader's copy: what was counted for each key.
using KeyCountValues = std::map<std::uint32_t, std::uint64_t>;

// Leaves what was counted since `earlier`; keys of which nothing was are left out.
inline void subtract(KeyCountValues& values, const KeyCountValues& earlier) {
    for (const auto& [key, count] : earlier) values[key] -= count;
    std::erase_if(values, [](const auto& entry) { return entry.second == 0; });
}

// Invariant: a key stands in one slot, at or after the slot of its hash with no gap between. Key 0 takes
// what found no slot any more; no caller uses it.
class KeyCounts {
  public:
    // The writer's thread. `key` > 0.
    void count(std::uint32_t key) {
        const std::uint32_t start = (key * kHashFactor) >> (32 - kSlotBits);
        for (std::uint32_t i = 0; i < kSlots; ++i) {
            const std::uint32_t slot = (start + i) % kSlots;
            if (keys_[slot].get() == 0) keys_[slot].set(key);
            if (keys_[slot].get() != key) continue;
            counts_[slot].add();
            return;
        }
        other_.add();
    }

    // Any thread: adds what was counted so far.
    void add_to(KeyCountValues& sum) const {
        for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
            const std::uint64_t count = counts_[slot].get();
            if (count > 0) sum[keys_[slot].get()] += count;
        }
        if (const std::uint64_t count = other_.get(); count > 0) sum[0] += count;
    }

  private:
    static constexpr std::uint32_t kSlotBits = 6;
    static constexpr std::uint32_t kSlots = 1u << kSlotBits;
    static constexpr std::uint32_t kHashFactor = 0x9e3779b1u;  // 2^32 / the golden ratio: Fibonacci hashing

    std::array<CellOf<std::uint32_t>, kSlots> keys_{};
    std::array<Cell, kSlots> counts_{};
    Cell other_;
};

enum class CloseBy : std::uint8_t { us, peer };

// When a closing handshake began.
enum class ClosePhase : std::uint8_t {
    setup,  // before the first measured message
    open,   // from then on, until all is settled, and the close that ends a run
    hold,   // while idle connections were held
};

// A close frame that was sent (by us) or received first (by the peer).
struct CloseKey {
    std::uint16_t code = 0;  // 1005: a close frame without a code; 0: more codes than are told apart
    CloseBy by = CloseBy::us;
    ClosePhase phase = ClosePhase::open;

    // As a key of KeyCounts: code in the upper half, never 0 for a real code.
    [[nodiscard]] constexpr std::uint32_t pack() const {
        return std::uint32_t{code} << 16 | static_cast<std::uint32_t>(by) << 8 |
               static_cast<std::uint32_t>(phase);
    }
    [[nodiscard]] static constexpr CloseKey unpack(std::uint32_t key) {
        return {static_cast<std::uint16_t>(key >> 16), static_cast<CloseBy>(key >> 8 & 0xff),
                static_cast<ClosePhase>(key & 0xff)};
    }
};

// What a TLS handshake has agreed on.
struct TlsKey {
    std::uint16_t version = 0;  // of the wire (RFC 8446 4.2.1)
    std::uint16_t cipher = 0;   // of the IANA registry

    // As a key of KeyCounts.
    [[nodiscard]] constexpr std::uint32_t pack() const { return std::uint32_t{version} << 16 | cipher; }
    [[nodiscard]] static constexpr TlsKey unpack(std::uint32_t key) {
        return {static_cast<std::uint16_t>(key >> 16), static_cast<std::uint16_t>(key)};
    }
};

enum class TlsFaultKind : std::uint8_t {
    alert = 1,    // the server's; `code` as of RFC 8446 6
    certificate,  // what is wrong with the server's; `code` is OpenSSL's X509_V_ERR_*
    truncation,   // the server's FIN without its close_notify (RFC 8446 6.1); `code` is 0
};

// How TLS ended a connection, where it did not end well.
struct TlsFaultKey {
    TlsFaultKind kind = TlsFaultKind::alert;
    std::uint8_t code = 0;

    // As a key of KeyCounts.
    [[nodiscard]] constexpr std::uint32_t pack() const {
        return static_cast<std::uint32_t>(kind) << 8 | code;
    }
    [[nodiscard]] static constexpr TlsFaultKey unpack(std::uint32_t key) {
        return {static_cast<TlsFaultKind>(key >> 8), static_cast<std::uint8_t>(key)};
    }
};

// As a key of KeyCounts: the subprotocol of that place in what was asked for; none: the server chose none.
[[nodiscard]] constexpr std::uint32_t subprotocol_key(std::optional<std::size_t> place) {
    return place ? static_cast<std::uint32_t>(*place) + 2 : 1;
}

// The first bytes of the body of a refused upgrade, one for each HTTP status.
struct Excerpt {
    std::uint16_t status = 0;  // 0: the answer was not HTTP
    std::string text;          // raw bytes of the server: escape before showing
};

// Invariant: entries below used_ are complete and never change again.
class Excerpts {
  public:
    // The writer's thread. Only the first excerpt of a status is kept, its first kExcerptBytesMax bytes, of
    // at most kExcerptsMax statuses.
    void keep(std::uint16_t status, ByteView body) {
        if (!wants(status)) return;
        const std::uint32_t used = used_.load(std::memory_order_relaxed);
        Entry& entry = entries_[used];
        entry.status = status;
        entry.size = static_cast<std::uint16_t>(std::min(body.size(), entry.bytes.size()));
        std::copy_n(body.begin(), entry.size, entry.bytes.begin());
        used_.store(used + 1, std::memory_order_release);
    }

    // The writer's thread: whether one of that status would be kept.
    [[nodiscard]] bool wants(std::uint16_t status) const {
        const std::uint32_t used = used_.load(std::memory_order_relaxed);
        for (std::uint32_t i = 0; i < used; ++i) {
            if (entries_[i].status == status) return false;
        }
        return used < entries_.size();
    }

    // Any thread: adds the excerpts whose status `all` does not have yet.
    void add_to(std::vector<Excerpt>& all) const {
        const std::uint32_t used = used_.load(std::memory_order_acquire);
        for (std::uint32_t i = 0; i < used; ++i) {
            const Entry& entry = entries_[i];
            const auto same = [&](const Excerpt& have) { return have.status == entry.status; };
            if (std::any_of(all.begin(), all.end(), same)) continue;
            all.push_back(
                {entry.status, std::string(entry.bytes.begin(), entry.bytes.begin() + entry.size)});
        }
    }

  private:
    struct Entry {
        std::uint16_t status;
        std::uint16_t size;
        std::array<std::uint8_t, limits::kExcerptBytesMax> bytes;
    };

    std::array<Entry, limits::kExcerptsMax> entries_{};
    std::atomic<std::uint32_t> used_{0};
};

}  // namespace wsblast::stats
