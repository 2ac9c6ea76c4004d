#include "host/process.hpp"

#include <algorithm>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"

namespace wsblast::host {

namespace {

// A process that waits, and is ended with this.
struct Child {
    Child() : pid(fork()) {
        if (pid == 0) {
            pause();
            _exit(0);
        }
    }
    ~Child() { end(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void end() {
        if (pid <= 0) return;
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        pid = 0;
    }

    pid_t pid;
};

// A thread that was joined is still in the lists of the kernel for a moment.
ProcessUse read_with_threads(std::size_t threads) {
    const TimeNs end_ns = monotonic_now() + 10 * kSecond;
    for (;;) {
        auto use = read_process(getpid());
        REQUIRE(use.has_value());
        if (use->threads.size() == threads || monotonic_now() >= end_ns) return std::move(*use);
    }
}

void burn(TimeNs cpu_ns) {
    const TimeNs end_ns = thread_cpu_now() + cpu_ns;
    while (thread_cpu_now() < end_ns) continue;
}

}  // namespace

TEST_CASE("process: the fields of a stat line are counted from behind the name", "[host][process]") {
    const auto line = parse_stat(
        "4711 (a (very) odd) name) S 1 4711 4711 0 -1 4194560 2301 9 1 0 123 45 7 8 20 0 3 0 987654 "
        "1241513984 203 18446744073709551615 1 1 0\n");
    REQUIRE(line.has_value());
    CHECK(line->name == "a (very) odd) name");
    CHECK(line->state == 'S');
    CHECK(line->user_ns == 1'230 * kMillisecond);
    CHECK(line->system_ns == 450 * kMillisecond);
    CHECK(line->start_ticks == 987'654);
    CHECK_FALSE(parse_stat("").has_value());
    CHECK_FALSE(parse_stat("4711 name").has_value());
    CHECK_FALSE(parse_stat("4711 (name)").has_value());
}

TEST_CASE("process: memory and switches are found in a status", "[host][process]") {
    const StatusLines status = parse_status(
        "Name:\tnode\nVmHWM:\t  90000 kB\nVmRSS:\t   81200 kB\nRssAnon:\t   40100 kB\n"
        "voluntary_ctxt_switches:\t1500\nnonvoluntary_ctxt_switches:\t27\n");
    CHECK(status.rss_bytes == 81'200U * kKiB);
    CHECK(status.anonymous_bytes == 40'100U * kKiB);
    CHECK(status.voluntary_switches == 1'500);
    CHECK(status.involuntary_switches == 27);
    CHECK_FALSE(parse_status("Name:\tkthreadd\n").rss_bytes.has_value());
}

TEST_CASE("process: the soft limit of files is the first of its line", "[host][process]") {
    constexpr const char* kHeading = "Limit                     Soft Limit           Hard Limit    Units\n";
    CHECK(parse_files_limit(std::string(kHeading) + "Max open files            1024    20000    files\n") ==
          1'024U);
    CHECK_FALSE(parse_files_limit(std::string(kHeading) +
                                  "Max open files            unlimited    unlimited    files\n"));
    CHECK_FALSE(parse_files_limit(kHeading).has_value());
}

TEST_CASE("process: children are listed with blanks between them", "[host][process]") {
    CHECK(parse_children("12 345 6789 ") == std::vector<pid_t>{12, 345, 6'789});
    CHECK(parse_children("12") == std::vector<pid_t>{12});
    CHECK(parse_children("").empty());
}

TEST_CASE("process: what this process burns is told, by thread", "[host][process]") {
    constexpr TimeNs kTicks = 30 * kMillisecond;  // clock ticks at both ends, and one of rounding
    const ProcessUse before = read_with_threads(1);
    pid_t burner = 0;
    std::optional<ProcessUse> after;
    std::thread thread([&] {
        burner = gettid();
        burn(300 * kMillisecond);
        after = read_process(getpid());
    });
    thread.join();
    REQUIRE(after.has_value());
    const auto found = std::find_if(after->threads.begin(), after->threads.end(),
                                    [&](const ThreadUse& use) { return use.tid == burner; });
    REQUIRE(found != after->threads.end());
    const TimeNs burned_ns = found->user_ns + found->system_ns;
    CHECK(burned_ns >= 300 * kMillisecond - kTicks);
    CHECK(burned_ns <= 300 * kMillisecond + kTicks);
    const TimeNs all_ns = after->user_ns + after->system_ns - before.user_ns - before.system_ns;
    CHECK(all_ns >= 300 * kMillisecond - kTicks);
    CHECK(before.threads.size() == 1);
    CHECK(after->threads.size() == 2);
}

TEST_CASE("process: descriptors are counted, and their limit is the soft one", "[host][process]") {
    const auto before = read_process(getpid());
    const int extra[] = {open("/dev/null", O_RDONLY), open("/dev/null", O_RDONLY)};
    const auto after = read_process(getpid());
    for (const int descriptor : extra) close(descriptor);
    REQUIRE(before.has_value());
    REQUIRE(after.has_value());
    REQUIRE(before->files.has_value());
    CHECK(after->files == *before->files + 2);
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(after->files_max == limit.rlim_cur);
    CHECK(after->rss_bytes > kMiB);
    CHECK(after->anonymous_bytes < after->rss_bytes);
}

TEST_CASE("process: waiting counts as a voluntary switch", "[host][process]") {
    const auto before = read_process(getpid());
    for (int i = 0; i < 20; ++i) std::this_thread::sleep_for(std::chrono::microseconds(100));
    const auto after = read_process(getpid());
    REQUIRE(before.has_value());
    REQUIRE(after.has_value());
    CHECK(after->threads.front().voluntary_switches >= before->threads.front().voluntary_switches + 20);
}

TEST_CASE("process: one that has ended is none, and a zombie is one that has ended", "[host][process]") {
    Child child;
    CHECK(read_process(child.pid).has_value());
    kill(child.pid, SIGKILL);
    siginfo_t info{};
    REQUIRE(waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOWAIT) == 0);
    CHECK_FALSE(read_process(child.pid).has_value());
    const pid_t pid = child.pid;
    child.end();
    CHECK_FALSE(read_process(pid).has_value());
}

TEST_CASE("process: children and theirs are descendants, but those that are left out", "[host][process]") {
    const Child child;
    const Child other;
    auto found = descendants(getpid(), 0);
    std::sort(found.begin(), found.end());
    CHECK(found == std::vector<pid_t>{std::min(child.pid, other.pid), std::max(child.pid, other.pid)});
    CHECK(descendants(getpid(), other.pid) == std::vector<pid_t>{child.pid});
    CHECK(descendants(child.pid, 0).empty());
}

TEST_CASE("process: a reading of 50 threads takes less than a millisecond", "[host][process]") {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 49; ++i) {
        threads.emplace_back([](const std::stop_token& stop) {
            while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        });
    }
    CHECK(read_with_threads(50).threads.size() == 50);
    TimeNs best_ns = kNever;  // of CPU: what others take of this machine is not its cost
    for (int i = 0; i < 20; ++i) {
        const TimeNs start_ns = thread_cpu_now();
        const auto use = read_process(getpid());
        best_ns = std::min(best_ns, thread_cpu_now() - start_ns);
        REQUIRE(use.has_value());
        REQUIRE(use->threads.size() == 50);
    }
    CAPTURE(best_ns);
#ifdef __SANITIZE_ADDRESS__
    CHECK(best_ns < 20 * kMillisecond);
#else
    CHECK(best_ns < kMillisecond);
#endif
}

}  // namespace wsblast::host
