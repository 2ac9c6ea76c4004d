#include "js/natives.hpp"

#include <cmath>
#include <filesystem>
#include <string>
#include <system_error>

#include <js/CallArgs.h>
#include <js/Conversions.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <js/PropertySpec.h>
#include <jsapi.h>
#include <unistd.h>

#include "base/limits.hpp"
#include "js/core.hpp"

namespace wsblast::js {

namespace {

constexpr double kMillisecondsMax = 2'147'483'647;  // Node.js's, too

// The user of a context.ws; kNobody: it has ended, or this is no context.ws.
UserId user_of(JS::HandleValue socket) {
    if (!socket.isObject() || JS::GetClass(&socket.toObject()) != &kSocketClass) return kNobody;
    return static_cast<UserId>(JS::GetReservedSlot(&socket.toObject(), kSocketUser).toInt32());
}

// The text of an argument of send(). Null, with an exception pending: it is none.
JSString* text_of(JSContext* cx, JS::HandleValue value) {
    if (value.isString()) return value.toString();
    if (value.isNumber() || value.isBoolean()) return JS::ToString(cx, value);
    JS_ReportErrorASCII(cx,
                        "context.ws.send() takes text: an object has to go through JSON.stringify(), and "
                        "binary messages are the `send` step's");
    return nullptr;
}

bool send(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    Core& core = Core::of(cx);
    const UserId user = user_of(args.thisv());
    if (user == kNobody)
        return fail(cx, "context.ws.send(): the user has ended, or `this` is not context.ws");
    JS::RootedString text(cx, text_of(cx, args.get(0)));
    if (text == nullptr) return false;
    if (JS_GetStringLength(text) > limits::kScriptTextUnits) {
        return fail(cx, "context.ws.send(): the text is longer than 4 Mi characters");
    }
    switch (core.host.send(user, core.text.take(cx, text))) {
        case SendOutcome::sent: break;
        case SendOutcome::not_open: return fail(cx, "WebSocket is not open");
        case SendOutcome::too_long:
            return fail(cx, "context.ws.send(): the text takes more than 65,522 bytes");
        case SendOutcome::no_room:
            return fail(cx, "context.ws.send(): 4 MiB wait already, and the server takes none of it");
    }
    args.rval().setUndefined();
    const unsigned last = argc == 0 ? 0 : argc - 1;
    if (last == 0 || !args[last].isObject() || !JS::IsCallable(&args[last].toObject())) return true;
    // send(text, callback), send(text, options, callback)
    const TimerRequest soon{.user = user, .due_ns = core.host.now_ns() + limits::kScriptTimerMinNs};
    return core.timers.set(soon, args[last]) != 0 || fail(cx, "there are too many timers");
}

bool is_open(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    const UserId user = user_of(args.get(0));
    args.rval().setBoolean(user != kNobody && Core::of(cx).host.is_open(user));
    return true;
}

bool listen(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    const UserId user = user_of(args.get(0));
    if (user != kNobody) Core::of(cx).users[user].listens = args.get(1).isTrue() ? 1 : 0;
    args.rval().setUndefined();
    return true;
}

bool user_number(JSContext*, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    args.rval().setNumber(user_of(args.get(0)));
    return true;
}

bool emit(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    Core& core = Core::of(cx);
    JS::RootedString name(cx, JS::ToString(cx, args.get(1)));
    double value = 0;
    if (name == nullptr || !JS::ToNumber(cx, args.get(2), &value)) return false;
    if (!std::isfinite(value)) return fail(cx, "events.emit(kind, name, value): the value is no number");
    core.host.emit(static_cast<EmitKind>(args.get(0).toInt32()), core.text.take(cx, name), value);
    args.rval().setUndefined();
    return true;
}

bool log(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    Core& core = Core::of(cx);
    JS::RootedString text(cx, JS::ToString(cx, args.get(1)));
    if (text == nullptr) return false;
    core.host.log(static_cast<LogLevel>(args.get(0).toInt32()), core.text.take(cx, text));
    args.rval().setUndefined();
    return true;
}

bool set_timer(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    Core& core = Core::of(cx);
    double delay_ms = 0;
    if (!args.get(1).isUndefined() && !JS::ToNumber(cx, args.get(1), &delay_ms)) return false;
    if (!(delay_ms >= 1 && delay_ms <= kMillisecondsMax)) delay_ms = 1;
    const auto delay_ns = static_cast<TimeNs>(delay_ms) * kMillisecond;
    const TimerRequest request{.user = core.current,
                               .due_ns = core.host.now_ns() + delay_ns,
                               .period_ns = args.get(2).isTrue() ? delay_ns : 0};
    const std::uint64_t number = core.timers.set(request, args.get(0));
    if (number == 0) return fail(cx, "there are too many timers");
    args.rval().setNumber(static_cast<double>(number));
    return true;
}

bool clear_timer(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    if (args.get(0).isNumber()) Core::of(cx).timers.clear(static_cast<std::uint64_t>(args[0].toNumber()));
    args.rval().setUndefined();
    return true;
}

bool now(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    const Core& core = Core::of(cx);
    args.rval().setNumber(static_cast<double>(core.host.now_ns() - core.start_ns) / kMillisecond);
    return true;
}

bool environment(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    JS::RootedObject object(cx, JS_NewPlainObject(cx));
    if (object == nullptr) return false;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view pair = *entry;
        const std::string name(pair.substr(0, pair.find('=')));
        if (name.size() == pair.size()) continue;
        JS::RootedString value(cx, to_string(cx, pair.substr(name.size() + 1)));
        if (value == nullptr || !JS_DefineProperty(cx, object, name.c_str(), value, JSPROP_ENUMERATE))
            return false;
    }
    args.rval().setObject(*object);
    return true;
}

bool working_folder(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    std::error_code error;
    const std::string path = std::filesystem::current_path(error).string();
    JSString* text = error ? nullptr : to_string(cx, path);
    if (text == nullptr) return fail(cx, "process.cwd(): the working folder cannot be read");
    args.rval().setString(text);
    return true;
}

constexpr JSFunctionSpec kNatives[] = {JS_FN("send", send, 1, 0),
                                       JS_FN("isOpen", is_open, 1, 0),
                                       JS_FN("listen", listen, 2, 0),
                                       JS_FN("userOf", user_number, 1, 0),
                                       JS_FN("emit", emit, 3, 0),
                                       JS_FN("log", log, 2, 0),
                                       JS_FN("setTimer", set_timer, 3, 0),
                                       JS_FN("clearTimer", clear_timer, 1, 0),
                                       JS_FN("now", now, 0, 0),
                                       JS_FN("environment", environment, 0, 0),
                                       JS_FN("workingFolder", working_folder, 0, 0),
                                       JS_FS_END};

}  // namespace

bool define_natives(JSContext* cx, JS::HandleObject object) {
    return JS_DefineFunctions(cx, object, kNatives);
}

}  // namespace wsblast::js
