// What JavaScript has sent on connections that had no room for it: it follows in its order as soon as there
// is some, as with a browser's or Node.js's WebSocket. What steps send waits by itself.
//
// One worker thread; allocates, for such messages alone.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/limits.hpp"
#include "session/user_state.hpp"

namespace wsblast::session {

class UserBacklog {
  public:
    // Whether something of the user's waits.
    [[nodiscard]] bool waits(UserId user) const { return !users_.empty() && users_.contains(user); }

    // False: so much of the user's waits already that this has to be refused (limits::kScriptPendingMax).
    [[nodiscard]] bool keep(UserId user, std::string_view message) {
        Waiting& waiting = users_[user];
        if (waiting.bytes + message.size() > limits::kScriptPendingMax) return false;
        waiting.bytes += message.size();
        waiting.messages.emplace_back(message);
        return true;
    }

    // Calls send(message) for one after the other, until it is false: there is no room for that one yet.
    template <class Send>
    void send_all(UserId user, Send&& send) {
        const auto found = users_.find(user);
        if (found == users_.end()) return;
        Waiting& waiting = found->second;
        while (!waiting.messages.empty() && send(std::string_view(waiting.messages.front()))) {
            waiting.bytes -= waiting.messages.front().size();
            waiting.messages.pop_front();
        }
        if (waiting.messages.empty()) users_.erase(found);
    }

    // Its connection has gone, and what waits for it.
    void drop(UserId user) {
        if (!users_.empty()) users_.erase(user);
    }

  private:
    struct Waiting {
        std::deque<std::string> messages;
        std::size_t bytes = 0;
    };

    std::unordered_map<UserId, Waiting> users_;
};

}  // namespace wsblast::session
