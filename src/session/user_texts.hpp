// Texts of a scenario with a user's values filled in.
//
// One worker thread; allocates only when a text is longer than all before it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/value.hpp"
#include "json/path.hpp"
#include "plan/user_text.hpp"
#include "session/user_variables.hpp"

namespace wsblast::session {

class UserTexts {
  public:
    // `seed`: of the random parts.
    UserTexts(UserVariables& variables, std::uint64_t seed) : variables_(variables), seed_(seed) {}

    // Appends the text, cut at limits::kUserTextMax.
    void append(UserRef user, const plan::UserText& text, std::string& out);
    // The text; it lives until the next call.
    [[nodiscard]] std::string_view write(UserRef user, const plan::UserText& text) {
        scratch_.clear();
        append(user, text, scratch_);
        return scratch_;
    }
    // A text that is one hole and nothing else keeps the type of its value. Lives until the next call.
    [[nodiscard]] Value value(UserRef user, const plan::UserText& text);
    // Of a variable, or of what the path finds in it; "length" of texts and arrays besides.
    [[nodiscard]] Value look_up(UserRef user, plan::SlotId slot, const std::vector<std::string>& path);

  private:
    void append_part(UserRef user, const plan::UserText& text, std::size_t number, std::string& out);
    static void append_literal(const plan::UserText& text, std::size_t number, std::string& out);
    [[nodiscard]] std::uint64_t random_of(UserRef user, std::size_t part, std::uint64_t index) const;

    UserVariables& variables_;
    std::uint64_t seed_;
    json::PathReader reader_;
    std::string scratch_;
    WallClock wall_clock_;
};

// A number as JavaScript writes it: the shortest digits that give it again.
void append_number(std::string& out, double number);
// Between the quotes of a JSON string (RFC 8259 7).
void append_escaped(std::string& out, std::string_view text);
// As JSON.stringify() has it; what is undefined is null.
void append_json(std::string& out, const Value& value);

}  // namespace wsblast::session
