#include "js/jobs.hpp"

#include <cstdint>
#include <vector>

#include <js/CallAndConstruct.h>
#include <js/ErrorReport.h>
#include <js/GCVector.h>
#include <js/GlobalObject.h>
#include <js/Promise.h>
#include <jsapi.h>

namespace wsblast::js {

// What SpiderMonkey puts its jobs into.
class Jobs::Queue final : public JS::JobQueue {
  public:
    Queue(JSContext* cx, UserId& current) : cx_(cx), current_(current), jobs_(cx), unhandled_(cx) {
        JS::SetJobQueue(cx, this);
        JS::SetPromiseRejectionTrackerCallback(cx, track, this);
    }
    ~Queue() override {
        JS::SetJobQueue(cx_, nullptr);
        JS::SetPromiseRejectionTrackerCallback(cx_, nullptr);
    }
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    [[nodiscard]] bool run();
    void clear();
    [[nodiscard]] bool empty() const override { return next_ == users_.size(); }
    [[nodiscard]] JSObject* take_unhandled() { return unhandled_.empty() ? nullptr : unhandled_.popCopy(); }

  private:
    JSObject* getIncumbentGlobal(JSContext* cx) override { return JS::CurrentGlobalOrNull(cx); }
    bool enqueuePromiseJob(JSContext* cx, JS::HandleObject promise, JS::HandleObject job,
                           JS::HandleObject site, JS::HandleObject global) override;
    // Only SpiderMonkey's debugger asks for these two, and there is none.
    void runJobs(JSContext*) override {}
    ::js::UniquePtr<SavedJobQueue> saveJobQueue(JSContext* cx) override;
    static void track(JSContext* cx, bool muted, JS::HandleObject promise,
                      JS::PromiseRejectionHandlingState state, void* self);

    using Objects = JS::GCVector<JSObject*, 0, ::js::SystemAllocPolicy>;

    JSContext* cx_;
    UserId& current_;
    JS::PersistentRooted<Objects> jobs_;
    std::vector<UserId> users_;  // of each job
    std::size_t next_ = 0;       // the first one that was not run
    JS::PersistentRooted<Objects> unhandled_;
};

bool Jobs::Queue::run() {
    while (next_ < users_.size()) {
        JS::RootedObject job(cx_, jobs_[next_]);
        jobs_.get()[next_] = nullptr;
        current_ = users_[next_++];
        JS::RootedValue ignored(cx_);
        if (!JS::Call(cx_, JS::UndefinedHandleValue, job, JS::HandleValueArray::empty(), &ignored)) {
            return false;
        }
    }
    clear();
    return true;
}

void Jobs::Queue::clear() {
    jobs_.clear();
    users_.clear();
    next_ = 0;
}

bool Jobs::Queue::enqueuePromiseJob(JSContext* cx, JS::HandleObject, JS::HandleObject job, JS::HandleObject,
                                    JS::HandleObject) {
    if (!jobs_.append(job)) {
        JS_ReportOutOfMemory(cx);
        return false;
    }
    users_.push_back(current_);
    return true;
}

::js::UniquePtr<JS::JobQueue::SavedJobQueue> Jobs::Queue::saveJobQueue(JSContext* cx) {
    JS_ReportErrorASCII(cx, "no debugger is supported");
    return nullptr;
}

void Jobs::Queue::track(JSContext*, bool, JS::HandleObject promise, JS::PromiseRejectionHandlingState state,
                        void* self) {
    Objects& unhandled = static_cast<Queue*>(self)->unhandled_.get();
    if (state == JS::PromiseRejectionHandlingState::Unhandled) {
        static_cast<void>(unhandled.append(promise));  // no memory: one error less is told
        return;
    }
    for (std::size_t i = 0; i < unhandled.length(); ++i) {
        if (unhandled[i] != promise) continue;
        unhandled.erase(&unhandled[i]);
        return;
    }
}

Jobs::Jobs(JSContext* cx, UserId& current) : queue_(std::make_unique<Queue>(cx, current)) {}
Jobs::~Jobs() = default;

bool Jobs::run() {
    return queue_->run();
}
void Jobs::clear() {
    queue_->clear();
}
bool Jobs::empty() const {
    return queue_->empty();
}
JSObject* Jobs::take_unhandled() {
    return queue_->take_unhandled();
}

}  // namespace wsblast::js
