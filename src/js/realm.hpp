// SpiderMonkey itself: a context with one realm (a global object), its limits, and its collector.
#pragma once

#include <cstdint>
#include <memory>

#include <jsapi.h>

#include "base/result.hpp"

namespace wsblast::js {

class Realm {
  public:
    // One at a time a thread, which alone uses it. Environment error: no memory, or there is one already.
    [[nodiscard]] static Result<std::unique_ptr<Realm>> make(std::size_t heap_bytes_max);
    ~Realm();
    Realm(const Realm&) = delete;
    Realm& operator=(const Realm&) = delete;

    [[nodiscard]] JSContext* cx() const { return cx_; }
    [[nodiscard]] JS::HandleObject global() const { return *global_; }

    // What scripts keep: objects, and what they have allocated beside them. 1 us.
    [[nodiscard]] std::size_t heap_bytes() const;
    [[nodiscard]] std::size_t heap_bytes_max() const { return heap_bytes_max_; }
    // A slice of limits::kScriptSliceMs, where there is something to do.
    void collect_some();
    // The next collect_some() begins a collection, however small the heap has become.
    void want_collection() { wanted_ = true; }
    // All at once: tens of milliseconds.
    void collect_all();

  private:
    Realm(JSContext* cx, std::size_t heap_bytes_max) : cx_(cx), heap_bytes_max_(heap_bytes_max) {}
    [[nodiscard]] bool open();
    void set_limits();
    [[nodiscard]] bool needs_collection() const;

    JSContext* cx_;
    std::size_t heap_bytes_max_;
    std::unique_ptr<JS::PersistentRootedObject> global_;
    std::unique_ptr<JS::PersistentRootedObject> memory_info_;
    std::size_t collected_bytes_ = 0;  // the heap after the last collection of collect_some()
    bool collecting_ = false;          // one of collect_some()'s
    bool wanted_ = false;
};

}  // namespace wsblast::js
