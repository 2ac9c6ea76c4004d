// The variables of virtual users, by slot: what all have in common is in the scenario, what a user draws is
// a function of its number, and what it has stored lies in a pool. Once JavaScript knows a user, its
// context.vars are what holds.
//
// One worker thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/chunk_pool.hpp"
#include "base/value.hpp"
#include "js/machine.hpp"
#include "plan/scenario.hpp"
#include "session/user_state.hpp"

namespace wsblast::session {

// A user and who it is.
struct UserRef {
    UserId id = 0;
    UserState& state;
};

class UserVariables {
  public:
    // `machine`: null without JavaScript. All live longer.
    UserVariables(const plan::Scenario& scenario, js::Machine* machine);

    // The text lives until the next call of anything.
    [[nodiscard]] Value get(UserRef user, plan::SlotId slot);
    // False: there is no memory for it.
    [[nodiscard]] bool set(UserRef user, plan::SlotId slot, const Value& value);

    // JavaScript gets to know the user, and all its variables that have a value; what is the same for all
    // users it has already.
    void introduce(UserRef user);
    // The user has ended.
    void drop(UserRef user);

  private:
    // At the front of a user's memory; texts follow.
    struct Cell {
        ValueType type;
        std::uint32_t size;    // of the text
        std::uint32_t offset;  // of the text in the memory
        double number;
    };
    static constexpr std::uint16_t kNotStored = 0xffff;

    [[nodiscard]] Value drawn(const UserState& state, const plan::Slot& slot, plan::SlotId id);
    [[nodiscard]] Value stored(const UserState& state, plan::SlotId slot) const;
    [[nodiscard]] bool store(UserState& state, std::uint16_t number, const Value& value);
    [[nodiscard]] bool make_room(UserState& state, std::size_t bytes);
    [[nodiscard]] std::size_t cells_size() const {
        return stored_count_ * sizeof(Cell) + sizeof(std::uint32_t);
    }
    // Where in the memory the next text goes.
    [[nodiscard]] static std::uint32_t& end_of(const UserState& state, std::size_t cells) {
        return *reinterpret_cast<std::uint32_t*>(state.memory + cells - sizeof(std::uint32_t));
    }
    [[nodiscard]] static Cell* cells_of(const UserState& state) {
        return reinterpret_cast<Cell*>(state.memory);
    }

    const plan::Scenario& scenario_;
    js::Machine* machine_;
    ChunkPool pool_;
    std::vector<std::uint16_t> numbers_;  // by slot: which of the stored ones it is
    std::size_t stored_count_ = 0;
    std::array<char, 36> uuid_{};
};

}  // namespace wsblast::session
