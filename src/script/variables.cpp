#include "script/variables.hpp"

#include "base/limits.hpp"
#include "script/errors.hpp"
#include "text/format.hpp"

namespace wsblast::script {

OwnedValue to_value(const Node& node) {
    switch (node.kind) {
        case NodeKind::null: return OwnedValue(Value::of_null());
        case NodeKind::boolean: return OwnedValue(Value::of_boolean(node.number));
        case NodeKind::number: return OwnedValue(Value::of_number(node.number));
        case NodeKind::text: return OwnedValue(Value::of_text(node.text));
        case NodeKind::list:
        case NodeKind::map: return OwnedValue(Value::of_json(to_json(node)));
    }
    return {};
}

namespace {

plan::Slot slot_for(const Member& member) {
    plan::Slot slot{.name = member.key, .kind = plan::SlotKind::constant};
    if (!member.value.is_list()) {
        slot.values.push_back(to_value(member.value));
        return slot;
    }
    // Without a value to choose from, the variable is undefined.
    slot.kind = member.value.items.empty() ? plan::SlotKind::stored : plan::SlotKind::choice;
    for (const Node& item : member.value.items) slot.values.push_back(to_value(item));
    return slot;
}

}  // namespace

Result<void> read_variables(const Node& config, FlowContext& into) {
    const Node* variables = config.find("variables");
    if (variables == nullptr || variables->is_null()) return {};
    if (!variables->is_map())
        return error_at(variables->place, "config.variables", not_a("a map of names", *variables));
    for (const Member& member : variables->members) {
        if (into.slots.full())
            return error_at(member.place, "config.variables",
                            text::format("more than {} variables", limits::kSlotsMax));
        plan::Slot& slot = into.slots[into.slots.of(member.key)];
        slot = slot_for(member);
    }
    return {};
}

}  // namespace wsblast::script
