// Inflates the compressed messages of connections that have agreed on permessage-deflate (RFC 7692 7.2.2),
// and checks what comes out of it as the frame reader checks what is not compressed.
//
// An inflater is a connection's for as long as it has something to remember: for a message, or, with
// context takeover, for its life. Then it goes back to the pool. At most limits::kInflatedPieceBytes are
// inflated at a time: no message takes more memory than that. One worker thread.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "deflate/stream.hpp"
#include "proto/message_reader.hpp"
#include "proto/utf8.hpp"
#include "session/memory_budget.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

// Bytes of payloads before and after inflation.
struct InflatedBytes {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
};

// What the messages of one sender share.
struct InflateTerms {
    std::uint8_t window_bits = 0;  // 0: it does not compress
    bool alone = false;            // no context takeover: each message stands alone
};

class Inflations {
  public:
    explicit Inflations(std::uint32_t connections_max)
        : owners_(connections_max), piece_(limits::kInflatedPieceBytes) {}

    [[nodiscard]] bool ok() const { return owners_.ok() && piece_.ok(); }
    // Of the memory for inflaters, from now on; else there is no bound. `budget` lives longer.
    void bound(MemoryBudget& budget) { budget_ = &budget; }

    // The peer of the connection may compress from now on, until drop().
    void agree(transport::ConnectionId cid, const InflateTerms& terms) {
        any_ = true;
        owners_[cid] = {.terms = terms, .number = 0};
    }
    [[nodiscard]] bool agreed(transport::ConnectionId cid) const {
        return any_ && owners_[cid].terms.window_bits != 0;
    }
    void drop(transport::ConnectionId cid) {
        if (!agreed(cid)) return;
        give(owners_[cid]);
        owners_[cid] = {};
    }

    // Since the last call.
    [[nodiscard]] InflatedBytes take_counts() { return std::exchange(counts_, {}); }

    // A piece of a compressed message, as proto::MessageReader finds it; what comes out of it goes to
    // on_message() and on_fragment() of the sink. Its answers are not asked for.
    struct Piece {
        transport::ConnectionId cid;
        proto::Opcode opcode;
        ByteView bytes;
        proto::FragmentEnd end;
    };
    template <class Sink>
    [[nodiscard]] proto::Violation read(const Piece& piece, std::uint64_t size_max, Sink& sink) {
        Owner& owner = owners_[piece.cid];
        if (owner.number == 0) owner.number = take(owner.terms.window_bits);
        if (owner.number == 0) return proto::Violation::no_memory;
        Inflation& inflation = *pool_[owner.number - 1];
        counts_.from += piece.bytes.size();
        const proto::Violation violation = run(inflation, piece, size_max, sink);
        if (piece.end == proto::FragmentEnd::last) {
            inflation.begin();
            if (owner.terms.alone) give(owner);
        }
        return violation;
    }

  private:
    struct Owner {
        InflateTerms terms;
        std::uint32_t number;  // of its inflation in the pool, from 1; 0: none
    };

    // Of one message so far.
    struct Inflation {
        explicit Inflation(int window_bits) : inflater(window_bits) {}
        void begin() {
            utf8 = {};
            size = 0;
        }

        deflate::Inflater inflater;
        proto::Utf8Validator utf8;
        std::uint64_t size = 0;
    };

    template <class Sink>
    [[nodiscard]] proto::Violation run(Inflation& inflation, const Piece& piece, std::uint64_t size_max,
                                       Sink& sink) {
        ByteView rest = piece.bytes;
        std::size_t filled = 0;
        const std::uint64_t size_before = inflation.size;
        bool ending = false;
        for (;;) {
            const ByteSpan room = piece_.span().subspan(filled);
            const deflate::StreamStep step =
                ending ? inflation.inflater.finish(room) : inflation.inflater.inflate(rest, room);
            if (step.status == deflate::StreamStatus::damaged) return proto::Violation::bad_deflate;
            if (step.status == deflate::StreamStatus::no_memory) return proto::Violation::no_memory;
            rest = rest.subspan(step.consumed);
            filled += step.produced;
            counts_.to += step.produced;
            inflation.size += step.produced;
            if (inflation.size > size_max) return proto::Violation::message_too_big;
            const bool full = step.status == deflate::StreamStatus::full;
            const bool over = !full && (ending || piece.end == proto::FragmentEnd::more);
            if (!full && !over) {
                ending = true;
                continue;
            }
            const auto end = over ? piece.end : proto::FragmentEnd::more;
            const Inflated made{.opcode = piece.opcode,
                                .bytes = piece_.span().first(filled),
                                .end = end,
                                .whole = size_before == 0 && inflation.size == filled};
            if (!pass_on(inflation, made, sink)) return proto::Violation::bad_utf8;
            if (over) return proto::Violation::none;
            filled = 0;
        }
    }

    struct Inflated {
        proto::Opcode opcode;
        ByteView bytes;
        proto::FragmentEnd end;
        bool whole;  // nothing of the message came before
    };
    // False: it is no text.
    template <class Sink>
    [[nodiscard]] static bool pass_on(Inflation& inflation, const Inflated& made, Sink& sink) {
        const bool last = made.end == proto::FragmentEnd::last;
        if (made.opcode == proto::Opcode::text) {
            if (!inflation.utf8.feed(made.bytes) || (last && !inflation.utf8.complete())) return false;
        }
        if (last && made.whole) {
            static_cast<void>(sink.on_message(made.opcode, made.bytes));
        } else if (last || !made.bytes.empty()) {
            static_cast<void>(sink.on_fragment(made.opcode, made.bytes, made.end));
        }
        return true;
    }

    // Of those that have nothing to remember, or one that is new: how many there are is how many messages
    // were in parts at the same time. 0: there is no memory.
    [[nodiscard]] std::uint32_t take(int window_bits) {
        if (free_.empty()) return make(window_bits);
        const std::uint32_t number = free_.back();
        free_.pop_back();
        pool_[number - 1]->begin();
        pool_[number - 1]->inflater.reset(window_bits);
        return number;
    }
    [[nodiscard]] std::uint32_t make(int window_bits) {
        // It may be of another window once it is used again.
        const std::uint64_t bytes = deflate::Inflater::memory_bytes(deflate::kWindowBitsMax);
        if (budget_ != nullptr && !budget_->take(bytes)) return 0;
        auto made = std::make_unique<Inflation>(window_bits);
        if (!made->inflater.ok()) return 0;
        pool_.push_back(std::move(made));
        free_.reserve(pool_.capacity());
        return static_cast<std::uint32_t>(pool_.size());
    }
    void give(Owner& owner) {
        if (owner.number != 0) free_.push_back(std::exchange(owner.number, 0));
    }

    bool any_ = false;
    MemoryBudget* budget_ = nullptr;  // null: no bound
    MappedArray<Owner> owners_;       // by connection
    std::vector<std::unique_ptr<Inflation>> pool_;
    std::vector<std::uint32_t> free_;
    MappedArray<std::uint8_t> piece_;  // what comes out
    InflatedBytes counts_;
};

}  // namespace wsblast::session
