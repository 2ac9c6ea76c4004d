#include "js/calls.hpp"

#include <utility>

#include <js/CallAndConstruct.h>
#include <js/CallArgs.h>
#include <js/Conversions.h>
#include <js/Exception.h>
#include <js/Object.h>
#include <js/Promise.h>
#include <js/ValueArray.h>
#include <jsfriendapi.h>

#include "base/limits.hpp"
#include "js/failure.hpp"

namespace wsblast::js {

namespace {

// Reserved slots of done() and its like.
constexpr std::size_t kUserSlot = 0;
constexpr std::size_t kSerialSlot = 1;

// More than a person reads; what scripts write into their errors may be another text for each user.
constexpr std::size_t kErrorsToldMax = 20;

template <Ending kEnding>
bool on_end(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    const UserId user = ::js::GetFunctionNativeReserved(&args.callee(), kUserSlot).toPrivateUint32();
    const std::uint32_t serial =
        ::js::GetFunctionNativeReserved(&args.callee(), kSerialSlot).toPrivateUint32();
    Core::of(cx).calls->end(user, serial, kEnding, args.get(0));
    args.rval().setUndefined();
    return true;
}

// A function that ends the present call of the user, and no later one. Null: no memory.
template <Ending kEnding>
JSObject* new_ending(Core& core, UserId user) {
    JSFunction* function =
        ::js::NewFunctionByIdWithReserved(core.cx, on_end<kEnding>, 1, 0, core.prepared.done.get());
    if (function == nullptr) return nullptr;
    JSObject* object = JS_GetFunctionObject(function);
    ::js::SetFunctionNativeReserved(object, kUserSlot, JS::PrivateUint32Value(user));
    ::js::SetFunctionNativeReserved(object, kSerialSlot, JS::PrivateUint32Value(core.users[user].serial));
    return object;
}

std::string heap_error(const Realm& realm) {
    return "out of memory: scripts keep more than " + std::to_string(realm.heap_bytes_max() / kMiB) +
           " MiB a core";
}

}  // namespace

// --- a call --------------------------------------------------------------------------------------

CallState Calls::call(const CallRequest& request, Function& function) {
    if (++calls_ % limits::kScriptHeapLookCalls == 0) check_heap();
    const bool begun =
        request.user < core_.users.size() && core_.users[request.user].context.get() != nullptr;
    if (!begun) {
        core_.error = heap_error(core_.realm);  // there was no room for it when it began
        return CallState::failed;
    }
    User& user = core_.users[request.user];
    ++user.serial;
    user.phase = CallPhase::running;
    user.form = request.form;
    if (request.params != nullptr) {
        JS::SetReservedSlot(user.socket.get(), kSocketParams, JS::ObjectValue(*request.params));
    }
    core_.current = request.user;
    const Watchdog::Piece piece(core_.watchdog);
    JS::RootedValue result(core_.cx);
    if (function.stops >= limits::kScriptStopsMax) {
        settle(request.user, {.state = CallState::stopped, .error = "it was stopped too often"});
    } else if (heap_full_) {
        settle(request.user, {.state = CallState::failed, .error = heap_error(core_.realm)});
    } else if (!invoke(request.user, function, &result)) {
        settle(request.user, take_failure());
        if (last_.state == CallState::stopped) ++function.stops;
    }
    if (!core_.jobs.empty()) run_jobs();
    const bool has_promise = function.is_async || !function.takes_done(user.form);
    if (user.phase == CallPhase::running && has_promise && result.isObject()) {
        JS::RootedObject promise(core_.cx, &result.toObject());
        if (JS::IsPromiseObject(promise) && !follow(request.user, promise))
            settle(request.user, take_failure());
    }
    sweep_rejections(request.user);
    if (user.phase == CallPhase::running) {
        user.phase = CallPhase::waiting;
        return CallState::waiting;
    }
    user.phase = CallPhase::none;
    core_.error = last_.error;
    return last_.state;
}

bool Calls::invoke(UserId id, const Function& function, JS::MutableHandleValue result) {
    const User& user = core_.users[id];
    // Three arguments at most: (context, events, done), (context, done), (params, context, done).
    JS::RootedValueArray<3> args(core_.cx);
    std::size_t count = 0;
    if (user.form == CallForm::connect)
        args[count++].set(JS::GetReservedSlot(user.socket.get(), kSocketParams));
    args[count++].setObject(*user.context.get());
    if (user.form == CallForm::step) args[count++].setObject(*core_.prepared.events);
    if (!function.is_async || function.takes_done(user.form)) {
        JSObject* done = new_ending<Ending::done>(core_, id);
        if (done == nullptr) return false;
        args[count++].setObject(*done);
    }
    return JS::Call(core_.cx, JS::UndefinedHandleValue, function.object,
                    JS::HandleValueArray::subarray(args, 0, count), result);
}

// The call is over when the promise is. False, with an exception pending: no memory.
bool Calls::follow(UserId id, JS::HandleObject promise) {
    const std::uint32_t serial = core_.users[id].serial;
    if (JS::GetPromiseState(promise) == JS::PromiseState::Pending) {
        JS::RootedObject resolved(core_.cx, new_ending<Ending::resolved>(core_, id));
        JS::RootedObject rejected(core_.cx, new_ending<Ending::rejected>(core_, id));
        return resolved != nullptr && rejected != nullptr &&
               JS::AddPromiseReactions(core_.cx, promise, resolved, rejected);
    }
    JS::RootedValue value(core_.cx, JS::GetPromiseResult(promise));
    const bool is_rejected = JS::GetPromiseState(promise) == JS::PromiseState::Rejected;
    if (is_rejected && !JS::SetSettledPromiseIsHandled(core_.cx, promise)) return false;
    end(id, serial, is_rejected ? Ending::rejected : Ending::resolved, value);
    return true;
}

// --- its end -------------------------------------------------------------------------------------

void Calls::end(UserId id, std::uint32_t serial, Ending ending, JS::HandleValue value) {
    const User& user = core_.users[id];
    const bool under_way = user.phase == CallPhase::running || user.phase == CallPhase::waiting;
    if (user.serial != serial || !under_way) {
        ++core_.late_dones;
        return;
    }
    settle(id, outcome_of(user, ending, value));
}

Calls::Outcome Calls::outcome_of(const User& user, Ending ending, JS::HandleValue value) {
    const bool truth = JS::ToBoolean(value);
    const bool is_error =
        ending == Ending::rejected || (ending == Ending::done && user.form != CallForm::test && truth);
    if (is_error) return {.state = CallState::failed, .error = message_of(value)};
    Outcome outcome{.truth = truth};
    if (user.form != CallForm::connect) return outcome;
    JS::RootedValue params(core_.cx, JS::GetReservedSlot(user.socket.get(), kSocketParams));
    std::string_view json;
    if (!core_.text.take_json(core_.cx, params, json)) return take_failure();
    outcome.params_json = json;
    return outcome;
}

// Where it comes from is told once: what is counted by its text is the same wherever it comes from.
std::string Calls::message_of(JS::HandleValue error) {
    Failure failure = describe(core_.cx, error, core_.text);
    if (!failure.file.empty() && told_.size() < kErrorsToldMax && told_.insert(failure.text()).second)
        core_.host.log(LogLevel::error, failure.text());
    return std::move(failure.message);
}

// What an exception, or the watchdog, has ended.
Calls::Outcome Calls::take_failure() {
    if (JS_IsExceptionPending(core_.cx)) {
        return {.state = CallState::failed, .error = take_exception(core_.cx, core_.text).text()};
    }
    if (core_.realm.heap_bytes() > core_.realm.heap_bytes_max()) core_.realm.collect_all();
    return {.state = CallState::stopped, .error = std::exchange(core_.stop_reason, {})};
}

void Calls::settle(UserId id, Outcome outcome) {
    User& user = core_.users[id];
    if (user.phase != CallPhase::waiting) {
        user.phase = CallPhase::over;
        last_ = std::move(outcome);
        return;
    }
    user.phase = CallPhase::none;
    news_.push_back({id, user.serial, std::move(outcome)});
}

// --- handlers and timers -------------------------------------------------------------------------

void Calls::message(UserId id, std::string_view text) {
    const User& user = core_.users[id];
    JS::RootedString message(core_.cx, to_string(core_.cx, text));
    if (message == nullptr) return JS_ClearPendingException(core_.cx);
    JS::RootedValueArray<2> args(core_.cx);
    args[0].setObject(*user.socket.get());
    args[1].setString(message);
    run_handler(id, core_.prepared.deliver, args);
    tell_news();
}

void Calls::run_due(TimeNs now_ns) {
    while (const auto fired = core_.timers.take_due(now_ns)) {
        JS::RootedObject function(core_.cx, &fired->function.toObject());
        run_handler(fired->user, function, JS::HandleValueArray::empty());
    }
    tell_news();
}

void Calls::run_handler(UserId user, JS::HandleObject function, const JS::HandleValueArray& args) {
    core_.current = user;
    const Watchdog::Piece piece(core_.watchdog);
    JS::RootedValue ignored(core_.cx);
    if (!JS::Call(core_.cx, JS::UndefinedHandleValue, function, args, &ignored))
        fault(user, take_failure());
    if (!core_.jobs.empty()) run_jobs();
    sweep_rejections(user);
}

void Calls::run_jobs() {
    while (!core_.jobs.run()) {
        Outcome outcome = take_failure();
        if (outcome.state == CallState::stopped) core_.jobs.clear();
        fault(core_.current, std::move(outcome));
    }
}

void Calls::sweep_rejections(UserId owner) {
    while (JSObject* rejected = core_.jobs.take_unhandled()) {
        JS::RootedObject promise(core_.cx, rejected);
        JS::RootedValue reason(core_.cx, JS::GetPromiseResult(promise));
        fault(owner, {.state = CallState::failed, .error = describe(core_.cx, reason, core_.text).text()});
    }
}

// Outside of a call, or beside it.
void Calls::fault(UserId id, Outcome outcome) {
    const CallPhase phase = id == kNobody ? CallPhase::none : core_.users[id].phase;
    if (phase == CallPhase::running || phase == CallPhase::waiting) return settle(id, std::move(outcome));
    core_.error = std::move(outcome.error);
    if (id == kNobody) return core_.host.log(LogLevel::error, core_.error);
    core_.host.on_fault(id, core_.error);
}

void Calls::tell_news() {
    if (telling_) return;
    telling_ = true;
    // The host may call the machine: more news may come, and users may be gone.
    for (std::size_t i = 0; i < news_.size(); ++i) {
        News news = std::move(news_[i]);
        if (core_.users[news.user].serial != news.serial) continue;
        last_ = std::move(news.outcome);
        if (!last_.error.empty()) core_.error = last_.error;
        core_.host.on_done(news.user, last_.state, last_.truth);
    }
    news_.clear();
    telling_ = false;
}

void Calls::check_heap() {
    if (core_.realm.heap_bytes() <= core_.realm.heap_bytes_max()) {
        heap_full_ = false;
        return;
    }
    // All at once the first time; from then on slice by slice, so that nobody waits for it.
    if (heap_full_) return core_.realm.want_collection();
    core_.realm.collect_all();
    heap_full_ = core_.realm.heap_bytes() > core_.realm.heap_bytes_max();
}

}  // namespace wsblast::js
