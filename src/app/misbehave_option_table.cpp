// The options of `run` and its presets that have some of its connections misbehave.
#include <algorithm>

#include "app/fault_values.hpp"
#include "app/option_setters.hpp"
#include "app/option_table.hpp"
#include "plan/misbehaviour.hpp"

namespace wsblast::app {

namespace {

using plan::RunOptions;

// "slow-reader:5%"
Result<void> add_misbehaviour(RunOptions& options, const std::string& value) {
    const std::size_t colon = value.find(':');
    const std::string_view name = std::string_view(value).substr(0, colon);
    const auto kind = std::find_if(plan::kMisbehaviours.begin(), plan::kMisbehaviours.end(),
                                   [&](plan::Misbehaviour one) { return to_text(one) == name; });
    if (colon == std::string::npos || kind == plan::kMisbehaviours.end()) {
        std::string allowed;
        for (const plan::Misbehaviour one : plan::kMisbehaviours)
            allowed += (allowed.empty() ? "" : ", ") + std::string(to_text(one));
        return usage_error(
            text::format("'{}' is no KIND:SHARE, as in slow-reader:5%; kinds are {}", value, allowed));
    }
    const auto share = parse_share(std::string_view(value).substr(colon + 1));
    if (!share) return share.error();
    if (!(*share > 0)) return usage_error("the share is above 0%: leave the option out for none");
    for (const auto& given : options.misbehave) {
        if (given.kind == *kind) return usage_error(text::format("{} is given twice", name));
    }
    options.misbehave.push_back({*kind, *share});
    return {};
}

constexpr RunOption kMisbehaveOptions[] = {
    {"misbehave", "KIND:SHARE", "none", "have a share of the connections misbehave, as in slow-reader:5%",
     Arity::repeated, add_misbehaviour},
};

}  // namespace

std::span<const RunOption> misbehave_options() {
    return kMisbehaveOptions;
}

}  // namespace wsblast::app
