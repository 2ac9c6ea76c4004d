// Connections that have something to send and whose peer takes nothing: for how long. To be asked where
// nothing else ends the wait, which is where a number of messages is to be sent and no time is set, and
// before them.
//
// A transport that is full says only when all that it kept is sent, which takes long where a peer reads
// slowly. What TCP has had acknowledged tells such a one from one that does not read; where that cannot be
// asked, only room counts. One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "plan/program.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

enum class Taking : std::uint8_t {
    perhaps,  // it has time left: see next_ns()
    nothing,  // for `answer_timeout_ns`
};

template <class Transport>
class Stalls {
  public:
    using ConnectionId = transport::ConnectionId;

    Stalls(Transport& transport, const plan::Program& program)
        : transport_(transport), patience_ns_(program.answer_timeout_ns), stalls_(transport.capacity()) {}

    [[nodiscard]] bool ok() const { return stalls_.ok(); }

    // The transport had no room for something of the connection.
    [[nodiscard]] Taking refused(ConnectionId cid, TimeNs now_ns) {
        Stall& stall = stalls_[cid];
        if (stall.since_ns == 0) {
            stall = {now_ns, now_ns, 0};
            ++waiting_;
        }
        if (now_ns >= stall.since_ns + patience_ns_) return Taking::nothing;
        if (now_ns >= stall.looked_ns + look_step_ns()) {
            stall.looked_ns = now_ns;
            transport_.inspect(cid);
        }
        return Taking::perhaps;
    }

    // When refused() has something to do, or to say, once it was called.
    [[nodiscard]] TimeNs next_ns(ConnectionId cid) const {
        const Stall& stall = stalls_[cid];
        return std::min(stall.since_ns + patience_ns_, stall.looked_ns + look_step_ns());
    }

    // There is room again, or the connection is gone.
    void over(ConnectionId cid) {
        if (!waits(cid)) return;
        stalls_[cid] = {};
        --waiting_;
    }

    // Whether that was asked for here.
    [[nodiscard]] bool on_inspected(ConnectionId cid, const transport::TcpInfo& info) {
        if (!waits(cid)) return false;
        Stall& stall = stalls_[cid];
        if (stall.acked_bytes != 0 && info.bytes_acked != stall.acked_bytes)
            stall.since_ns = stall.looked_ns;
        stall.acked_bytes = info.bytes_acked;
        return true;
    }

  private:
    // One look to compare with, and two more that may find a difference.
    static constexpr TimeNs kLooks = 4;

    struct Stall {
        TimeNs since_ns = 0;            // nothing was taken since; 0: it does not wait
        TimeNs looked_ns = 0;           // when TCP was asked last
        std::uint64_t acked_bytes = 0;  // by then; 0: not known
    };

    [[nodiscard]] bool waits(ConnectionId cid) const { return waiting_ > 0 && stalls_[cid].since_ns != 0; }
    [[nodiscard]] TimeNs look_step_ns() const { return std::max<TimeNs>(patience_ns_ / kLooks, 1); }

    Transport& transport_;
    TimeNs patience_ns_;
    MappedArray<Stall> stalls_;  // by connection; touched where one waits
    std::uint32_t waiting_ = 0;  // how many do
};

}  // namespace wsblast::session
