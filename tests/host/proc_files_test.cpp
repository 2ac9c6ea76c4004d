#include "host/proc_files.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <unistd.h>

namespace wsblast::host {

TEST_CASE("proc files: a file is read whole, a missing one is empty", "[host][proc]") {
    const auto status = read_file("/proc/self/status");
    REQUIRE(status.has_value());
    CHECK(status->starts_with("Name:"));
    CHECK(status->back() == '\n');
    CHECK_FALSE(read_file("/proc/self/no-such-file").has_value());
}

TEST_CASE("proc files: a file longer than one read is read whole", "[host][proc]") {
    const auto names = read_file("/proc/kallsyms");
    REQUIRE(names.has_value());
    CHECK(names->size() > 100'000);
    CHECK(names->back() == '\n');
}

TEST_CASE("proc files: a folder that cannot be read as a file is none", "[host][proc]") {
    CHECK_FALSE(read_file("/proc").has_value());
}

TEST_CASE("proc files: only the entries that are numbers are listed, in order", "[host][proc]") {
    const auto threads = numbered_entries("/proc/self/task");
    REQUIRE(threads.size() == 1);
    CHECK(threads[0] == static_cast<std::uint32_t>(getpid()));
    const auto processes = numbered_entries("/proc");  // where "self" and "meminfo" stand too
    CHECK(std::is_sorted(processes.begin(), processes.end()));
    CHECK(std::binary_search(processes.begin(), processes.end(), static_cast<std::uint32_t>(getpid())));
    CHECK(numbered_entries("/proc/self/no-such-folder").empty());
}

TEST_CASE("proc files: the number at the front ends where its digits do", "[host][proc]") {
    CHECK(leading_number("42") == 42U);
    CHECK(leading_number(" \t 42 kB") == 42U);
    CHECK(leading_number("0-7") == 0U);
    CHECK_FALSE(leading_number("").has_value());
    CHECK_FALSE(leading_number("   ").has_value());
    CHECK_FALSE(leading_number("max").has_value());
    CHECK_FALSE(leading_number("-3").has_value());
    CHECK_FALSE(leading_number("99999999999999999999").has_value());
}

TEST_CASE("proc files: a line is found by its key at its beginning only", "[host][proc]") {
    const std::string_view text = "MemTotal: 1 kB\nMemAvailable:  2 kB\nNotMemFree: 3 kB\nMemFree: 4 kB";
    CHECK(line_after(text, "MemTotal:") == " 1 kB");
    CHECK(line_after(text, "MemAvailable:") == "  2 kB");
    CHECK(line_after(text, "MemFree:") == " 4 kB");
    CHECK_FALSE(line_after(text, "Swap:").has_value());
    CHECK_FALSE(line_after("", "Swap:").has_value());
    CHECK(line_after("a\n\nb:1\n", "b:") == "1");
}

TEST_CASE("proc files: a file that no control group has is found in none", "[host][proc]") {
    CHECK(cgroup_files("no.such.file").empty());
}

}  // namespace wsblast::host
