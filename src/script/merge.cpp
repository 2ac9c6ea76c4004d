#include "script/merge.hpp"

namespace wsblast::script {

namespace {

void merge_items(Node& into, const Node& from, Lists lists) {
    for (std::size_t i = 0; i < from.items.size(); ++i) {
        if (i < into.items.size()) {
            merge(into.items[i], from.items[i], lists);
        } else {
            into.items.push_back(from.items[i]);
        }
    }
}

void merge_members(Node& into, const Node& from, Lists lists) {
    for (const Member& member : from.members) {
        Node* old = into.find(member.key);
        if (old != nullptr) {
            merge(*old, member.value, lists);
        } else {
            into.members.push_back(member);
        }
    }
}

}  // namespace

void merge(Node& into, const Node& from, Lists lists) {
    if (into.is_map() && from.is_map()) {
        merge_members(into, from, lists);
    } else if (into.is_list() && from.is_list() && lists == Lists::merged) {
        merge_items(into, from, lists);
    } else {
        into = from;
    }
}

}  // namespace wsblast::script
