// Times as tests write them.
#pragma once

#include "base/units.hpp"

namespace wsblast::test {

inline constexpr TimeNs kMs = kMillisecond;

}  // namespace wsblast::test
