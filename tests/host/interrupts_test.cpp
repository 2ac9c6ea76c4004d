#include "host/interrupts.hpp"

#include <chrono>
#include <thread>

#include <catch2/catch.hpp>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wsblast::host {

namespace {

constexpr int kSurvived = 7;

// A negative one after a pause.
void raise_later(int signal) {
    if (signal < 0) std::this_thread::sleep_for(std::chrono::milliseconds(300));
    raise(signal < 0 ? -signal : signal);
}

// The wait status of a child that watches, gets these signals in order, and exits with kSurvived.
template <class... Signals>
int status_after(Signals... signals) {
    const pid_t child = fork();
    if (child == 0) {
        watch_interrupts();
        (raise_later(signals), ...);
        _exit(kSurvived);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

}  // namespace

TEST_CASE("interrupts: the first signal is remembered by its kind", "[host][interrupts]") {
    watch_interrupts();
    CHECK_FALSE(stop_requested());
    CHECK(stop_signal() == StopSignal::none);

    raise(SIGINT);
    CHECK(stop_requested());
    CHECK(stop_signal() == StopSignal::interrupt);

    watch_interrupts();
    CHECK_FALSE(stop_requested());
    raise(SIGTERM);
    CHECK(stop_signal() == StopSignal::terminate);
}

TEST_CASE("interrupts: the first signal does not end the process, the second does with 130",
          "[host][interrupts]") {
    const int first = status_after(SIGINT);
    REQUIRE(WIFEXITED(first));
    CHECK(WEXITSTATUS(first) == kSurvived);

    const int second = status_after(SIGINT, -SIGTERM);
    REQUIRE(WIFEXITED(second));
    CHECK(WEXITSTATUS(second) == 130);
}

TEST_CASE("interrupts: two that come together are one request", "[host][interrupts]") {
    const int together = status_after(SIGINT, SIGINT, SIGTERM);
    REQUIRE(WIFEXITED(together));
    CHECK(WEXITSTATUS(together) == kSurvived);
}

TEST_CASE("interrupts: a closed pipe does not end the process", "[host][interrupts]") {
    const int status = status_after(SIGPIPE, SIGPIPE);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == kSurvived);
}

}  // namespace wsblast::host
