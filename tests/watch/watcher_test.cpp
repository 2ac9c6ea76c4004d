#include "watch/watcher.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/prctl.h>

#include "base/clock.hpp"
#include "tests/support/backends.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/sockets.hpp"

namespace wsblast::watch {

namespace {

using Catch::Contains;
using plan::WatchOptions;
using stats::BackendPresence;
using stats::BackendUse;
using test::ChildProcess;
using test::kPython;

constexpr std::uint32_t kLoopback = 0x7f000001;

void sleep_ms(int time_ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(time_ms));
}

std::uint16_t port_of(ChildProcess& server) {
    return static_cast<std::uint16_t>(std::stoi(server.line()));
}

Watcher opened(const WatchOptions& options, std::span<const Endpoint> targets = {}) {
    auto watcher = Watcher::open(options, targets);
    if (!watcher) FAIL(watcher.error().what);
    return std::move(*watcher);
}

std::string error_of(const WatchOptions& options) {
    const auto watcher = Watcher::open(options, {});
    REQUIRE_FALSE(watcher.ok());
    CHECK(watcher.error().fault == Fault::usage);
    return watcher.error().what;
}

// Reads until it is so, ten seconds at most.
BackendReading read_until(Watcher& watcher, const std::function<bool(const BackendReading&)>& reached) {
    const TimeNs end_ns = monotonic_now() + 10 * kSecond;
    for (;;) {
        BackendReading reading = watcher.read();
        if (reached(reading) || monotonic_now() >= end_ns) return reading;
        sleep_ms(20);
    }
}

void burn(const char* name, TimeNs cpu_ns) {
    prctl(PR_SET_NAME, name);
    const TimeNs end_ns = thread_cpu_now() + cpu_ns;
    while (thread_cpu_now() < end_ns) continue;
}

// Through which others say how many of them are done.
class Done {
  public:
    Done() { REQUIRE(pipe2(ends_, O_CLOEXEC) == 0); }
    ~Done() {
        for (const int end : ends_) close(end);
    }
    Done(const Done&) = delete;
    Done& operator=(const Done&) = delete;

    void say() const {
        if (write(ends_[1], "x", 1) != 1) abort();
    }
    void wait_for(int number) const {
        for (char byte = 0; number > 0; --number) REQUIRE(::read(ends_[0], &byte, 1) == 1);
    }

