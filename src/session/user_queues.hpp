// Messages that came while their users awaited none, kept for the next await where a scenario asks for it.
// Of a user the last limits::kQueuedMessagesMax are kept. Only scenarios that ask for it pay for it.
//
// One worker thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "plan/scenario.hpp"
#include "session/user_state.hpp"

namespace wsblast::session {

class UserQueues {
  public:
    explicit UserQueues(plan::MessageQueue rule) : rule_(rule) {}

    void keep(UserId user, ByteView message) {
        if (rule_ == plan::MessageQueue::none) return;
        std::deque<std::string>& queue = queues_[user];
        if (queue.size() == limits::kQueuedMessagesMax) queue.pop_front();
        queue.emplace_back(message.begin(), message.end());
    }
    // The oldest one for which wanted(bytes) holds.
    template <class Wanted>
    [[nodiscard]] std::optional<std::string> take(UserId user, Wanted&& wanted) {
        if (queues_.empty()) return std::nullopt;  // as it is for most scenarios
        const auto found = queues_.find(user);
        if (found == queues_.end()) return std::nullopt;
        std::deque<std::string>& queue = found->second;
        const auto message = std::find_if(queue.begin(), queue.end(),
                                          [&](const std::string& one) { return wanted(as_bytes(one)); });
        if (message == queue.end()) return std::nullopt;
        std::string taken = std::move(*message);
        queue.erase(message);
        return taken;
    }
    void drop(UserId user) { queues_.erase(user); }

  private:
    plan::MessageQueue rule_;
    std::unordered_map<UserId, std::deque<std::string>> queues_;
};

}  // namespace wsblast::session
