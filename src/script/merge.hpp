// How several files become one: lodash's merge, as Artillery uses it.
#pragma once

#include "base/node.hpp"

namespace wsblast::script {

enum class Lists : std::uint8_t {
    merged,    // item by item, what is longer stays
    replaced,  // --overrides
};

// Puts `from` over `into`: maps key by key, everything else is replaced.
void merge(Node& into, const Node& from, Lists lists = Lists::merged);

}  // namespace wsblast::script
