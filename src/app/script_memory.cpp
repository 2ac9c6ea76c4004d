#include "app/script_memory.hpp"

#include <algorithm>

#include "base/units.hpp"
#include "plan/connection_memory.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

// The most that one phase holds: phases follow each other.
std::uint64_t held_at_once(const plan::ScenarioEstimate& estimate) {
    std::uint64_t held = 0;
    for (const plan::PhaseEstimate& phase : estimate.phases) {
        if (phase.kind == plan::PhaseKind::hold) held = std::max(held, phase.users);
    }
    return held;
}

// "500,000 users at the same time need about 75,683 MiB (...), and 22,694 MiB are available: enough for
// 149,930".
std::string need_text(std::uint64_t users, const plan::ConnectionMemory& each, std::uint64_t available) {
    return text::format(
        "{} users at the same time need about {} MiB (each {}; the kernel's part included), and {} MiB are "
        "available: enough for {}",
        with_thousands(users), with_thousands(users * each.bytes() / kMiB), each.text(),
        with_thousands(available / kMiB), with_thousands(available / each.bytes()));
}

// In the words of a script.
std::string remedy_text(const plan::ConnectionMemory& each) {
    return each.deflater_bytes == 0 ? "free memory"
                                    : "give config.ws.perMessageDeflate clientNoContextTakeover: true or a "
                                      "smaller clientMaxWindowBits, or leave it out";
}

}  // namespace

Result<std::string> judge_memory(const ScriptUsers& users, std::uint64_t available) {
    if (available == 0) return std::string{};
    const plan::ConnectionMemory each = plan::connection_memory(users.run);
    const std::uint64_t held = held_at_once(users.estimate);
    if (held * each.bytes() > available) {
        return environment_error(text::format("{}: {}: lower `users` of wsblast, or {}", users.file,
                                              need_text(held, each, available), remedy_text(each)));
    }
    const std::uint64_t users_max = users.estimate.peak_bound;
    if (users_max * each.bytes() <= available) return std::string{};
    return text::format(
        "{}: how many come to be there the server decides, and who finds no place fails; bound them with "
        "maxVusers, or {}",
        need_text(users_max, each, available), remedy_text(each));
}

}  // namespace wsblast::app
