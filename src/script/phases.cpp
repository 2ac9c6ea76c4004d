#include "script/phases.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "script/durations.hpp"
#include "script/errors.hpp"
#include "text/format.hpp"

namespace wsblast::script {

namespace {

using plan::ArrivalPhase;
using plan::PhaseKind;

constexpr std::array<std::string_view, 9> kPhaseKeys{
    "duration", "arrivalRate", "rampTo", "arrivalCount", "pause", "maxVusers", "name", "mode", "wsblast"};
constexpr std::array<std::string_view, 1> kPhaseExtensionKeys{"users"};

Result<double> rate_of(const Node& node, const std::string& key) {
    const auto rate = number_of(node, key);
    if (!rate) return rate.error();
    if (*rate >= 0 && *rate <= limits::kUsersPerSecondMax) return *rate;
    const std::string wanted =
        text::format("a rate of 0 to {} users a second",
                     with_thousands(static_cast<std::uint64_t>(limits::kUsersPerSecondMax)));
    return error_at(node.place, key, not_a(wanted, node));
}

Result<std::uint64_t> users_of(const Node& node, const std::string& key) {
    const auto users = count_of(node, key);
    if (!users) return users.error();
    if (*users <= limits::kUsersMax) return *users;
    return error_at(node.place, key,
                    text::format("is more than the {} users of a run", with_thousands(limits::kUsersMax)));
}

Result<plan::Arrivals> mode_of(const Node& node, const std::string& key) {
    if (node.as_text() == "uniform") return plan::Arrivals::uniform;
    if (node.as_text() == "poisson") return plan::Arrivals::poisson;
    return error_at(node.place, key, not_a("uniform or poisson", node));
}

// Reads one phase after the other.
class PhaseReader {
  public:
    PhaseReader(plan::Arrivals mode, std::vector<std::string>& warnings)
        : mode_(mode), warnings_(warnings) {}

    [[nodiscard]] Result<ArrivalPhase> read(const Node& node, const std::string& key);

  private:
    [[nodiscard]] Result<void> read_kind(const Node& node);
    [[nodiscard]] Result<void> read_pause(const Node& pause, const std::string& key);
    [[nodiscard]] Result<void> read_count(const Node& count, const Node& node);
    [[nodiscard]] Result<void> read_rates(const Node& node);
    [[nodiscard]] Result<void> read_held(const Node& extension, const Node& node);
    [[nodiscard]] Result<void> read_rest(const Node& node);
    [[nodiscard]] Result<void> read_duration(const Node& node);
    [[nodiscard]] std::string key(std::string_view name) const { return key_path(key_, name); }

