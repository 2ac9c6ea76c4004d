#include "app/target_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/exit_status.hpp"
#include "app/serve_command.hpp"
#include "host/cpus.hpp"
#include "text/format.hpp"

namespace wsblast::app {

namespace {

// How many of the usable CPUs the target gets.
std::size_t target_share(std::size_t usable) {
    return std::max<std::size_t>(1, usable / 2);
}

bool speaks_tls(const plan::RunOptions& options) {
    return options.tls.check == crypto::PeerCheck::none;
}

// The child: serves on its own CPUs until it is told to stop, or its parent dies.
[[noreturn]] void serve(const plan::RunOptions& options, std::span<const std::uint32_t> cpus,
                        int ready_fd) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    setpgid(0, 0);  // Ctrl-C is for the generator, which then ends its target
    plan::ServeOptions serve_options;
    serve_options.hosts = {"127.0.0.1"};
    serve_options.port = 0;
    serve_options.tls.on = speaks_tls(options);
    if (options.message.deflate) serve_options.message.deflate = plan::kUsualDeflateAnswer;
    serve_options.message.size_max = std::max(serve_options.message.size_max, options.message.size_max);
    serve_options.connections_max =
        std::max(serve_options.connections_max, options.connections + options.listeners);
    ExitStatus status = ExitStatus::impossible;
    if (const auto bound = host::restrict_to_cpus(cpus); bound)
        status = run_server(serve_options, ready_fd);
    _exit(to_int(status));
}

// The port that the child writes when it listens; empty when it ended instead.
std::string read_all(int fd) {
    std::string text;
    std::array<char, 64> part{};
    for (;;) {
        const ssize_t size = read(fd, part.data(), part.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return text;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
}

}  // namespace

Result<TargetProcess> TargetProcess::start(const plan::RunOptions& options) {
    std::vector<std::uint32_t> cpus = host::usable_cpus();
    const std::size_t for_target = target_share(cpus.size());
    const std::span<const std::uint32_t> target_cpus = std::span(cpus).last(for_target);
    const auto left = static_cast<std::uint32_t>(std::max<std::size_t>(1, cpus.size() - for_target));
    std::array<int, 2> ready{};
    if (pipe(ready.data()) < 0)
        return environment_error(text::format("--with-target: pipe: {}", std::strerror(errno)));
    const pid_t child = fork();
    if (child < 0) return environment_error(text::format("--with-target: fork: {}", std::strerror(errno)));
    if (child == 0) {
        close(ready[0]);
        serve(options, target_cpus, ready[1]);
    }
    close(ready[1]);
    const std::string port = read_all(ready[0]);
    close(ready[0]);
    const std::uint32_t cores = options.cores == 0 ? left : std::min(options.cores, left);
    std::uint16_t number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    const char* const scheme = speaks_tls(options) ? "wss" : "ws";
    TargetProcess process(
        child, text::format("{}://127.0.0.1:{}{}", scheme, number, options.default_path()), cores);
    if (number == 0) return environment_error("--with-target: the built-in target could not start");
    return process;
}

TargetProcess::~TargetProcess() {
    if (pid_ == 0) return;
    kill(pid_, SIGTERM);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace wsblast::app
