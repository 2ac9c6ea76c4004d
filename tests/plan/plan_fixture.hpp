// What several tests of plan/ make of little.
#pragma once

#include <string_view>
#include <utility>

#include <catch2/catch.hpp>

#include "plan/arrival_phases.hpp"
#include "plan/message_text.hpp"
#include "proto/mask.hpp"

namespace wsblast::plan {

inline constexpr proto::MaskKey kMask{0x11, 0xa2, 0x07, 0xfe};

inline constexpr std::uint64_t kTextSeed = 7;

inline MessageText parsed(std::string_view text) {
    auto result = MessageText::parse(text, kTextSeed);
    REQUIRE(result.ok());
    return std::move(*result);
}

inline ArrivalPhase constant(TimeNs duration_ns, double per_s) {
    return {.kind = PhaseKind::constant, .duration_ns = duration_ns, .from_per_s = per_s};
}

inline ArrivalPhase ramp(TimeNs duration_ns, double from_per_s, double to_per_s) {
    return {.kind = PhaseKind::ramp,
            .duration_ns = duration_ns,
            .from_per_s = from_per_s,
            .to_per_s = to_per_s};
}

}  // namespace wsblast::plan
