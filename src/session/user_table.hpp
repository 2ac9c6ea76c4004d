// The virtual users of one worker by their ids: what each remembers, who has its turn, and one timer each.
//
// One worker thread; nothing is allocated after construction.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/mapped_array.hpp"
#include "base/timer_wheel.hpp"
#include "session/user_state.hpp"

namespace wsblast::session {

// Invariant: an id is idle, or was given out by take() and not given back, or begun and not ended.
class UserTable {
  public:
    // `start_ns`: the earliest time that will ever be passed in.
    UserTable(std::uint32_t users_max, TimeNs start_ns)
        : users_(users_max), free_(users_max), listed_(users_max), wheel_(users_max, start_ns) {}

    [[nodiscard]] bool ok() const { return users_.ok() && free_.ok() && listed_.ok() && wheel_.ok(); }

    [[nodiscard]] UserState& operator[](UserId user) { return users_[user]; }
    [[nodiscard]] const UserState& operator[](UserId user) const { return users_[user]; }
    [[nodiscard]] std::uint32_t active() const { return active_; }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(users_.size()); }

    // An id whose state is all zeros; none: all are in use.
    [[nodiscard]] std::optional<UserId> take() {
        if (active_ == users_.size()) return std::nullopt;
        ++active_;
        return free_count_ > 0 ? free_[--free_count_] : fresh_++;
    }
    void give(UserId user) {
        end(user);
        free_[free_count_++] = user;
    }
    // Where ids are those of connections: nobody takes one, and what is read of others is idle.
    [[nodiscard]] UserState& begin(UserId user) {
        ++active_;
        fresh_ = std::max(fresh_, user + 1);
        return users_[user];
    }
    void end(UserId user) {
        --active_;
        wheel_.cancel(user);
        const Turn turn = users_[user].turn;
        users_[user] = UserState{};
        users_[user].turn = turn;
    }

    // Calls visit(user, state) for all that are not idle.
    template <class Visit>
    void for_each_active(Visit&& visit) {
        for (UserId user = 0; user < fresh_; ++user) {
            if (users_[user].phase != UserPhase::idle) visit(user, users_[user]);
        }
    }

    // --- turns -----------------------------------------------------------------------------------

    void list(UserId user) {
        if (users_[user].turn == Turn::listed) return;
        users_[user].turn = Turn::listed;
        listed_[listed_end_++ % listed_.size()] = user;
    }
    [[nodiscard]] bool any_listed() const { return listed_begin_ != listed_end_; }

    // Calls turn(user, state) for those that are listed now; who is listed meanwhile has its turn later.
    template <class TakeTurn>
    void run_listed(TakeTurn&& turn) {
        for (const std::uint64_t end = listed_end_; listed_begin_ != end;) {
            const UserId user = listed_[listed_begin_++ % listed_.size()];
            users_[user].turn = Turn::no;
            turn(user, users_[user]);
        }
    }

    // --- time ------------------------------------------------------------------------------------

    // kNever: no timer.
    void arm(UserId user, TimeNs time_ns) { wheel_.arm(user, time_ns); }

    // Calls fire(user, state) for those whose timer is up, at most kTimersPerTick of them.
    template <class Fire>
    void expire(TimeNs now_ns, Fire&& fire) {
        wheel_.expire(
            now_ns, [&](UserId user) { fire(user, users_[user]); }, kTimersPerTick);
    }
    [[nodiscard]] TimeNs next_wake() const { return wheel_.next_wake(); }

  private:
    // Each is a message and perhaps a call of JavaScript, some 5 us: who is to begin waits half a
    // millisecond.
    static constexpr std::uint32_t kTimersPerTick = 128;

    MappedArray<UserState> users_;
    MappedArray<UserId> free_;
    MappedArray<UserId> listed_;  // a ring
    TimerWheel wheel_;
    std::uint64_t listed_begin_ = 0;
    std::uint64_t listed_end_ = 0;
    std::uint32_t free_count_ = 0;
    std::uint32_t fresh_ = 0;  // ids below were in use once
    std::uint32_t active_ = 0;
};

}  // namespace wsblast::session
