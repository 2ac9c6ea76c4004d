// The variables of a scenario file by name, while it is compiled: each gets a slot when it is first seen.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits.hpp"
#include "plan/scenario.hpp"
#include "script/errors.hpp"

namespace wsblast::script {

// Knows its slots by their names; they are those of one Scenario, which lives as long. One thread.
class SlotTable {
  public:
    explicit SlotTable(std::vector<plan::Slot>& slots) : slots_(slots) {}
    SlotTable(const SlotTable&) = delete;
    SlotTable& operator=(const SlotTable&) = delete;

    [[nodiscard]] std::optional<plan::SlotId> find(std::string_view name) const {
        const auto known = ids_.find(std::string(name));
        if (known == ids_.end()) return std::nullopt;
        return known->second;
    }
    // The slot of that name; a new one is a user's own (stored), $uuid what its name says. Of more than
    // limits::kSlotsMax names all get the last slot: full() tells, and the file is refused.
    plan::SlotId of(std::string_view name) {
        if (const auto known = find(name)) return *known;
        if (full()) return static_cast<plan::SlotId>(slots_.size() - 1);
        const auto id = static_cast<plan::SlotId>(slots_.size());
        plan::Slot slot{.name = std::string(name)};
        if (name == "$uuid") slot.kind = plan::SlotKind::uuid;
        slots_.push_back(std::move(slot));
        first_uses_.resize(slots_.size());
        first_uses_.back() = spot_;
        ids_.emplace(name, id);
        return id;
    }
    // The same, for a step that writes it.
    plan::SlotId written(std::string_view name) {
        const plan::SlotId id = of(name);
        slots_[id].use = plan::SlotUse::written;
        return id;
    }
    // What is asked for from now on stands there.
    void look_at(const Spot& spot) { spot_ = spot; }
    // Where the name of the slot was seen first.
    [[nodiscard]] const Spot& first_use(plan::SlotId id) const { return first_uses_[id]; }

    [[nodiscard]] bool full() const { return slots_.size() >= limits::kSlotsMax; }
    [[nodiscard]] plan::Slot& operator[](plan::SlotId id) { return slots_[id]; }
    [[nodiscard]] std::size_t size() const { return slots_.size(); }

  private:
    std::vector<plan::Slot>& slots_;
    std::unordered_map<std::string, plan::SlotId> ids_;
    std::vector<Spot> first_uses_;
    Spot spot_{};
};

}  // namespace wsblast::script
