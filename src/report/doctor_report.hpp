// What a machine allows, in words and as JSON.
#pragma once

#include <cstdint>
#include <string>

#include "report/text_sections.hpp"
#include "stats/limit_check.hpp"

namespace wsblast::report {

// Whether each row is followed by how its figures were found.
enum class Explain : std::uint8_t { no, yes };

struct DoctorStyle {
    Colour colour = Colour::off;
    Explain explain = Explain::no;
};

// The table: a row a limit, below each that is not ok its reason and what mends it; then how many
// connections are possible, and which limit comes first.
[[nodiscard]] std::string doctor_text(const stats::LimitTable& table, const DoctorStyle& style);

// The same in the schema wsblast.doctor/1, with a line feed at the end. `exit_status` is what the program
// will exit with.
[[nodiscard]] std::string doctor_json(const stats::LimitTable& table, int exit_status);

}  // namespace wsblast::report