  private:
    int ends_[2]{};
};

void burn_and_stay(const char* name, TimeNs cpu_ns, const Done& done) {
    burn(name, cpu_ns);
    done.say();
    for (;;) pause();
}

// The kernel cuts user and system time down to a tick each, in the earlier reading and in the later one; a
// thread that still runs is behind by up to one more (proc_pid_stat(5)). What it does besides burning takes
// less than a tick.
double seconds_of(int ticks) {
    return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// A child of this process that runs a function when it is told to, and lives on.
class Worker {
  public:
    explicit Worker(const std::function<void()>& work) {
        REQUIRE(pipe2(go_, O_CLOEXEC) == 0);
        pid_ = fork();
        if (pid_ != 0) return;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        char byte = 0;
        if (read(go_[0], &byte, 1) == 1) work();
        for (;;) pause();
    }
    ~Worker() {
        end();
        for (const int end : go_) close(end);
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    void begin() { REQUIRE(write(go_[1], "x", 1) == 1); }
    void end() {
        if (pid_ == 0) return;
        kill(pid_, SIGKILL);
        waitpid(std::exchange(pid_, 0), nullptr, 0);
    }

  private:
    int go_[2]{};
    pid_t pid_ = 0;
};

// Only one that exists already.
bool write_file(const std::string& path, const std::string& content) {
    std::fstream file(path, std::ios::in | std::ios::out);
    file << content << std::flush;
    return file.good();
}

// A control group of the test's own with a fifth of a core, which it gets whoever else wants one, of either
// version; no path where none can be made.
struct Group {
    Group() {
        const std::string name = "/wsblast_watch_test_" + std::to_string(getpid());
        for (const std::string& root : {std::string("/sys/fs/cgroup/cpu"), std::string("/sys/fs/cgroup")}) {
            std::error_code failure;
            if (!std::filesystem::create_directory(root + name, failure)) continue;
            path = root + name;
            const bool goes_first =
                write_file(path + "/cpu.shares", "262144") || write_file(path + "/cpu.weight", "10000");
            if (goes_first && (write_file(path + "/cpu.cfs_quota_us", "20000") ||
                               write_file(path + "/cpu.max", "20000 100000"))) {
                return;
            }
            path.clear();
            std::filesystem::remove(root + name, failure);
        }
    }
    ~Group() {
        if (!path.empty()) rmdir(path.c_str());
    }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    std::string path;
};

}  // namespace

TEST_CASE("watcher: the CPU of a process and of its threads is what they burned", "[watch][watcher]") {
    const Done done;
    Worker worker([&done] {
        std::thread much([&] { burn_and_stay("much", 400 * kMillisecond, done); });
        std::thread little([&] { burn_and_stay("little", 100 * kMillisecond, done); });
        burn_and_stay("main", 200 * kMillisecond, done);
    });
    Watcher watcher = opened({.pid = worker.pid()});
    CHECK(watcher.pids() == std::vector<pid_t>{worker.pid()});
    const BackendReading before = watcher.read();
    worker.begin();
    done.wait_for(3);
    const BackendUse use = Watcher::between(before, watcher.read());
    REQUIRE(use.cpu().has_value());
    CHECK(*use.cpu() * use.seconds == Approx(0.7).margin(seconds_of(5)));
    REQUIRE(use.by_thread.size() == 3);
    constexpr std::pair<const char*, double> kBurned[] = {{"much", 0.4}, {"main", 0.2}, {"little", 0.1}};
    for (std::size_t i = 0; i < 3; ++i) {
        const stats::BackendThread& thread = use.by_thread[i];
        CHECK(thread.name == kBurned[i].first);
        const double burned_s = (thread.user + thread.system) * use.seconds;
        CHECK(burned_s == Approx(kBurned[i].second).margin(seconds_of(3)));
    }
}

TEST_CASE("watcher: whoever listens on the target's port is found and read", "[watch][watcher]") {
    ChildProcess server({kPython, "-c", test::kThreadedServer});
    const std::uint16_t port = port_of(server);
    const Endpoint target = make_ipv4(kLoopback, port);
    Watcher watcher = Watcher::find_local({&target, 1});
    CHECK(watcher.pids() == std::vector<pid_t>{server.pid()});
    CHECK_THAT(watcher.what(), Contains("python3") && Contains(std::to_string(server.pid())));
    const BackendReading before = watcher.read();
    constexpr std::size_t kConnections = 20;
    std::vector<test::Descriptor> connections;
    for (std::size_t i = 0; i < kConnections; ++i) connections.push_back(test::begin_connect(target));
    const std::uint64_t files = before.processes.at(0).files.value() + kConnections;
    const BackendReading after = read_until(watcher, [&](const BackendReading& reading) {
        return reading.processes.at(0).files == files &&
               reading.processes.at(0).threads.size() == kConnections + 1;
    });
    const BackendUse use = Watcher::between(before, after);
    REQUIRE(use.files.has_value());
    CHECK(use.files->open == files);
    CHECK(use.files->fullest_limit > 100);
    CHECK(use.threads == kConnections + 1);
    CHECK(use.rss_bytes > 5 * kMiB);
    CHECK(use.voluntary_switches_per_s > 0);
    CHECK(opened({.port = port}).pids() == std::vector<pid_t>{server.pid()});
}

TEST_CASE("watcher: several processes on one port are one backend", "[watch][watcher]") {
    ChildProcess first({kPython, "-c", test::kReusePort, "0"});
    const std::uint16_t port = port_of(first);
    ChildProcess second({kPython, "-c", test::kReusePort, std::to_string(port)});
    REQUIRE(port_of(second) == port);
    Watcher watcher = opened({.port = port});
    std::vector<pid_t> pids = watcher.pids();
    std::sort(pids.begin(), pids.end());
    CHECK(pids ==
          std::vector<pid_t>{std::min(first.pid(), second.pid()), std::max(first.pid(), second.pid())});
    CHECK_THAT(watcher.what(), Contains("and 1 other"));
    const BackendReading both = watcher.read();
    second.end();
    const BackendUse use = Watcher::between(both, watcher.read());
    CHECK(use.presence == BackendPresence::partly_gone);
    CHECK(use.processes == 1);
}

TEST_CASE("watcher: the workers of a node cluster belong to their master", "[watch][watcher]") {
    if (!test::has_program("node")) {
        WARN("node is not installed");
        return;
    }
    ChildProcess cluster({"node", "-e", test::kNodeCluster});
    Watcher watcher = opened({.port = port_of(cluster)});
    const BackendReading reading = watcher.read();
    CHECK(reading.processes.size() == 3);
    CHECK(watcher.pids().front() == cluster.pid());
    CHECK(Watcher::between(watcher.read(), watcher.read()).processes == 3);
}

TEST_CASE("watcher: children that are started later are found", "[watch][watcher]") {
    const Done done;
    Worker worker([&done] {
        const pid_t parent = getpid();
        if (fork() != 0) return;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(0);
        burn_and_stay("child", 200 * kMillisecond, done);
    });
    Watcher watcher = opened({.pid = worker.pid()});
    const BackendReading before = watcher.read();
    CHECK(before.processes.size() == 1);
    worker.begin();
    done.wait_for(1);
    const BackendReading after =
        read_until(watcher, [](const BackendReading& reading) { return reading.processes.size() == 2; });
    REQUIRE(after.processes.size() == 2);
    const BackendUse use = Watcher::between(before, after);
    CHECK(*use.cpu() * use.seconds == Approx(0.2).margin(seconds_of(5)));
}

TEST_CASE("watcher: a process that ends is said, and is no error", "[watch][watcher]") {
    Worker worker([] {});
    Watcher watcher = opened({.pid = worker.pid()});
    const BackendReading before = watcher.read();
    worker.end();
    const BackendReading after = watcher.read();
    CHECK(after.presence == BackendPresence::gone);
    CHECK(Watcher::between(before, after).presence == BackendPresence::gone);
    CHECK(watcher.pids().empty());
    CHECK_THAT(watcher.what(), Contains("ended"));
}

TEST_CASE("watcher: a target elsewhere, or nobody there, leaves nothing to watch and says why",
          "[watch][watcher]") {
    const Endpoint elsewhere = make_ipv4(0xc0000201, 80);  // 192.0.2.1, RFC 5737
    Watcher remote = Watcher::find_local({&elsewhere, 1});
    const BackendReading reading = remote.read();
    CHECK(reading.presence == BackendPresence::unwatched);
    CHECK_THAT(reading.why, Contains("not on this machine"));
    const BackendUse use = Watcher::between(reading, remote.read());
    CHECK(use.presence == BackendPresence::unwatched);
    CHECK_FALSE(use.cpu().has_value());

    const test::Descriptor bound = test::bound_socket(make_ipv4(kLoopback, 0));
    const Endpoint nobody = test::local_address(bound);
    CHECK_THAT(Watcher::find_local({&nobody, 1}).what(), Contains("nobody listens on port"));
}

TEST_CASE("watcher: a server within this process is not the backend", "[watch][watcher]") {
    const test::Descriptor listener = test::make_listener();
    const Endpoint own = test::local_address(listener);
    const Watcher watcher = Watcher::find_local({&own, 1});
    CHECK(watcher.pids().empty());
    CHECK_THAT(watcher.what(), Contains("this process itself"));
}

TEST_CASE("watcher: a control group's processes, its CPU and its quota are read", "[watch][watcher]") {
    const Group group;
    if (group.path.empty()) {
        WARN("no control group can be made here");
        return;
    }
    Worker worker([] { burn("burner", 60 * kSecond); });
    REQUIRE(write_file(group.path + "/cgroup.procs", std::to_string(worker.pid())));
    Watcher watcher = opened({.cgroup = group.path});
    CHECK(watcher.pids() == std::vector<pid_t>{worker.pid()});
    worker.begin();
    sleep_ms(200);
    const BackendReading before = watcher.read();
    sleep_ms(1'500);
    const BackendUse use = Watcher::between(before, watcher.read());
    REQUIRE(use.cgroup.has_value());
    CHECK(use.cgroup->cpu.value_or(0.2) < 0.28);  // v1 may count it elsewhere
    REQUIRE(use.cgroup->throttled.has_value());
    CHECK(*use.cgroup->throttled > 0.2);
    CHECK(*use.cpu() < 0.28);
    CHECK(*use.cpu() > 0.02);
    worker.end();
}

TEST_CASE("watcher: Prometheus's own library is understood, with a rate for counters", "[watch][watcher]") {
    ChildProcess server({kPython, "-c", test::kPrometheus});
    const std::uint16_t port = port_of(server);
    Watcher watcher =
        opened({.pid = server.pid(),
                .prometheus_url = "http://127.0.0.1:" + std::to_string(port) + "/metrics",
                .metrics = {"chat_messages_total", "chat_messages_total{room=\"b\\\"\\\\\\n\"}",
                            "chat_connections", "chat_delay_seconds_count", "chat_errors_total"}});
    REQUIRE(watcher.warnings().size() == 1);  // of no kind there has been an error yet
    CHECK_THAT(watcher.warnings().front(), Contains("chat_errors_total"));
    const BackendReading before = watcher.read();
    REQUIRE(before.scrape.has_value());
    const BackendReading after = read_until(watcher, [&](const BackendReading& reading) {
        return reading.scrape->gap.empty() && reading.scrape->at_ns > before.scrape->at_ns;
    });
    const BackendUse use = Watcher::between(before, after);
    REQUIRE(use.metrics.size() == 5);
    // A busy machine delays an answer: the rate is that of the values of the two.
    const double seconds = static_cast<double>(after.scrape->at_ns - before.scrape->at_ns) / kSecond;
    for (std::size_t i = 0; i < 2; ++i) {
        const double growth = *after.scrape->values[i].value - *before.scrape->values[i].value;
        CHECK(growth > 0);
        CHECK(*use.metrics[i].rate_per_s == Approx(growth / seconds));
    }
    CHECK(*use.metrics[0].rate_per_s == Approx(2 * *use.metrics[1].rate_per_s).epsilon(0.05));
    CHECK(use.metrics[2].value == 42.0);
    CHECK_FALSE(use.metrics[2].rate_per_s.has_value());
    CHECK(use.metrics[3].value == 1.0);
    CHECK(use.metrics[3].rate_per_s == 0.0);
    CHECK_FALSE(use.metrics[4].value.has_value());
}

TEST_CASE("watcher: without a metric, what the library tells of its process is taken", "[watch][watcher]") {
    ChildProcess server({kPython, "-c", test::kPrometheus});
    const Endpoint target = make_ipv4(kLoopback, port_of(server));
    Watcher watcher = opened({.prometheus_url = "http://" + to_text(target) + "/metrics"}, {&target, 1});
    CHECK(watcher.warnings().empty());
    const BackendReading reading = watcher.read();
    CHECK(reading.presence == BackendPresence::alive);  // found by the target's port
    REQUIRE(reading.scrape.has_value());
    REQUIRE(reading.scrape->values.size() == 3);
    CHECK(reading.scrape->values[0].kind == MetricKind::counter);
    const double rss = reading.scrape->values[1].value.value_or(0);
    CHECK(rss == Approx(static_cast<double>(reading.processes.at(0).rss_bytes.value())).epsilon(0.2));
    CHECK(reading.scrape->values[2].value > 2.0);
}

TEST_CASE("watcher: what cannot be watched is told with the remedy", "[watch][watcher]") {
    ChildProcess ended({"true"});
    const pid_t pid = ended.pid();
    ended.end();
    CHECK_THAT(error_of({.pid = pid}), Contains("--watch-pid " + std::to_string(pid)) && Contains("pgrep"));
    const test::Descriptor bound = test::bound_socket(make_ipv4(kLoopback, 0));
    CHECK_THAT(error_of({.port = test::local_address(bound).port()}),
               Contains("--watch-port") && Contains("nobody listens"));
    CHECK_THAT(error_of({.cgroup = "no/such.group"}),
               Contains("--watch-cgroup") && Contains("no/such.group"));
    CHECK_THAT(error_of({.pid = getppid(), .port = 80}), Contains("give one of them"));
    CHECK_THAT(error_of({.metrics = {"up"}}), Contains("--watch-prometheus URL"));
    CHECK_THAT(error_of({.prometheus_url = "http://127.0.0.1:1/", .metrics = {"a b"}}),
               Contains("--watch-metric") && Contains("'a b'"));
    CHECK_THAT(error_of({.prometheus_url = "http://127.0.0.1:1/"}), Contains("--watch-prometheus"));
}

}  // namespace wsblast::watch
