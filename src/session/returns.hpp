// Connections that are gone for a while: which of them come back, and when each tries again.
//
// One worker thread; nothing is allocated after construction. Connections are named by their index in the
// run, of which the worker has every so manieth (session/ramp.hpp).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "base/prng.hpp"
#include "base/timer_wheel.hpp"
#include "plan/round.hpp"
#include "session/ramp.hpp"
#include "session/round_control.hpp"

namespace wsblast::session {

// Why a connection was closed that is to come back.
enum class Leave : std::uint8_t {
    no,        // it was not, or it is back
    storm,     // comes back by the policy of the last storm
    churn,     // at once; after a failure, by limits::kReopenFirstNs and kReopenMaxNs
    replaced,  // the same
};

// Invariant: an index is in the wheel only when it is expected.
class Returns {
  public:
    // `start_ns`: no earlier time will be passed in.
    Returns(const RampPlan& plan, std::uint64_t seed, TimeNs start_ns, RoundReport& report)
        : worker_(plan.worker),
          workers_(plan.workers),
          report_(report),
          absences_(std::max<std::uint64_t>(1, Ramp(plan).share())),
          wheel_(static_cast<std::uint32_t>(absences_.size()), start_ns),
          prng_(draw(seed, Stream::reconnect, plan.worker)) {}

    [[nodiscard]] bool ok() const { return absences_.ok() && wheel_.ok(); }

    // Of those who are dropped from now on, and of those of an earlier storm who have to try again.
    void set_policy(const plan::ReconnectPolicy& policy) { policy_ = policy; }

    // The open connection is being closed, and is to come back.
    void expect(std::uint32_t index, Leave why) {
        Absence& absence = absences_[local(index)];
        absence = {why, 0};
        report_.away.add();
        if (why == Leave::replaced) report_.replacing.add();
    }

    // An attempt to open it failed.
    void failed(std::uint32_t index) {
        Absence& absence = absences_[local(index)];
        if (absence.why == Leave::no) return;
        report_.reopen_failures.add();
        if (absence.attempts < kAttemptsMax) ++absence.attempts;
    }

    // Nothing is left of it, or of the attempt: its next attempt has a time. Of no concern when it is not
    // expected back.
    void gone(std::uint32_t index, TimeNs now_ns) {
        const Absence& absence = absences_[local(index)];
        if (absence.why == Leave::no || stopped_) return;
        wheel_.arm(local(index), now_ns + wait_ns(absence));
        report_.waiting.add();
    }

    // It is open.
    void back(std::uint32_t index) {
        Absence& absence = absences_[local(index)];
        if (absence.why == Leave::no) return;
        if (absence.why == Leave::replaced) report_.replacing.subtract();
        absence = {};
        report_.away.subtract();
        report_.reopened.add();
    }

    // When take() may have one; kNever: not before something changes.
    [[nodiscard]] TimeNs next_due_ns() const {
        return report_.waiting.get() == 0 || stopped_ ? kNever : wheel_.next_wake();
    }

    // The connection that is to be opened now, the one that was due first.
    [[nodiscard]] std::optional<std::uint32_t> take(TimeNs now_ns) {
        std::optional<std::uint32_t> index;
        if (next_due_ns() > now_ns) return index;
        wheel_.expire(
            now_ns, [&](std::uint32_t at) { index = at * workers_ + worker_; }, 1);
        if (index) report_.waiting.subtract();
        return index;
    }

    // Nobody comes back any more.
    void stop() { stopped_ = true; }

  private:
    static constexpr std::uint8_t kAttemptsMax = 255;

    // All zeros: it is not away.
    struct Absence {
        Leave why;
        std::uint8_t attempts;  // that have failed
    };

    [[nodiscard]] std::uint32_t local(std::uint32_t index) const { return index / workers_; }

    [[nodiscard]] TimeNs wait_ns(const Absence& absence) {
        switch (absence.why) {
            case Leave::no: return 0;
            case Leave::storm: return policy_.wait_ns(absence.attempts, prng_.next());
            case Leave::churn:
            case Leave::replaced: break;
        }
        if (absence.attempts == 0) return 0;
        const plan::ReconnectPolicy patient{plan::Reconnect::exponential, limits::kReopenFirstNs,
                                            limits::kReopenMaxNs};
        return patient.wait_ns(absence.attempts - 1u, prng_.next());
    }

    // Constant after construction.
    std::uint32_t worker_;
    std::uint32_t workers_;
    RoundReport& report_;
    // By index / workers; touched where a connection was away.
    MappedArray<Absence> absences_;
    TimerWheel wheel_;
    Prng prng_;
    plan::ReconnectPolicy policy_;
    bool stopped_ = false;
};

}  // namespace wsblast::session
