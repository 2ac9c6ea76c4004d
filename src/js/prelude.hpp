// What scripts find in the world, written in JavaScript itself: console, timers, process, context,
// context.ws and the built-in modules. Evaluated once a machine, before the processor.
#pragma once

#include "base/result.hpp"
#include "js/core.hpp"

namespace wsblast::js {

// The sources: each is an expression whose value is a function. console_script: (native) ->
// format(...args). prelude_script: (native, format, scenario) -> what Prepared holds; it fills the global
// object.
extern const char* const kConsoleScript;
extern const char* const kPreludeScript;

// Fills core.prepared. Environment error: no memory. Usage error: `scenario_json` is no JSON.
[[nodiscard]] Result<void> run_prelude(Core& core, const std::string& scenario_json);

}  // namespace wsblast::js
