// How virtual users loop and think: which action is next, and how long a pause is.
//
// One worker thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/units.hpp"
#include "base/value.hpp"
#include "json/path.hpp"
#include "plan/scenario.hpp"
#include "session/user_parts.hpp"

namespace wsblast::session {

enum class Again : std::uint8_t { no, yes };

class UserLoops {
  public:
    explicit UserLoops(UserParts& users) : users_(users) {}

    // The first pass of the loop, or what stands behind it where there is none.
    void enter(UserRef user, const plan::LoopPlan& loop);
    // The end of a pass: the next one, or what stands behind the loop. Not of while_true.
    void repeat(UserRef user, const plan::LoopPlan& loop);
    // The same of while_true, whose function has said so.
    void repeat_while(UserRef user, const plan::LoopPlan& loop, Again again);

    // With its jitter. A text that is no duration is none.
    [[nodiscard]] TimeNs think_ns(UserRef user, const plan::ThinkPlan& think);

  private:
    // The passes of a loop: from `first` to the one before `end`.
    struct Passes {
        std::uint64_t first = 0;
        std::uint64_t end = 0;
    };
    [[nodiscard]] Passes passes_of(UserRef user, const plan::LoopPlan& loop);
    [[nodiscard]] static Passes passes_in(const Value& count);
    [[nodiscard]] Value element(UserRef user, const plan::LoopPlan& loop, std::uint64_t pass);
    // Null: it is no array that all users share.
    [[nodiscard]] const std::vector<OwnedValue>* shared_elements(UserRef user, const plan::LoopPlan& loop);
    void begin_pass(UserRef user, const plan::LoopPlan& loop, std::uint64_t pass);

    UserParts& users_;
    std::vector<std::string> path_;  // to an element
    std::string element_;
    // Of arrays that all users share, by slot: taken apart once.
    std::unordered_map<plan::SlotId, std::vector<OwnedValue>> shared_;
    json::PathReader reader_;
};

// "5", "500ms", "2s", "1.5m": seconds where there is no unit; 0 for anything else.
[[nodiscard]] TimeNs think_time_ns(std::string_view text);

}  // namespace wsblast::session
