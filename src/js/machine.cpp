#include "js/machine.hpp"

#include <deque>

#include <js/CallAndConstruct.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <js/ValueArray.h>

#include "js/calls.hpp"
#include "js/failure.hpp"
#include "js/loader.hpp"
#include "js/prelude.hpp"

namespace wsblast::js {

// Destroyed from last to first: SpiderMonkey at the end.
struct Machine::Parts {
    std::unique_ptr<Realm> realm;
    Core core;
    Calls calls;
    Loader loader;
    JS::PersistentRooted<JS::GCVector<jsid, 0, ::js::SystemAllocPolicy>> slots;
    std::deque<Function> functions;  // addresses stay
    std::vector<std::string> names;

    Parts(std::unique_ptr<Realm> its_realm, const MachineOptions& options, Host& host)
        : realm(std::move(its_realm)),
          core(*realm, options, host),
          calls(core),
          loader(core),
          slots(core.cx) {}

    [[nodiscard]] bool intern_slots(const std::vector<std::string>& slot_names);
    [[nodiscard]] bool add_function(const char* name);
    [[nodiscard]] bool add_functions();
    [[nodiscard]] bool vars(UserId user, JS::MutableHandleObject object);
};

namespace {

// What may be thrown where nothing is told of it: reading a variable that is a getter, say.
void forget_exception(Core& core) {
    JS_ClearPendingException(core.cx);
    core.stop_reason.clear();
}

}  // namespace

// --- loading -------------------------------------------------------------------------------------

bool Machine::Parts::intern_slots(const std::vector<std::string>& slot_names) {
    for (const std::string& name : slot_names) {
        JS::RootedString text(core.cx, to_string(core.cx, name));
        JS::RootedId id(core.cx);
        if (text == nullptr || !JS_StringToId(core.cx, text, &id) || !slots.append(id)) return false;
    }
    return true;
}

bool Machine::Parts::add_function(const char* name) {
    JSContext* cx = core.cx;
    JS::RootedObject exports(cx, loader.exports());
    JS::RootedValue value(cx);
    if (!JS_GetProperty(cx, exports, name, &value)) return false;
    if (!value.isObject() || !JS::IsCallable(&value.toObject())) return true;
    JS::RootedValueArray<1> args(cx);
    args[0].set(value);
    JS::RootedValue is_async(cx);
    JS::RootedValue length(cx);
    JS::RootedObject object(cx, &value.toObject());
    if (!JS::Call(cx, JS::UndefinedHandleValue, core.prepared.is_async, args, &is_async) ||
        !JS_GetProperty(cx, object, "length", &length)) {
        return false;
    }
    functions.push_back({JS::PersistentRootedObject(cx, object), is_async.isTrue(),
                         length.isInt32() ? length.toInt32() : 0});
    names.emplace_back(name);
    return true;
}

bool Machine::Parts::add_functions() {
    JSContext* cx = core.cx;
    JS::RootedObject exports(cx, loader.exports());
    JS::Rooted<JS::IdVector> ids(cx, JS::IdVector(cx));
    if (!JS_Enumerate(cx, exports, &ids)) return false;
    for (const jsid id : ids) {
        if (!id.isString()) continue;
        JS::RootedString text(cx, id.toString());
        const std::string name(core.text.take(cx, text));
        if (!add_function(name.c_str())) return false;
    }
    return true;
}

Result<std::unique_ptr<Machine>> Machine::create(const MachineOptions& options, Host& host) {
    auto realm = Realm::make(options.heap_bytes_max);
    if (!realm.ok()) return realm.error();
    auto parts = std::make_unique<Parts>(std::move(*realm), options, host);
    if (auto ran = run_prelude(parts->core, options); !ran.ok()) return ran.error();
    if (auto loaded = parts->loader.load(options.file); !loaded.ok()) return loaded.error();
    if (!parts->intern_slots(options.slot_names) || !parts->add_functions()) {
        return usage_error(options.file + ": " + take_exception(parts->core.cx, parts->core.text).text());
    }
    return std::unique_ptr<Machine>(new Machine(std::move(parts)));
}

Machine::Machine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Machine::~Machine() = default;

bool Machine::available() {
    return true;
}

std::optional<FunctionId> Machine::function(std::string_view name) const {
    for (std::size_t i = 0; i < parts_->names.size(); ++i) {
        if (parts_->names[i] == name) return static_cast<FunctionId>(i);
    }
    return std::nullopt;
}

std::vector<std::string> Machine::names() const {
    return parts_->names;
}

// --- users ---------------------------------------------------------------------------------------

void Machine::begin_user(UserId id, std::uint32_t scenario) {
    Core& core = parts_->core;
    if (id >= core.users.size()) core.users.resize(id + 1);
    end_user(id);
    User& user = core.users[id];
    JS::RootedObject socket(core.cx,
                            JS_NewObjectWithGivenProto(core.cx, &kSocketClass, core.prepared.socket_proto));
    JS::RootedValue context(core.cx);
    JS::RootedValueArray<2> args(core.cx);
    if (socket != nullptr) {
        JS::SetReservedSlot(socket, kSocketUser, JS::Int32Value(static_cast<std::int32_t>(id)));
        args[0].setObject(*socket);
        args[1].setNumber(scenario);
        const bool made =
            JS::Call(core.cx, JS::UndefinedHandleValue, core.prepared.new_context, args, &context);
        if (made && context.isObject()) {
            user.context = &context.toObject();
            user.socket = socket;
            return;
        }
    }
    forget_exception(core);  // no memory: its calls fail
}

void Machine::end_user(UserId id) {
    Core& core = parts_->core;
    User& user = core.users[id];
    ++user.serial;
    user.phase = CallPhase::none;
    user.listens = 0;
    core.timers.clear_all_of(id);
    if (user.socket.get() == nullptr) return;
    JS::SetReservedSlot(user.socket.get(), kSocketUser, JS::Int32Value(-1));
    user.context = nullptr;
    user.socket = nullptr;
}

// context.vars as it is now: a script may have put another object there. False: there is none.
bool Machine::Parts::vars(UserId user, JS::MutableHandleObject object) {
    JS::RootedObject context(core.cx, core.users[user].context.get());
    JS::RootedValue value(core.cx);
    if (context == nullptr || !JS_GetPropertyById(core.cx, context, core.prepared.vars, &value))
        return false;
    if (!value.isObject()) return false;
    object.set(&value.toObject());
    return true;
}

void Machine::set(UserId user, std::uint16_t slot, const Value& value) {
    Core& core = parts_->core;
    const Watchdog::Piece piece(core.watchdog);
    JS::RootedObject vars(core.cx);
    JS::RootedValue converted(core.cx);
    JS::RootedId id(core.cx, parts_->slots[slot]);
    if (!parts_->vars(user, &vars) || !to_value(core.cx, value, &converted) ||
        !JS_SetPropertyById(core.cx, vars, id, converted)) {
        forget_exception(core);
    }
}

Value Machine::get(UserId user, std::uint16_t slot) {
    Core& core = parts_->core;
    const Watchdog::Piece piece(core.watchdog);
    JS::RootedObject vars(core.cx);
    JS::RootedValue value(core.cx);
    JS::RootedId id(core.cx, parts_->slots[slot]);
    if (!parts_->vars(user, &vars) || !JS_GetPropertyById(core.cx, vars, id, &value)) {
        forget_exception(core);
        return {};
    }
    return core.text.take_value(core.cx, value);
}

bool Machine::owns(UserId user, std::uint16_t slot) {
    Core& core = parts_->core;
    JS::RootedObject vars(core.cx);
    JS::RootedId id(core.cx, parts_->slots[slot]);
    bool found = false;
    if (!parts_->vars(user, &vars) || !JS_AlreadyHasOwnPropertyById(core.cx, vars, id, &found))
        forget_exception(core);
    return found;
}

std::string_view Machine::vars_json(UserId user) {
    Core& core = parts_->core;
    const Watchdog::Piece piece(core.watchdog);
    JS::RootedObject vars(core.cx);
    std::string_view json = "{}";
    if (!parts_->vars(user, &vars)) return json;
    JS::RootedValue value(core.cx, JS::ObjectValue(*vars));
    if (!core.text.take_json(core.cx, value, json)) forget_exception(core);
    return json;
}

// --- calls and time ------------------------------------------------------------------------------

CallState Machine::call(UserId user, FunctionId function) {
    return parts_->calls.call({.user = user, .form = CallForm::step}, parts_->functions[function]);
}

CallState Machine::call_test(UserId user, FunctionId function) {
    return parts_->calls.call({.user = user, .form = CallForm::test}, parts_->functions[function]);
}

CallState Machine::call_connect(UserId user, FunctionId function, std::string_view params_json) {
    Core& core = parts_->core;
    JS::RootedValue params(core.cx);
    if (!to_value(core.cx, Value::of_json(params_json), &params) || !params.isObject()) {
        core.error = "the parameters of a connection are no JSON object";
        forget_exception(core);
        return CallState::failed;
    }
    JS::RootedObject object(core.cx, &params.toObject());
    return parts_->calls.call({user, CallForm::connect, object}, parts_->functions[function]);
}

bool Machine::truth() const {
    return parts_->calls.truth();
}
std::string_view Machine::connect_params() {
    return parts_->calls.connect_params();
}
std::string_view Machine::error() const {
    return parts_->core.error;
}

bool Machine::listens(UserId user) const {
    return parts_->core.users[user].listens != 0;
}

void Machine::message(UserId user, std::string_view text) {
    if (listens(user)) parts_->calls.message(user, text);
}

std::uint64_t Machine::late_dones() const {
    return parts_->core.late_dones;
}

void Machine::run_due(TimeNs now_ns) {
    parts_->calls.run_due(now_ns);
}

TimeNs Machine::next_due_ns() const {
    return parts_->calls.has_news() ? 0 : parts_->core.timers.next_due_ns();
}

void Machine::collect_some() {
    parts_->realm->collect_some();
    parts_->calls.check_heap();
}

std::size_t Machine::heap_bytes() const {
    return parts_->realm->heap_bytes();
}

}  // namespace wsblast::js
