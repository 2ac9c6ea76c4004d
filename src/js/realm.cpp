#include "js/realm.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <thread>

#include <js/Context.h>
#include <js/GCAPI.h>
#include <js/GlobalObject.h>
#include <js/Initialization.h>
#include <js/PropertyAndElement.h>
#include <js/Realm.h>
#include <js/Stack.h>
#include <sched.h>

#include "base/limits.hpp"

namespace wsblast::js {

namespace {

constexpr JSClass kGlobalClass = {"global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps};

// SpiderMonkey has one context a thread, and ends the process where there are two.
thread_local bool thread_has_realm = false;

// Once a process; ended before the library's own globals are. Where a thread still has a realm then, the
// process ends as it is.
class Process {
  public:
    Process() {
        std::thread([this] { start(); }).join();
    }
    ~Process() {
        if (started_ && realms == 0) JS_ShutDown();
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    [[nodiscard]] bool started() const { return started_; }

    std::atomic<std::uint32_t> realms = 0;

  private:
    void start();

    bool started_ = false;
};

// SpiderMonkey's helper threads (which compile, mark and sweep) come with the first context, and run where
// the thread that makes it may: on any CPU, not on the one that a worker is pinned to.
void Process::start() {
    cpu_set_t all;
    std::memset(&all, 0xff, sizeof all);
    sched_setaffinity(0, sizeof all, &all);
    started_ = JS_Init();
    JSContext* first = started_ ? JS_NewContext(JS::DefaultHeapMaxBytes) : nullptr;
    if (first != nullptr) JS_DestroyContext(first);
}

Process& process() {
    static Process once;
    return once;
}

// Of a property of SpiderMonkey's account of its memory.
std::size_t bytes_of(JSContext* cx, JS::HandleObject account, const char* name) {
    JS::RootedValue bytes(cx);
    if (!JS_GetProperty(cx, account, name, &bytes) || !bytes.isNumber()) {
        JS_ClearPendingException(cx);
        return 0;
    }
    return static_cast<std::size_t>(bytes.toNumber());
}

}  // namespace

Result<std::unique_ptr<Realm>> Realm::make(std::size_t heap_bytes_max) {
    if (thread_has_realm) return environment_error("a thread has one JavaScript machine at a time");
    if (!process().started()) return environment_error("SpiderMonkey does not start on this machine");
    const std::size_t bytes = heap_bytes_max == 0 ? limits::kScriptHeapBytes : heap_bytes_max;
    const std::size_t most = std::numeric_limits<std::uint32_t>::max();
    JSContext* cx = JS_NewContext(static_cast<std::uint32_t>(std::min(bytes, most)));
    if (cx == nullptr) return environment_error("there is no memory for a JavaScript machine");
    thread_has_realm = true;
    ++process().realms;
    std::unique_ptr<Realm> realm(new Realm(cx, bytes));
    if (!realm->open()) return environment_error("there is no memory for a JavaScript machine's globals");
    return realm;
}

void Realm::set_limits() {
    JS_SetNativeStackQuota(cx_, limits::kScriptStackBytes);
    JS_SetGCParameter(cx_, JSGC_MAX_NURSERY_BYTES, limits::kScriptNurseryBytes);
    JS_SetGCParameter(cx_, JSGC_INCREMENTAL_GC_ENABLED, 1);
    JS_SetGCParameter(cx_, JSGC_PER_ZONE_GC_ENABLED, 1);
    JS_SetGCParameter(cx_, JSGC_SLICE_TIME_BUDGET_MS, limits::kScriptSliceMs);
    JS_SetGCParameter(cx_, JSGC_COMPACTING_ENABLED, 0);
}

bool Realm::open() {
    set_limits();
    if (!JS::InitSelfHostedCode(cx_)) return false;
    JS::RealmOptions options;
    JS::RootedObject global(
        cx_, JS_NewGlobalObject(cx_, &kGlobalClass, nullptr, JS::FireOnNewGlobalHook, options));
    if (global == nullptr) return false;
    global_ = std::make_unique<JS::PersistentRootedObject>(cx_, global);
    JS::EnterRealm(cx_, global);  // for good
    JS::RootedObject info(cx_, ::js::gc::NewMemoryInfoObject(cx_));
    memory_info_ = std::make_unique<JS::PersistentRootedObject>(cx_, info);
    return info != nullptr && JS::InitRealmStandardClasses(cx_);
}

Realm::~Realm() {
    if (global_ != nullptr) JS::LeaveRealm(cx_, nullptr);
    memory_info_.reset();
    global_.reset();
    JS_DestroyContext(cx_);
    thread_has_realm = false;
    --process().realms;
}

std::size_t Realm::heap_bytes() const {
    JS::RootedValue zone(cx_);
    if (!JS_GetProperty(cx_, *memory_info_, "zone", &zone) || !zone.isObject()) {
        JS_ClearPendingException(cx_);
        return 0;
    }
    JS::RootedObject account(cx_, &zone.toObject());
    return bytes_of(cx_, account, "gcBytes") + bytes_of(cx_, account, "mallocBytes");
}

bool Realm::needs_collection() const {
    return wanted_ || heap_bytes() > collected_bytes_ + collected_bytes_ / 2 + limits::kScriptGarbageBytes;
}

void Realm::collect_some() {
    const ::js::SliceBudget budget{::js::TimeBudget(limits::kScriptSliceMs)};
    if (JS::IsIncrementalGCInProgress(cx_)) {
        JS::IncrementalGCSlice(cx_, JS::GCReason::API, budget);
    } else if (!collecting_ && needs_collection()) {
        collecting_ = true;
        wanted_ = false;
        JS::PrepareForFullGC(cx_);
        JS::StartIncrementalGC(cx_, JS::GCOptions::Normal, JS::GCReason::API, budget);
    } else {
        JS::RunIdleTimeGCTask(JS_GetRuntime(cx_));
    }
    if (collecting_ && !JS::IsIncrementalGCInProgress(cx_)) {
        collecting_ = false;
        collected_bytes_ = heap_bytes();
    }
}

void Realm::collect_all() {
    JS::PrepareForFullGC(cx_);
    JS::NonIncrementalGC(cx_, JS::GCOptions::Normal, JS::GCReason::API);
    collected_bytes_ = heap_bytes();
}

}  // namespace wsblast::js
