// What scripts find in the world, written in JavaScript itself: console, timers, process, context,
// context.ws and the built-in modules. Evaluated once a machine, before the processor.
#pragma once

#include "base/result.hpp"
#include "js/core.hpp"

namespace wsblast::js {

// The sources: each is an expression whose value is a function. console_script: (native) ->
// {format, inspect, custom}. prelude_script: (native, shown, scenarios, vars), `shown` being what the
// console's gave, -> what Prepared holds; it fills the global object. What of Node.js is made where it is
// asked for is in node_scripts.hpp.
extern const char* const kConsoleScript;
extern const char* const kPreludeScript;

// Fills core.prepared. Environment error: no memory. Usage error: what the options have of JSON is none.
[[nodiscard]] Result<void> run_prelude(Core& core, const MachineOptions& options);

}  // namespace wsblast::js