    plan::Arrivals mode_;
    std::vector<std::string>& warnings_;
    std::string key_;
    ArrivalPhase phase_;
};

Result<ArrivalPhase> PhaseReader::read(const Node& node, const std::string& key) {
    key_ = key;
    phase_ = {};
    if (!node.is_map()) return error_at(node.place, key, not_a("a map of keys", node));
    warn_of_others(node, key, {kPhaseKeys, "has no meaning in a phase"}, warnings_);
    if (const auto kind = read_kind(node); !kind) return kind.error();
    if (const auto rest = read_rest(node); !rest) return rest.error();
    return phase_;
}

// The first key that is there decides, in Artillery's order.
Result<void> PhaseReader::read_kind(const Node& node) {
    if (const Node* extension = node.find("wsblast")) return read_held(*extension, node);
    if (const Node* pause = node.find("pause")) return read_pause(*pause, key("pause"));
    if (const Node* count = node.find("arrivalCount")) return read_count(*count, node);
    if (node.find("arrivalRate") != nullptr || node.find("rampTo") != nullptr) return read_rates(node);
    constexpr std::array<std::string_view, 4> kKinds{"arrivalRate", "rampTo", "arrivalCount", "pause"};
    std::string near;
    for (const Member& member : node.members) {
        if (near.empty()) near = did_you_mean(member.key, kKinds);
    }
    return error_at(node.place, key_,
                    "nothing says how many users begin; " + any_of(kKinds) + " is needed" + near);
}

Result<void> PhaseReader::read_pause(const Node& pause, const std::string& pause_key) {
    const auto duration = duration_of(pause, pause_key);
    if (!duration) return duration.error();
    if (*duration == 0) return error_at(pause.place, pause_key, not_a("longer than 0", pause));
    phase_.kind = PhaseKind::pause;
    phase_.duration_ns = *duration;
    return {};
}

Result<void> PhaseReader::read_count(const Node& count, const Node& node) {
    const auto users = users_of(count, key("arrivalCount"));
    if (!users) return users.error();
    phase_.count = *users;
    phase_.kind = PhaseKind::count;
    // Without users Artillery goes on at once: a phase without a duration is left out.
    return *users == 0 ? Result<void>() : read_duration(node);
}

Result<void> PhaseReader::read_rates(const Node& node) {
    if (const Node* rate = node.find("arrivalRate")) {
        const auto from = rate_of(*rate, key("arrivalRate"));
        if (!from) return from.error();
        phase_.from_per_s = *from;
    }
    phase_.to_per_s = phase_.from_per_s;
    phase_.kind = phase_.from_per_s == 0 ? PhaseKind::pause : PhaseKind::constant;
    if (const Node* target = node.find("rampTo")) {
        const auto to = rate_of(*target, key("rampTo"));
        if (!to) return to.error();
        phase_.to_per_s = *to;
        phase_.kind = PhaseKind::ramp;
    }
    return read_duration(node);
}

Result<void> PhaseReader::read_held(const Node& extension, const Node& node) {
    const std::string extension_key = key("wsblast");
    if (!extension.is_map())
        return error_at(extension.place, extension_key, not_a("a map of keys", extension));
    warn_of_others(extension, extension_key, {kPhaseExtensionKeys, "is not known here"}, warnings_);
    const Node* held = extension.find("users");
    if (held == nullptr)
        return error_at(extension.place, extension_key, "users, how many there are at a time, is missing");
    const auto users = count_of(*held, key_path(extension_key, "users"));
    if (!users) return users.error();
    if (*users == 0 || *users > limits::kConnectionsMax) {
        const std::string wanted = text::format("1 to {} users", with_thousands(limits::kConnectionsMax));
        return error_at(held->place, key_path(extension_key, "users"), not_a(wanted, *held));
    }
    phase_.kind = PhaseKind::hold;
    phase_.count = *users;
    return read_duration(node);
}

Result<void> PhaseReader::read_duration(const Node& node) {
    const Node* written = node.find("duration");
    if (written == nullptr)
        return error_at(node.place, key_, text::format("duration is missing; it is {}", kDurationAllowed));
    const auto duration = duration_of(*written, key("duration"));
    if (duration && *duration > 0) {
        phase_.duration_ns = *duration;
        return {};
    }
    return error_at(written->place, key("duration"),
                    "Invalid duration for phase: " +
                        not_a(text::format("more than 0, {}", kDurationAllowed), *written));
}

Result<void> PhaseReader::read_rest(const Node& node) {
    if (const Node* name = node.find("name"); name != nullptr && !name->is_null()) {
        const auto text = scalar_of(*name, key("name"));
        if (!text) return text.error();
        phase_.name = *text;
    }
    if (const Node* max = node.find("maxVusers")) {
        const auto users = users_of(*max, key("maxVusers"));
        if (!users) return users.error();
        phase_.users_max = *users;
    }
    plan::Arrivals mode = mode_;
    if (const Node* written = node.find("mode")) {
        const auto own = mode_of(*written, key("mode"));
        if (!own) return own.error();
        mode = *own;
    }
    if (phase_.kind == PhaseKind::constant) phase_.arrivals = mode;
    return {};
}

// Of kinds whose number of users is known before the run.
double users_in(const ArrivalPhase& phase) {
    const double seconds = static_cast<double>(phase.duration_ns) / static_cast<double>(kSecond);
    return static_cast<double>(phase.count) + seconds * (phase.from_per_s + phase.to_per_s) / 2;
}

// Times and numbers of the whole run fit into 64 bits.
Result<void> check_sum(const std::vector<ArrivalPhase>& phases, const Node& node) {
    double users = 0;
    double duration_ns = 0;
    for (const ArrivalPhase& phase : phases) {
        users += users_in(phase);
        duration_ns += static_cast<double>(phase.duration_ns);
    }
    if (duration_ns > static_cast<double>(limits::kPhaseNsMax))
        return error_at(node.place, "config.phases", "all phases together take more than a year");
    if (users > static_cast<double>(limits::kUsersMax))
        return error_at(node.place, "config.phases",
                        text::format("more than {} users in all", with_thousands(limits::kUsersMax)));
    return {};
}

}  // namespace

std::vector<ArrivalPhase> single_user() {
    return {{.kind = PhaseKind::count, .duration_ns = kSecond, .count = 1}};
}

Result<std::vector<ArrivalPhase>> read_phases(const Node& config, std::vector<std::string>& warnings) {
    const Node* node = config.find("phases");
    if (node == nullptr || node->is_null()) return single_user();
    if (!node->is_list()) return error_at(node->place, "config.phases", not_a("a list of phases", *node));
    if (node->items.empty()) return error_at(node->place, "config.phases", "the list has no phase in it");
    if (node->items.size() > limits::kPhasesMax)
        return error_at(node->place, "config.phases",
                        text::format("more than {} phases", with_thousands(limits::kPhasesMax)));
    plan::Arrivals mode = plan::Arrivals::uniform;
    if (const Node* written = config.find("mode")) {
        const auto known = mode_of(*written, "config.mode");
        if (!known) return known.error();
        mode = *known;
    }
    PhaseReader reader(mode, warnings);
    std::vector<ArrivalPhase> phases;
    for (std::size_t i = 0; i < node->items.size(); ++i) {
        const auto phase = reader.read(node->items[i], item_path("config.phases", i));
        if (!phase) return phase.error();
        if (phase->duration_ns > 0) phases.push_back(*phase);
    }
    if (const auto sum = check_sum(phases, *node); !sum) return sum.error();
    if (const auto sound = plan::check_arrivals(phases); !sound)
        return error_at(node->place, "config.phases", sound.error().what);
    return phases;
}

}  // namespace wsblast::script
