// A search for saturation as one JSON object, schema "wsblast.saturation/1": for scripts, which rely on its
// keys. Within /1 keys may be added; none is renamed or removed.
//
// Numbers are unrounded, in the unit that the key's end names; what is unknown is null.
#pragma once

#include <string>

#include "stats/saturation_result.hpp"

namespace wsblast::report {

inline constexpr const char* kSaturationSchema = "wsblast.saturation/1";

// Indented by two spaces, UTF-8, with a line feed at the end.
[[nodiscard]] std::string saturation_json(const stats::SaturationResult& result);

}  // namespace wsblast::report
