#include "report/backend_text.hpp"

#include <catch2/catch.hpp>

#include "base/units.hpp"

namespace wsblast::report {

namespace {

using stats::BackendPresence;
using stats::BackendUse;

BackendUse example_use() {
    BackendUse use;
    use.presence = BackendPresence::alive;
    use.seconds = 10;
    use.processes = 1;
    use.cpu_user = 0.41;
    use.cpu_system = 0.52;
    use.threads = 3;
    use.rss_bytes = 812 * kMiB;
    use.files = stats::BackendFiles{10'012, 10'012, 20'000};
    use.voluntary_switches_per_s = 17'990;
    use.involuntary_switches_per_s = 10.4;
    return use;
}

}  // namespace

TEST_CASE("backend text: what is known stands in one line", "[report][backend]") {
    CHECK(backend_line(example_use()) ==
          "cpu 0.93 (user 0.41, system 0.52), rss 812.0 MiB, 3 threads, 10,012 files of 20,000, "
          "18,000 switches/s");
}

TEST_CASE("backend text: what is unknown is left out", "[report][backend]") {
    BackendUse use = example_use();
    use.cpu_system.reset();
    use.files.reset();
    use.involuntary_switches_per_s.reset();
    use.threads = 1;
    CHECK(backend_line(use) == "rss 812.0 MiB, 1 thread");
}

TEST_CASE("backend text: several processes are counted, with the fullest's files", "[report][backend]") {
    BackendUse use = example_use();
    use.processes = 5;
    use.files = stats::BackendFiles{10'012, 4'000, 4'096};
    CHECK_THAT(backend_line(use),
               Catch::Contains("5 processes, 3 threads, 10,012 files (the fullest: 4,000 "
                               "of 4,096)"));
    use.files = stats::BackendFiles{7, 0, 0};  // without a limit
    CHECK_THAT(backend_line(use), Catch::Contains(" 7 files,"));
}

TEST_CASE("backend text: a backend that ended, or was never seen, is told", "[report][backend]") {
    BackendUse use = example_use();
    use.presence = BackendPresence::partly_gone;
    CHECK_THAT(backend_line(use), Catch::StartsWith("some of its processes ended, cpu 0.93"));
    use.presence = BackendPresence::gone;
    CHECK(backend_line(use) == "ended");
    BackendUse unwatched;
    CHECK(backend_line(unwatched) == "not watched");
    unwatched.why = "the target is not on this machine";
    CHECK(backend_section(unwatched) == "\nBackend: not watched: the target is not on this machine\n");
}

TEST_CASE("backend text: threads, control group and metrics follow the line", "[report][backend]") {
    BackendUse use;
    use.presence = BackendPresence::alive;
    use.threads = 2;
    use.by_thread = {{7, 8, "lib\x1b[2Juv", 0.25, 0.5}};
    use.cgroup = stats::BackendCgroup{0.5, 0.25, 3 * kMiB / 2, 2 * kMiB};
    use.metrics = {{"messages_total", 123'456.0, 200.0, ""},
                   {"delay", 0.0123, {}, ""},
                   {"errors_total", {}, {}, "the endpoint has no such metric"},
                   {"", {}, {}, "http://x: timed out"}};
    CHECK(backend_section(use) ==
          "\nBackend: 2 threads\n"
          "  Thread 8 (lib.[2Juv): cpu 0.75 (user 0.25, system 0.50)\n"
          "  Control group: cpu 0.50, its quota ran out in 25 % of the periods, memory 1.5 MiB of 2.0 MiB\n"
          "  messages_total: 123,456 (200/s)\n"
          "  delay: 0.0123\n"
          "  errors_total: (the endpoint has no such metric)\n"
          "  Metrics: none: http://x: timed out\n");
}

TEST_CASE("backend text: bytes have the unit that fits", "[report][backend]") {
    CHECK(bytes_text(0) == "0 B");
    CHECK(bytes_text(1'023) == "1023 B");
    CHECK(bytes_text(1'536) == "1.5 KiB");
    CHECK(bytes_text(-1'536) == "-1.5 KiB");
    CHECK(bytes_text(3.0 * 1024 * 1024 * 1024) == "3.0 GiB");
    CHECK(bytes_text(5'000.0 * 1024 * 1024 * 1024 * 1024) == "5000.0 TiB");
}

}  // namespace wsblast::report
