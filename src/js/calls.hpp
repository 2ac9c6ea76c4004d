// Calls of the processor's functions, of handlers and of timers: pieces of work. What promises make ready
// is run at the end of each, so that nothing is left over for another user.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "js/core.hpp"

namespace wsblast::js {

// A function of the processor.
struct Function {
    JS::PersistentRootedObject object;
    bool is_async = false;  // declared so
    std::int32_t parameters = 0;
    std::uint32_t stops = 0;  // how often it ran until it was stopped: see limits::kScriptStopsMax

    // By its parameters. One that does not is over when the promise that it returns is.
    [[nodiscard]] bool takes_done(CallForm form) const {
        return parameters >= (form == CallForm::test ? 2 : 3);
    }
};

// What done() and a promise's handlers tell.
enum class Ending : std::uint8_t { done, resolved, rejected };

struct CallRequest {
    UserId user = kNobody;
    CallForm form = CallForm::step;
    JSObject* params = nullptr;  // form connect: what the function may change; rooted by the caller
};

class Calls {
  public:
    explicit Calls(Core& core) : core_(core) { core.calls = this; }
    ~Calls() { core_.calls = nullptr; }
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    [[nodiscard]] CallState call(const CallRequest& request, Function& function);
    void message(UserId user, std::string_view text);
    void run_due(TimeNs now_ns);
    // Calls that are over, and of which the host was not told yet.
    [[nodiscard]] bool has_news() const { return !news_.empty(); }
    // Looks at the heap: while it is too large, calls fail.
    void check_heap();

    [[nodiscard]] bool truth() const { return last_.truth; }
    [[nodiscard]] const std::string& connect_params() const { return last_.params_json; }

    // From within scripts: call number `serial` of the user is over, or has been for long. A failure's
    // value is what was thrown.
    void end(UserId user, std::uint32_t serial, Ending ending, JS::HandleValue value);

  private:
    // What a call has come to.
    struct Outcome {
        CallState state = CallState::done;
        bool truth = false;
        std::string error{};
        std::string params_json{};
    };
    struct News {
        UserId user = kNobody;
        std::uint32_t serial = 0;
        Outcome outcome;
    };

    [[nodiscard]] bool invoke(UserId user, const Function& function, JS::MutableHandleValue result);
    [[nodiscard]] bool follow(UserId user, JS::HandleObject promise);
    [[nodiscard]] Outcome outcome_of(const User& user, Ending ending, JS::HandleValue value);
    [[nodiscard]] std::string message_of(JS::HandleValue error);
    [[nodiscard]] Outcome take_failure();
    void settle(UserId user, Outcome outcome);

    // A handler or a timer of a user, as a whole piece of work.
    void run_handler(UserId user, JS::HandleObject function, const JS::HandleValueArray& args);
    void run_jobs();
    void sweep_rejections(UserId owner);
    void fault(UserId user, Outcome outcome);
    void tell_news();

    Core& core_;
    Outcome last_;
    std::vector<News> news_;
    std::set<std::string> told_;  // errors whose places the log has
    std::uint32_t calls_ = 0;
    bool telling_ = false;
    bool heap_full_ = false;
};

}  // namespace wsblast::js
