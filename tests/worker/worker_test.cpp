#include "worker/worker.hpp"

#include <chrono>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::worker;
using transport::CloseEvent;
using transport::ConnectionId;
using transport::PollWait;

namespace {

// A transport that has nothing to report: poll() blocks until somebody wakes it.
class SleepyTransport {
  public:
    explicit SleepyTransport(int& alive) : alive_(alive) { ++alive_; }
    ~SleepyTransport() { --alive_; }

    template <class Handler>
    void poll(Handler& handler, const PollWait&) {
        woken_.acquire();
        handler.on_burst_end(monotonic_now());
    }
    void wake() { woken_.release(); }

  private:
    std::counting_semaphore<> woken_{0};
    int& alive_;
};

// Finished after a number of bursts. Writes down the thread that it runs in.
class CountingApp {
  public:
    explicit CountingApp(int bursts) : left_(bursts) {}

    PollWait tick(TimeNs now_ns) {
        ++ticks;
        thread = std::this_thread::get_id();
        return {now_ns, kNever, 0};
    }
    [[nodiscard]] bool finished() const { return left_ == 0; }
    void on_open(ConnectionId, TimeNs) {}
    void on_bytes(ConnectionId, ByteView, transport::Arrival) {}
    void on_room(ConnectionId) {}
    void on_close(ConnectionId, CloseEvent, TimeNs) {}
    void on_burst_end(TimeNs) { --left_; }

    std::atomic<int> ticks{0};
    std::thread::id thread;

  private:
    int left_;
};

using TestWorker = Worker<SleepyTransport, CountingApp>;

struct Made {
    int transports_alive = 0;
    std::thread::id transport_thread;
    std::thread::id app_thread;
};

TestWorker::Parts parts_of(Made& made, int bursts) {
    TestWorker::Parts parts;
    parts.open_transport = [&made]() -> Result<std::unique_ptr<SleepyTransport>> {
        made.transport_thread = std::this_thread::get_id();
        return std::make_unique<SleepyTransport>(made.transports_alive);
    };
    parts.make_app = [&made, bursts](SleepyTransport&) -> Result<std::unique_ptr<CountingApp>> {
        made.app_thread = std::this_thread::get_id();
        return std::make_unique<CountingApp>(bursts);
    };
    return parts;
}

void wait_until_ended(const TestWorker& worker) {
    while (!worker.ended()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

TEST_CASE("worker: it makes its parts and runs them in its own thread", "[worker]") {
    Made made;
    {
        TestWorker worker(parts_of(made, 1));
        REQUIRE(worker.wait_ready().ok());
        CHECK(made.transport_thread != std::this_thread::get_id());
        CHECK(made.transport_thread == made.app_thread);
        CHECK(worker.tid() != gettid());
        worker.go();
        worker.wake();
        worker.join();
        CHECK(worker.ended());
        CHECK(worker.app().thread == made.app_thread);
        CHECK(made.transports_alive == 1);
    }
    CHECK(made.transports_alive == 0);
}

TEST_CASE("worker: nothing is ticked before it is let go", "[worker]") {
    Made made;
    TestWorker worker(parts_of(made, 1));
    REQUIRE(worker.wait_ready().ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(worker.app().ticks == 0);
    CHECK_FALSE(worker.ended());
    worker.go();
    worker.wake();
    worker.join();
    CHECK(worker.app().ticks >= 1);
}

TEST_CASE("worker: each wake lets one blocked poll return", "[worker]") {
    constexpr int kBursts = 5;
    Made made;
    TestWorker worker(parts_of(made, kBursts));
    REQUIRE(worker.wait_ready().ok());
    worker.go();
    for (int i = 0; i < kBursts - 1; ++i) worker.wake();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK_FALSE(worker.ended());
    worker.wake();
    wait_until_ended(worker);
    CHECK(worker.app().ticks >= kBursts);
}

TEST_CASE("worker: an app that is finished from the start never polls", "[worker]") {
    Made made;
    TestWorker worker(parts_of(made, 0));
    REQUIRE(worker.wait_ready().ok());
    worker.go();
    wait_until_ended(worker);
    CHECK(worker.app().ticks <= 1);
}

TEST_CASE("worker: a part that cannot be made is an error, and nothing runs", "[worker]") {
    Made made;
    TestWorker::Parts parts = parts_of(made, 1);
    SECTION("the transport") {
        parts.open_transport = []() -> Result<std::unique_ptr<SleepyTransport>> {
            return environment_error("no ring");
        };
        parts.make_app = [](SleepyTransport&) -> Result<std::unique_ptr<CountingApp>> {
            return environment_error("must not be called");
        };
        TestWorker worker(std::move(parts));
        const auto ready = worker.wait_ready();
        REQUIRE_FALSE(ready.ok());
        CHECK(ready.error().what == "no ring");
    }
    SECTION("the app") {
        parts.make_app = [](SleepyTransport&) -> Result<std::unique_ptr<CountingApp>> {
            return environment_error("no memory");
        };
        TestWorker worker(std::move(parts));
        const auto ready = worker.wait_ready();
        REQUIRE_FALSE(ready.ok());
        CHECK(ready.error().what == "no memory");
    }
    SECTION("the CPU") {
        parts.cpu = 1'000'000;
        TestWorker worker(std::move(parts));
        CHECK_FALSE(worker.wait_ready().ok());
    }
    CHECK(made.transports_alive == 0);
}

TEST_CASE("worker: one that is abandoned before it goes ends without a tick", "[worker]") {
    Made made;
    {
        TestWorker worker(parts_of(made, 1));
        REQUIRE(worker.wait_ready().ok());
        CHECK(made.transports_alive == 1);
    }
    CHECK(made.transports_alive == 0);
}

TEST_CASE("worker: it is pinned to its CPU", "[worker]") {
    const std::uint32_t cpu = host::usable_cpus().front();
    Made made;
    TestWorker::Parts parts = parts_of(made, 1);
    cpu_set_t pinned;
    CPU_ZERO(&pinned);
    parts.make_app = [&](SleepyTransport&) -> Result<std::unique_ptr<CountingApp>> {
        sched_getaffinity(0, sizeof pinned, &pinned);
        return std::make_unique<CountingApp>(0);
    };
    parts.cpu = cpu;
    TestWorker worker(std::move(parts));
    REQUIRE(worker.wait_ready().ok());
    CHECK(CPU_COUNT(&pinned) == 1);
    CHECK(CPU_ISSET(cpu, &pinned));
    CHECK(worker.cpu() == cpu);
}

TEST_CASE("worker: its CPU time is known while it runs and after it has ended", "[worker]") {
    Made made;
    TestWorker worker(parts_of(made, 1));
    REQUIRE(worker.wait_ready().ok());
    CHECK(worker.cpu_time_ns() > 0);
    worker.go();
    worker.wake();
    wait_until_ended(worker);
    const TimeNs at_end_ns = worker.cpu_time_ns();
    CHECK(at_end_ns > 0);
    worker.join();
    CHECK(worker.cpu_time_ns() == at_end_ns);
}
