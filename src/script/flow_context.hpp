// What the compiler of scenarios works with: what `config` says that bears on steps, and the Scenario that
// is being made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/node.hpp"
#include "base/units.hpp"
#include "plan/run_options.hpp"
#include "plan/scenario.hpp"
#include "script/slots.hpp"

namespace wsblast::script {

// config.defaults.think.jitter: a share of the think time ("20%"), or absolute; to both sides.
struct ThinkJitter {
    double share = 0;
    TimeNs absolute_ns = 0;
};

// Filled in by the reader of `config` before flows are compiled; one file, one thread.
struct FlowContext {
    FlowContext() = default;
    FlowContext(const FlowContext&) = delete;
    FlowContext& operator=(const FlowContext&) = delete;

    // Phases, payloads and the processor's path (empty: no JavaScript) are config's; the rest is made here.
    plan::Scenario scenario;
    // Variables with their values stand in it before flows are compiled.
    SlotTable slots{scenario.slots};
    std::vector<std::string> warnings;

    std::string target{};  // config.target
    Place target_place{};
    std::vector<plan::Header> headers{};  // config.ws.headers, holes and all
    Place headers_place{};
    std::vector<std::string> subprotocols{};  // config.ws.subprotocols
    std::string engine{};                     // config.engine; empty: ws
    ThinkJitter jitter{};
    TimeNs answer_timeout_ns = 10 * kSecond;               // config.timeout or config.ws.timeout
    plan::Strictness captures = plan::Strictness::strict;  // config.defaults.strictCapture
    std::string scenario_name{};                           // --scenario-name; empty: all of them
    std::string folder = ".";                              // of the script: paths are relative to it

    // The number of a label; the same name has the same one. labels[0] is the empty one.
    plan::TableIndex label(std::string_view name);
};

}  // namespace wsblast::script
