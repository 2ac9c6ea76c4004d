#include "app/serve_command.hpp"

#include <cstdio>
#include <memory>
#include <string>

#include <signal.h>
#include <unistd.h>

#include "app/fault_values.hpp"
#include "base/prng.hpp"
#include "host/cpus.hpp"
#include "host/interrupts.hpp"
#include "target/server.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

void print(const std::string& what) {
    std::fputs(text::format("wsblast: {}\n", what).c_str(), stderr);
}

// Holds SIGINT and SIGTERM back, for this thread and those that it starts meanwhile, but while it waits for
// them: so a signal is never missed between a look and the wait.
class HeldSignals {
  public:
    HeldSignals() {
        host::watch_interrupts();
        sigset_t held;
        sigemptyset(&held);
        sigaddset(&held, SIGINT);
        sigaddset(&held, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &held, &before_);
    }
    ~HeldSignals() { release(); }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    void wait_for_stop() const {
        while (!host::stop_requested()) sigsuspend(&before_);
    }
    void release() const { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

// `announce(server)` tells that it listens.
template <class Announce>
ExitStatus serve(const plan::ServeOptions& options, Announce&& announce) {
    const HeldSignals signals;
    auto server = target::Server::start(options, host::usable_cpus());
    if (!server) {
        print(server.error().what);
        return status_of(server.error().fault);
    }
    announce(**server);
    signals.wait_for_stop();
    signals.release();  // a second signal ends the process at once
    (*server)->stop();
    return ExitStatus::ok;
}

}  // namespace

ExitStatus serve_command(plan::ServeOptions options) {
    plan::FaultPlan& faults = options.faults;
    faults.seed = options.seed ? *options.seed : random_seed();
    return serve(options, [&faults](const target::Server& server) {
        for (const std::string& warning : server.warnings()) print(warning);
        const std::string wrong = faults.any() ? "; faults: " + to_options_text(faults) : "";
        print("listening on " + server.description() + wrong);
    });
}

ExitStatus run_server(const plan::ServeOptions& options, int ready_fd) {
    return serve(options, [ready_fd](const target::Server& server) {
        const std::string port = std::to_string(server.port());
        if (write(ready_fd, port.data(), port.size()) < 0) print("the parent process is gone");
        close(ready_fd);
    });
}

}  // namespace wsblast::app
