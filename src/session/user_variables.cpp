#include "session/user_variables.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/prng.hpp"

namespace wsblast::session {

namespace {

// RFC 9562 5.4: version 4.
void write_uuid(std::array<char, 36>& out, std::uint64_t high, std::uint64_t low) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    high = (high & ~std::uint64_t{0xf000}) | 0x4000;
    low = (low & 0x3fffffffffffffffu) | 0x8000000000000000u;
    std::size_t at = 0;
    for (int digit = 0; digit < 32; ++digit) {
        if (digit == 8 || digit == 12 || digit == 16 || digit == 20) out[at++] = '-';
        const std::uint64_t word = digit < 16 ? high : low;
        out[at++] = kDigits[word >> (60 - digit % 16 * 4) & 0xf];
    }
}

}  // namespace

UserVariables::UserVariables(const plan::Scenario& scenario, js::Machine* machine)
    : scenario_(scenario), machine_(machine), pool_(limits::kUserBytesMax) {
    for (const plan::Slot& slot : scenario.slots) {
        const bool kept = slot.kind == plan::SlotKind::stored || slot.use == plan::SlotUse::written;
        numbers_.push_back(kept ? static_cast<std::uint16_t>(stored_count_++) : kNotStored);
    }
}

Value UserVariables::get(UserRef user, plan::SlotId slot) {
    const bool shared = scenario_.slots[slot].kind == plan::SlotKind::constant;
    if (user.state.scripted == Scripted::yes) {
        return shared && !machine_->owns(user.id, slot) ? scenario_.slots[slot].values.front().view()
                                                        : machine_->get(user.id, slot);
    }
    const Value own = stored(user.state, slot);
    if (own.type != ValueType::undefined) return own;
    return drawn(user.state, scenario_.slots[slot], slot);
}

bool UserVariables::set(UserRef user, plan::SlotId slot, const Value& value) {
    if (user.state.scripted == Scripted::no) return store(user.state, numbers_[slot], value);
    machine_->set(user.id, slot, value);
    return true;
}

void UserVariables::introduce(UserRef user) {
    machine_->begin_user(user.id, user.state.flow);
    for (plan::SlotId slot = 0; slot < scenario_.slots.size(); ++slot) {
        const bool shared = scenario_.slots[slot].kind == plan::SlotKind::constant;
        const Value value = shared ? stored(user.state, slot) : get(user, slot);
        if (value.type != ValueType::undefined) machine_->set(user.id, slot, value);
    }
    user.state.scripted = Scripted::yes;
}

void UserVariables::drop(UserRef user) {
    if (user.state.scripted == Scripted::yes) machine_->end_user(user.id);
    if (user.state.memory != nullptr) pool_.give({user.state.memory, user.state.memory_size});
    user.state.memory = nullptr;
    user.state.memory_size = 0;
}

Value UserVariables::drawn(const UserState& state, const plan::Slot& slot, plan::SlotId id) {
    const std::uint64_t seed = scenario_.seed;
    const std::uint64_t index = std::uint64_t{state.number} << 16 | id;
    switch (slot.kind) {
        case plan::SlotKind::constant: return slot.values.front().view();
        case plan::SlotKind::choice:
            return slot.values[below(draw(seed, Stream::user_value, index), slot.values.size())].view();
        case plan::SlotKind::column: {
            const plan::PayloadTable& table = scenario_.payloads[slot.payload];
            // All columns of a row belong together.
            const std::uint64_t of_payload = std::uint64_t{state.number} << 16 | slot.payload;
            const std::uint64_t row = table.order == plan::RowOrder::sequence
                                          ? state.number % table.rows()
                                          : below(draw(seed, Stream::user_row, of_payload), table.rows());
            return table.cell(row, slot.column);
        }
        case plan::SlotKind::uuid:
            write_uuid(uuid_, draw(seed, Stream::user_value, index),
                       draw(seed, Stream::user_value, ~index));
            return Value::of_text({uuid_.data(), uuid_.size()});
        case plan::SlotKind::stored: return {};
    }
    return {};
}

Value UserVariables::stored(const UserState& state, plan::SlotId slot) const {
    if (state.memory == nullptr || numbers_[slot] == kNotStored) return {};
    const Cell& cell = cells_of(state)[numbers_[slot]];
    const auto* text = reinterpret_cast<const char*>(state.memory + cell.offset);
    return {cell.type, cell.number, {text, cell.size}};
}

bool UserVariables::store(UserState& state, std::uint16_t number, const Value& value) {
    const bool first = state.memory == nullptr;
    // What is stored over may be what is stored: its text is copied before the memory moves.
    if (first || end_of(state, cells_size()) + value.text.size() > state.memory_size) {
        const std::string text(value.text);
        if (!make_room(state, text.size())) return false;
        return store(state, number, {value.type, value.number, text});
    }
    Cell& cell = cells_of(state)[number];
    std::uint32_t& end = end_of(state, cells_size());
    const auto size = static_cast<std::uint32_t>(value.text.size());
    if (size > cell.size || cell.offset == 0) {
        cell.offset = end;
        end += size;
    }
    cell.type = value.type;
    cell.number = value.number;
    cell.size = size;
    if (size > 0) std::memmove(state.memory + cell.offset, value.text.data(), size);
    return true;
}

// A chunk with room for so many bytes more, to which all that is stored moves, without gaps.
bool UserVariables::make_room(UserState& state, std::size_t bytes) {
    const std::size_t cells = cells_size();
    std::size_t used = cells;
    if (state.memory != nullptr) {
        for (std::size_t i = 0; i < stored_count_; ++i) used += cells_of(state)[i].size;
    }
    const ByteSpan fresh = pool_.take(used + bytes);
    if (fresh.empty()) return false;
    std::memset(fresh.data(), 0, cells);
    UserState moved = state;
    moved.memory = fresh.data();
    moved.memory_size = static_cast<std::uint32_t>(fresh.size());
    std::uint32_t end = static_cast<std::uint32_t>(cells);
    for (std::size_t i = 0; state.memory != nullptr && i < stored_count_; ++i) {
        Cell cell = cells_of(state)[i];
        std::memcpy(fresh.data() + end, state.memory + cell.offset, cell.size);
        cell.offset = end;
        end += cell.size;
        cells_of(moved)[i] = cell;
    }
    end_of(moved, cells) = end;
    if (state.memory != nullptr) pool_.give({state.memory, state.memory_size});
    state = moved;
    return true;
}

}  // namespace wsblast::session
