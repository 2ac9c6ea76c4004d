// Compresses what the server answers on connections that have agreed on permessage-deflate (RFC 7692
// 7.2.1).
//
// Where each message stands alone (server_no_context_takeover) one deflater a window serves all
// connections; else a connection has its own, of 256 KiB, from its first answer to its end. One worker
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "deflate/stream.hpp"
#include "proto/permessage_deflate.hpp"
#include "transport/transport.hpp"

namespace wsblast::target {

class Deflations {
  public:
    explicit Deflations(std::uint32_t connections_max)
        : agreed_(connections_max),
          plain_(limits::kBacklogBytesMax),
          deflated_(deflate::Deflater::size_max(limits::kBacklogBytesMax)) {}

    [[nodiscard]] bool ok() const { return agreed_.ok() && plain_.ok() && deflated_.ok(); }

    // Answers on the connection are compressed from now on, until drop().
    void agree(transport::ConnectionId cid, const proto::DeflateTerms& terms) {
        any_ = true;
        agreed_[cid] = {terms.server_window_bits, terms.server_no_context_takeover};
    }
    [[nodiscard]] bool agreed(transport::ConnectionId cid) const {
        return any_ && agreed_[cid].window_bits != 0;
    }
    void drop(transport::ConnectionId cid) {
        if (!agreed(cid)) return;
        if (!agreed_[cid].alone) own_.erase(cid);
        agreed_[cid] = {};
    }

    // Room to write a payload to that is to be compressed; empty: it is larger than any answer may be.
    [[nodiscard]] ByteSpan plain(std::size_t size) {
        return size <= plain_.size() ? plain_.span().first(size) : ByteSpan{};
    }

    // A message, or with DeflateEnd::part one of its parts, at most as large as plain() gives room for. The
    // result is valid until the next call; empty: there was no memory.
    [[nodiscard]] ByteView compress(transport::ConnectionId cid, ByteView payload,
                                    deflate::DeflateEnd end) {
        const Agreed& terms = agreed_[cid];
        deflate::Deflater& deflater = terms.alone ? shared(terms.window_bits) : own(cid, terms);
        if (!deflater.ok()) return {};
        // What others send between two parts is in the same deflater: they stand alone too.
        if (terms.alone && end == deflate::DeflateEnd::part) end = deflate::DeflateEnd::restart;
        const deflate::Deflated made = deflater.deflate(payload, end, deflated_.span());
        if (terms.alone) deflater.reset();
        return ByteView(deflated_.span()).first(made.fits ? made.size : 0);
    }

  private:
    struct Agreed {
        std::uint8_t window_bits;  // 0: nothing is compressed
        bool alone;
    };

    [[nodiscard]] deflate::Deflater& shared(std::uint8_t window_bits) {
        auto& deflater = shared_[window_bits];
        if (!deflater)
            deflater = std::make_unique<deflate::Deflater>(window_bits, limits::kDeflateLevelEach);
        return *deflater;
    }
    [[nodiscard]] deflate::Deflater& own(transport::ConnectionId cid, const Agreed& terms) {
        return own_.try_emplace(cid, terms.window_bits, limits::kDeflateLevelEach).first->second;
    }

    bool any_ = false;
    MappedArray<Agreed> agreed_;  // by connection
    std::array<std::unique_ptr<deflate::Deflater>, proto::kDeflateBitsMax + 1> shared_;
    std::unordered_map<transport::ConnectionId, deflate::Deflater> own_;
    MappedArray<std::uint8_t> plain_;
    MappedArray<std::uint8_t> deflated_;
};

}  // namespace wsblast::target
