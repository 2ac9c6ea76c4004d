#include "js/core.hpp"

#include <js/GCAPI.h>
#include <js/Interrupt.h>
#include <js/TracingAPI.h>

#include "base/limits.hpp"

namespace wsblast::js {

const JSClass kSocketClass = {"WebSocket", JSCLASS_HAS_RESERVED_SLOTS(2)};

namespace {

void trace(JSTracer* tracer, void* data) {
    Core& core = *static_cast<Core*>(data);
    for (User& user : core.users) {
        JS::TraceEdge(tracer, &user.context, "context");
        JS::TraceEdge(tracer, &user.socket, "socket");
    }
    core.timers.trace(tracer);
}

// From within a script that has run for a while, on its own thread: false ends it, past all its handlers.
bool on_interrupt(JSContext* cx) {
    Core& core = Core::of(cx);
    if (core.watchdog.overdue()) {
        core.stop_reason =
            "it ran for longer than " + to_duration_text(core.call_timeout_ns) + " without a pause";
        return false;
    }
    if (core.realm.heap_bytes() > core.realm.heap_bytes_max()) {
        core.stop_reason = "out of memory: scripts may keep " +
                           std::to_string(core.realm.heap_bytes_max() / kMiB) + " MiB a core";
        return false;
    }
    return true;
}

}  // namespace

Core::Core(Realm& its_realm, const MachineOptions& options, Host& its_host)
    : realm(its_realm),
      cx(realm.cx()),
      host(its_host),
      jobs(cx, current),
      watchdog(cx, options.call_timeout_ns),
      prepared(cx),
      call_timeout_ns(options.call_timeout_ns),
      start_ns(host.now_ns()) {
    JS_SetContextPrivate(cx, this);
    JS_AddInterruptCallback(cx, on_interrupt);
    JS_AddExtraGCRootsTracer(cx, trace, this);
}

Core::~Core() {
    JS_RemoveExtraGCRootsTracer(cx, trace, this);
    JS_DisableInterruptCallback(cx);
    JS_SetContextPrivate(cx, nullptr);
}

}  // namespace wsblast::js
