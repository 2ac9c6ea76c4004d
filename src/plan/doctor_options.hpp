// What a person asked of `doctor`: what is to be run, as for `run`, and what is to be done about the limits
// that are in its way.
#pragma once

#include <cstdint>
#include <string>

#include "plan/run_options.hpp"

namespace wsblast::plan {

enum class DoctorAction : std::uint8_t {
    examine,  // the table
    fix,      // files with the settings that it asks for
    apply,    // sets them now, and keeps what was there
    undo,     // puts back what was there
};

enum class Explanation : std::uint8_t { none, arithmetic };

struct DoctorOptions {
    RunOptions run{};  // its targets, connections, cores, sources, JSON file and colours count
    DoctorAction action = DoctorAction::examine;
    Explanation explanation = Explanation::none;
    std::string state_path = "/var/lib/wsblast/doctor-undo.conf";
};

}  // namespace wsblast::plan
