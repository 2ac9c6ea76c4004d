#include "js/prelude.hpp"

#include <cstring>

#include <js/CallAndConstruct.h>
#include <js/CallArgs.h>
#include <js/CompilationAndEvaluation.h>
#include <js/Conversions.h>
#include <js/JSON.h>
#include <js/PropertyAndElement.h>
#include <js/SourceText.h>
#include <js/ValueArray.h>

#include "js/byte_natives.hpp"
#include "js/failure.hpp"
#include "js/natives.hpp"
#include "js/node_scripts.hpp"

namespace wsblast::js {

namespace {

bool evaluate(JSContext* cx, const char* script, JS::MutableHandleValue value) {
    JS::CompileOptions options(cx);
    options.setFileAndLine(kPreludeFile, 1);
    JS::SourceText<mozilla::Utf8Unit> source;
    return source.init(cx, script, std::strlen(script), JS::SourceOwnership::Borrowed) &&
           JS::Evaluate(cx, options, source, value);
}

// load(name) of natives: the value of a module's source; undefined: there is none of that name.
bool load(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    args.rval().setUndefined();
    JS::RootedString name(cx, JS::ToString(cx, args.get(0)));
    if (name == nullptr) return false;
    const char* const source = node_script(Core::of(cx).text.take(cx, name));
    return source == nullptr || evaluate(cx, source, args.rval());
}

// The function `name` of what the prelude has returned.
bool take(JSContext* cx, JS::HandleObject from, const char* name, JS::PersistentRootedObject& into) {
    JS::RootedValue value(cx);
    if (!JS_GetProperty(cx, from, name, &value) || !value.isObject()) return false;
    into = &value.toObject();
    return true;
}

bool take_all(JSContext* cx, JS::HandleObject from, Prepared& prepared) {
    return take(cx, from, "newContext", prepared.new_context) &&
           take(cx, from, "deliver", prepared.deliver) && take(cx, from, "isAsync", prepared.is_async) &&
           take(cx, from, "entryOf", prepared.entry_of) && take(cx, from, "builtin", prepared.builtin) &&
           take(cx, from, "events", prepared.events) &&
           take(cx, from, "socketProto", prepared.socket_proto);
}

bool intern(JSContext* cx, const char* name, JS::PersistentRootedId& into) {
    JSString* atom = JS_AtomizeAndPinString(cx, name);
    if (atom == nullptr) return false;
    into = JS::PropertyKey::fromPinnedString(atom);
    return true;
}

bool run(Core& core, JS::HandleValue scenarios, JS::HandleValue vars) {
    JSContext* cx = core.cx;
    JS::RootedObject native(cx, JS_NewPlainObject(cx));
    JS::RootedValue console(cx);
    JS::RootedValue prelude(cx);
    if (native == nullptr || !define_natives(cx, native) || !define_byte_natives(cx, native) ||
        !JS_DefineFunction(cx, native, "load", load, 1, 0) || !evaluate(cx, kConsoleScript, &console) ||
        !evaluate(cx, kPreludeScript, &prelude)) {
        return false;
    }
    JS::RootedValueArray<1> given(cx);
    given[0].setObject(*native);
    JS::RootedValueArray<4> args(cx);
    args[0].setObject(*native);
    args[2].set(scenarios);
    args[3].set(vars);
    JS::RootedValue parts(cx);
    if (!JS::Call(cx, JS::UndefinedHandleValue, console, given, args[1]) ||
        !JS::Call(cx, JS::UndefinedHandleValue, prelude, args, &parts) || !parts.isObject()) {
        return false;
    }
    JS::RootedObject object(cx, &parts.toObject());
    return take_all(cx, object, core.prepared) && intern(cx, "vars", core.prepared.vars) &&
           intern(cx, "done", core.prepared.done);
}

}  // namespace

Result<void> run_prelude(Core& core, const MachineOptions& options) {
    JS::RootedValue scenarios(core.cx);
    JS::RootedValue vars(core.cx);
    if (!to_value(core.cx, Value::of_json(options.scenarios_json), &scenarios))
        return usage_error("context.scenario: " + take_exception(core.cx, core.text).what);
    if (!to_value(core.cx, Value::of_json(options.vars_json), &vars))
        return usage_error("context.vars: " + take_exception(core.cx, core.text).what);
    if (run(core, scenarios, vars)) return {};
    if (!JS_IsExceptionPending(core.cx))
        return environment_error("there is no memory for JavaScript's globals");
    return environment_error("JavaScript's globals: " + take_exception(core.cx, core.text).text());
}

}  // namespace wsblast::js
