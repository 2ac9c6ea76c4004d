// What part of a profile is a function's own.
#pragma once

#include <string_view>

#include "watch/profile.hpp"

namespace wsblast::watch {

// 0 .. 1; 0 where the function is not in it.
[[nodiscard]] inline double share(const Profile& profile, std::string_view function) {
    for (const FunctionShare& entry : profile.functions) {
        if (entry.function == function) return entry.self;
    }
    return 0;
}

}  // namespace wsblast::watch
