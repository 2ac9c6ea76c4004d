// Stops scripts that run for too long or eat too much: a thread of its own looks every few milliseconds
// whether the same piece of work is still running, and if so has SpiderMonkey call the machine back from
// within the script. A piece that ends in time costs two plain stores. What counts is the CPU time of the
// machine's thread: a script is not stopped because others have the core.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include <js/TypeDecls.h>
#include <pthread.h>

#include "base/units.hpp"

namespace wsblast::js {

class Watchdog {
  public:
    // `timeout_ns` of a piece; 0: none. The context outlives it. Called by the machine's thread.
    Watchdog(JSContext* cx, TimeNs timeout_ns);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    // --- the machine's thread ---

    // A piece of work begins and ends. Not nested.
    void begin() { piece_.store(++number_, std::memory_order_release); }
    void end() { piece_.store(++number_, std::memory_order_release); }
    // The piece that runs now has used up its time. Asked by SpiderMonkey's interrupt callback.
    [[nodiscard]] bool overdue() const { return overdue_.load(std::memory_order_acquire) == number_; }

    // A piece of work, as a scope.
    class Piece {
      public:
        explicit Piece(Watchdog& dog) : dog_(dog) { dog_.begin(); }
        ~Piece() { dog_.end(); }
        Piece(const Piece&) = delete;
        Piece& operator=(const Piece&) = delete;

      private:
        Watchdog& dog_;
    };

  private:
    void watch();

    JSContext* cx_;
    TimeNs timeout_ns_;
    pthread_t machine_;                       // its thread
    std::uint64_t number_ = 0;                // odd: a piece runs
    std::atomic<std::uint64_t> piece_ = 0;    // the same, for the watching thread
    std::atomic<std::uint64_t> overdue_ = 0;  // the last piece that is to end
    std::mutex mutex_;
    std::condition_variable wake_;
    bool ends_ = false;
    std::thread thread_;  // last: it uses what stands above
};

}  // namespace wsblast::js
