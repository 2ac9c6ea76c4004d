// What is looked for in a message: captures and matches of a scenario.
//
// One worker thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "base/value.hpp"
#include "json/path.hpp"
#include "plan/scenario.hpp"
#include "regexp/pattern.hpp"
#include "session/user_texts.hpp"
#include "session/user_variables.hpp"

namespace wsblast::session {

class UserExtracts {
  public:
    UserExtracts(UserVariables& variables, UserTexts& texts, std::uint64_t seed)
        : variables_(variables), texts_(texts), seed_(seed) {}

    // The message that the following calls are about; it outlives them.
    void begin(ByteView message);

    // Whether all of them agree; lax ones always do.
    [[nodiscard]] bool all_match(UserRef user, const std::vector<plan::Match>& matches);
    // False: one that is strict found nothing, or there was no memory for what was found.
    [[nodiscard]] bool capture_all(UserRef user, const std::vector<plan::Capture>& captures);

  private:
    enum class Body : std::uint8_t { unread, json, other };

    // Undefined: nothing. Lives until the next call of anything.
    [[nodiscard]] Value extract(UserRef user, const plan::Extract& extract);
    [[nodiscard]] bool is_json();
    [[nodiscard]] std::string_view subject();

    UserVariables& variables_;
    UserTexts& texts_;
    std::uint64_t seed_;
    json::PathReader reader_;
    regexp::Matcher matcher_;
    ByteView message_;
    Body body_ = Body::unread;
    std::string subject_;
    std::string found_;
    std::uint64_t drawn_ = 0;
};

}  // namespace wsblast::session
