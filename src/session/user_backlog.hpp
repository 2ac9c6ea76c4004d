// What JavaScript and handlers have sent on connections that had no room for it: it follows in its order as
// soon as there is some, as with a browser's or Node.js's WebSocket. What steps send waits by itself.
//
// One worker thread; allocates, for such messages alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/limits.hpp"
#include "proto/frame.hpp"
#include "session/user_state.hpp"

namespace wsblast::session {

// Who a message is of that may have to wait.
enum class Author : std::uint8_t { handler, script };

struct BacklogMessage {
    std::string_view payload;
    proto::Opcode opcode = proto::Opcode::text;
    Author author = Author::script;
};

class UserBacklog {
  public:
    // Whether something of the user's waits.
    [[nodiscard]] bool waits(UserId user) const { return !users_.empty() && users_.contains(user); }

    // False: so much of the user's waits already that this has to be refused (limits::kScriptPendingMax).
    [[nodiscard]] bool keep(UserId user, const BacklogMessage& message) {
        Waiting& waiting = users_[user];
        if (waiting.bytes + message.payload.size() > limits::kScriptPendingMax) return false;
        waiting.bytes += message.payload.size();
        waiting.messages.push_back({std::string(message.payload), message.opcode, message.author});
        return true;
    }

    // Calls send(message) for one after the other, until it is false: there is no room for that one yet.
    template <class Send>
    void send_all(UserId user, Send&& send) {
        const auto found = users_.find(user);
        if (found == users_.end()) return;
        Waiting& waiting = found->second;
        while (!waiting.messages.empty()) {
            const Kept& first = waiting.messages.front();
            if (!send(BacklogMessage{first.payload, first.opcode, first.author})) return;
            waiting.bytes -= first.payload.size();
            waiting.messages.pop_front();
        }
        users_.erase(found);
    }

    // Its connection has gone, and what waits for it.
    void drop(UserId user) {
        if (!users_.empty()) users_.erase(user);
    }

  private:
    struct Kept {
        std::string payload;
        proto::Opcode opcode;
        Author author;
    };
    // Never without a message once keep() has returned true.
    struct Waiting {
        std::deque<Kept> messages;
        std::size_t bytes = 0;
    };

    std::unordered_map<UserId, Waiting> users_;
};

}  // namespace wsblast::session
