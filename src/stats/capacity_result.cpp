#include "stats/capacity_result.hpp"

namespace wsblast::stats {

std::string_view to_text(Pacemaker pacemaker) {
    switch (pacemaker) {
        case Pacemaker::asked: return "asked";
        case Pacemaker::generator: return "generator";
        case Pacemaker::target: return "target";
        case Pacemaker::path: return "path";
    }
    return "";
}

std::string_view to_text(CapacityEnding ending) {
    switch (ending) {
        case CapacityEnding::held: return "held";
        case CapacityEnding::limit: return "limit";
        case CapacityEnding::unsteady: return "unsteady";
        case CapacityEnding::interrupted: return "interrupted";
    }
    return "";
}

}  // namespace wsblast::stats
