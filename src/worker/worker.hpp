// One pinned thread of the engine: it owns its transport and what runs on it, and ticks until that is
// finished.
//
//     tick: do what is due -> submit -> wait for completions or the next due time -> act on them
//
// Workers share nothing on the hot path. Control (start, wake, join) belongs to the thread that made the
// worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <unistd.h>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "host/cpus.hpp"
#include "host/resources.hpp"
#include "transport/transport.hpp"

namespace wsblast::worker {

// What runs on a transport: a TransportHandler that is also asked, once a tick, to do what is due.
template <class A>
concept App = transport::TransportHandler<A> && requires(A app, const A constant, TimeNs now_ns) {
    { app.tick(now_ns) } -> std::same_as<transport::PollWait>;
    { constant.finished() } -> std::same_as<bool>;
};

// An app may have leave_thread(): the worker's thread calls it when the app has finished.

// How a worker makes its parts, in its own thread: a ring belongs to the thread that made it.
template <class Transport, class AppType>
struct WorkerParts {
    std::function<Result<std::unique_ptr<Transport>>()> open_transport;
    std::function<Result<std::unique_ptr<AppType>>(Transport&)> make_app;
    std::optional<std::uint32_t> cpu;  // to be pinned to
};

template <class Transport, App AppType>
class Worker {
  public:
    using Parts = WorkerParts<Transport, AppType>;

    // Starts the thread, which makes its parts and then waits for go().
    explicit Worker(Parts parts) : parts_(std::move(parts)), thread_([this] { main(); }) {}

    // Joins. A worker that never went is let go first, and ends at once.
    ~Worker() {
        if (!thread_.joinable()) return;
        abandoned_.store(true, std::memory_order_relaxed);
        go();
        thread_.join();
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Blocks until the parts are made, or says why they could not be.
    [[nodiscard]] Result<void> wait_ready() {
        state_.wait(State::starting, std::memory_order_acquire);
        if (state_.load(std::memory_order_acquire) == State::failed) return *failure_;
        return {};
    }

    void go() {
        gone_.store(true, std::memory_order_release);
        gone_.notify_one();
    }

    // Its poll returns soon. Any thread, after wait_ready() and before the worker is destroyed.
    void wake() const { transport_->wake(); }

    [[nodiscard]] bool ended() const { return state_.load(std::memory_order_acquire) == State::ended; }
    void join() { thread_.join(); }

    // Valid after wait_ready(). The transport's counters may be read exactly once the worker has ended.
    [[nodiscard]] pid_t tid() const { return tid_; }
    [[nodiscard]] std::optional<std::uint32_t> cpu() const { return parts_.cpu; }
    [[nodiscard]] TimeNs cpu_time_ns() {
        return ended() ? cpu_time_at_end_ns_ : thread_cpu_of(thread_.native_handle());
    }
    // How it was scheduled; empty where the kernel does not tell.
    [[nodiscard]] std::optional<host::ThreadSchedule> schedule() const {
        return ended() ? schedule_at_end_ : host::thread_schedule(tid_);
    }
    // How often it lost its CPU to another thread; 0 before it has ended.
    [[nodiscard]] std::uint64_t involuntary_switches() const { return ended() ? involuntary_switches_ : 0; }
    [[nodiscard]] const Transport& transport() const { return *transport_; }
    [[nodiscard]] AppType& app() { return *app_; }

  private:
    enum class State : std::uint8_t { starting, failed, ready, ended };

    void main() {
        tid_ = gettid();
        if (const auto made = make_parts(); !made) {
            failure_ = made.error();
            return enter(State::failed);
        }
        enter(State::ready);
        gone_.wait(false, std::memory_order_acquire);
        if (!abandoned_.load(std::memory_order_relaxed)) run();
        // What belongs to this thread ends in it.
        if constexpr (requires { app_->leave_thread(); }) app_->leave_thread();
        cpu_time_at_end_ns_ = thread_cpu_now();
        schedule_at_end_ = host::thread_schedule(tid_);
        involuntary_switches_ = host::involuntary_switches();
        enter(State::ended);
    }

    [[nodiscard]] Result<void> make_parts() {
        if (parts_.cpu) {
            if (const auto pinned = host::pin_thread(*parts_.cpu); !pinned) return pinned.error();
        }
        host::ask_for_short_turns(limits::kTurnNs);
        auto transport = parts_.open_transport();
        if (!transport) return transport.error();
        transport_ = std::move(*transport);
        auto app = parts_.make_app(*transport_);
        if (!app) return app.error();
        app_ = std::move(*app);
        return {};
    }

    void run() {
        for (;;) {
            const transport::PollWait wait = app_->tick(monotonic_now());
            if (app_->finished()) return;  // a poll might never return: nothing is left that could wake it
            transport_->poll(*app_, wait);
        }
    }

    void enter(State state) {
        state_.store(state, std::memory_order_release);
        state_.notify_all();
    }

    // Constant once ready.
    Parts parts_;
    std::unique_ptr<Transport> transport_;
    std::unique_ptr<AppType> app_;
    std::optional<Error> failure_;
    pid_t tid_ = 0;
    // Between the threads.
    std::atomic<State> state_{State::starting};
    std::atomic<bool> gone_{false};
    std::atomic<bool> abandoned_{false};
    // Written before `ended`.
    TimeNs cpu_time_at_end_ns_ = 0;
    std::optional<host::ThreadSchedule> schedule_at_end_;
    std::uint64_t involuntary_switches_ = 0;
    std::thread thread_;
};

}  // namespace wsblast::worker
