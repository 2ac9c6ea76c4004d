// A scenario's JavaScript processor: its functions are called for one virtual user after the other.
//
// One machine a core, made, used and destroyed by one thread. It never calls a host's function but from
// within its own calls, and of the host's functions on_done() alone may call the machine. SpiderMonkey is
// known in this folder only. docs/javascript.md says what scripts find.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "base/value.hpp"

namespace wsblast::js {

// A virtual user: dense, as there is a word or two for each number; comes back after end_user().
using UserId = std::uint32_t;
using FunctionId = std::uint32_t;

enum class EmitKind : std::uint8_t { counter, histogram, rate };
enum class LogLevel : std::uint8_t { debug, info, warn, error };

// What an asynchronous call has come to.
enum class CallState : std::uint8_t {
    done,     // done() was called, or the promise is resolved
    waiting,  // it will be: Host::on_done() follows, from within run_due() or message()
    failed,   // it threw, done(error), or the promise was rejected: error() says what
    stopped,  // its time was up: it was ended by force
};

// What has become of a message.
enum class SendOutcome : std::uint8_t {
    sent,      // or it will be, when there is room
    not_open,  // the user has no open connection
    too_long,  // longer than limits::kSendBytesMax allows
    no_room,   // limits::kScriptPendingMax wait already
};

// What scripts do to the world. Called from within call(), message(), run_due() and load().
class Host {
  public:
    virtual ~Host() = default;
    // context.ws.send(text). What is not `sent` is an exception of the script.
    [[nodiscard]] virtual SendOutcome send(UserId user, std::string_view text) = 0;
    // context.ws.readyState
    [[nodiscard]] virtual bool is_open(UserId user) const = 0;
    // The time from which setTimeout() counts: the clock of run_due().
    [[nodiscard]] virtual TimeNs now_ns() const = 0;
    // events.emit(kind, name, value); events.emit('error', text) is the counter "errors.<text>".
    virtual void emit(EmitKind kind, std::string_view name, double value) = 0;
    // console.*, arguments formatted and joined by blanks
    virtual void log(LogLevel level, std::string_view text) = 0;
    // A call that was `waiting` is over; error() says why it failed, connect_params() what came of it.
    // `truth`: what was passed to done() (whileTrue).
    virtual void on_done(UserId user, CallState state, bool truth) = 0;  // tidy: JavaScript's own word
    // A handler or a timer of the user has thrown, was stopped, or rejected what nobody handles: `error` as
    // of error(). A call of the user that waits fails with it instead. May not call the machine.
    virtual void on_fault(UserId user, std::string_view error) = 0;  // tidy: of JavaScript, too
};

struct MachineOptions {
    std::string file{};                     // the processor: CommonJS
    std::vector<std::string> slot_names{};  // variables that the scenario's texts refer to, by slot number
    std::string scenarios_json = "[{}]";    // context.scenario of each scenario's users
    std::string vars_json = "[]";           // objects: what context.vars of all users inherit
    TimeNs call_timeout_ns = 0;             // of one uninterrupted piece of work; 0: none
    std::size_t heap_bytes_max = 0;         // of all users of this machine; 0: limits::kScriptHeapBytes
};

class Machine {
  public:
    // Loads the file. Usage error: it is not there, does not compile, throws, or needs what is not there
    // (require of a module of Node's): file:line, and what is supported.
    [[nodiscard]] static Result<std::unique_ptr<Machine>> create(const MachineOptions& options, Host& host);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // Whether this build has JavaScript at all.
    [[nodiscard]] static bool available();

    // An exported function; none: there is no such one. names(): all exported functions.
    [[nodiscard]] std::optional<FunctionId> function(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> names() const;

    // --- users -----------------------------------------------------------------------------------

    // Before the first call for a user of that scenario: `context.vars` inherits what all users have, and
    // has what set() puts there.
    void begin_user(UserId user, std::uint32_t scenario = 0);
    // Forgets it: handlers, timers, variables. A call that waits is given up.
    void end_user(UserId user);

    // context.vars[slot_names[slot]]. What get() returns lives until the next call of anything.
    void set(UserId user, std::uint16_t slot, const Value& value);
    [[nodiscard]] Value get(UserId user, std::uint16_t slot);
    // Whether the user has a value of its own there, or what all inherit.
    [[nodiscard]] bool owns(UserId user, std::uint16_t slot);
    // context.vars as JSON: what a user has of its own. Lives as long as what get() returns.
    [[nodiscard]] std::string_view vars_json(UserId user);

    // --- calls -----------------------------------------------------------------------------------

    // One call a user at a time: a new one gives up one that waits.
    // A step: fn(context, events, done), where done(error) fails; or an async one (context, events).
    [[nodiscard]] CallState call(UserId user, FunctionId function);
    // whileTrue: fn(context, done), where done(truth) answers; or an async one (context).
    [[nodiscard]] CallState call_test(UserId user, FunctionId function);
    // Of the last call_test() that is done: what was passed to done(), or what the promise came to.
    [[nodiscard]] bool truth() const;
    // connect.function: fn({target, subprotocols, options}, context, done); what it made of them, as JSON.
    [[nodiscard]] CallState call_connect(UserId user, FunctionId function, std::string_view params_json);
    [[nodiscard]] std::string_view connect_params();
    // Of the last call that failed or was stopped: "TypeError: x is undefined (x.js:12)".
    [[nodiscard]] std::string_view error() const;

    // A data message came on the user's connection: its handlers (context.ws.on('message', fn), .onmessage)
    // are called. listens(): whether it has any.
    [[nodiscard]] bool listens(UserId user) const;
    void message(UserId user, std::string_view text);
    // done() of calls that were over already: ignored.
    [[nodiscard]] std::uint64_t late_dones() const;

    // --- time ------------------------------------------------------------------------------------

    // Runs timers (setTimeout, setInterval) that are due, and what promises have made ready.
    void run_due(TimeNs now_ns);
    [[nodiscard]] TimeNs next_due_ns() const;  // kNever: no timer
    // Once a while, when there is time: bounded work of the collector.
    void collect_some();
    [[nodiscard]] std::size_t heap_bytes() const;

  private:
    struct Parts;
    explicit Machine(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace wsblast::js
