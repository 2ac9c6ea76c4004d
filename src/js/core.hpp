// What the parts of a machine share: the users, and what belongs to all of them. Functions that scripts
// call find it in the context.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <js/Context.h>
#include <js/ErrorReport.h>
#include <jsapi.h>

#include "js/jobs.hpp"
#include "js/machine.hpp"
#include "js/realm.hpp"
#include "js/text.hpp"
#include "js/timers.hpp"
#include "js/watchdog.hpp"

namespace wsblast::js {

// How a function is called.
enum class CallForm : std::uint8_t { step, test, connect };

enum class CallPhase : std::uint8_t {
    none,
    running,  // the function is on the stack
    over,     // it is still on the stack, and done() was called
    waiting,  // it has returned, and done() was not called
};

struct User {
    JS::Heap<JSObject*> context;  // null: there is no such user
    JS::Heap<JSObject*> socket;   // context.ws
    std::uint32_t serial = 0;     // of its call: a done() of an earlier one is known by it
    CallPhase phase = CallPhase::none;
    CallForm form = CallForm::step;
    std::uint8_t listens = 0;  // it has handlers of messages
};

// Reserved slots of context.ws.
inline constexpr std::uint32_t kSocketUser = 0;    // -1: its user has ended
inline constexpr std::uint32_t kSocketParams = 1;  // of the connect function that is at work
extern const JSClass kSocketClass;

// What the prelude gives, and what every call needs.
struct Prepared {
    JS::PersistentRootedObject new_context;
    JS::PersistentRootedObject deliver;
    JS::PersistentRootedObject is_async;
    JS::PersistentRootedObject entry_of;
    JS::PersistentRootedObject builtin;
    JS::PersistentRootedObject events;
    JS::PersistentRootedObject socket_proto;
    JS::PersistentRootedId vars;
    JS::PersistentRootedId done;

    explicit Prepared(JSContext* cx)
        : new_context(cx),
          deliver(cx),
          is_async(cx),
          entry_of(cx),
          builtin(cx),
          events(cx),
          socket_proto(cx),
          vars(cx),
          done(cx) {}
};

// Throws an Error in the script, and is what its native function then returns.
[[nodiscard]] inline bool fail(JSContext* cx, const std::string& what) {
    JS_ReportErrorUTF8(cx, "%s", what.c_str());
    return false;
}

class Calls;

struct Core {
    Core(Realm& its_realm, const MachineOptions& options, Host& its_host);
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    [[nodiscard]] static Core& of(JSContext* cx) { return *static_cast<Core*>(JS_GetContextPrivate(cx)); }

    Realm& realm;
    JSContext* const cx;
    Host& host;
    UserId current = kNobody;  // for whom the script runs
    Jobs jobs;
    Timers timers;
    Watchdog watchdog;
    TextBuffer text;
    std::deque<User> users;  // as many as have begun
    Prepared prepared;
    std::string stop_reason;  // why the interrupt callback has stopped a piece of work
    std::string error;
    std::uint64_t late_dones = 0;
    TimeNs call_timeout_ns;
    TimeNs start_ns;         // performance.now()
    Calls* calls = nullptr;  // whom done() tells
};

}  // namespace wsblast::js
