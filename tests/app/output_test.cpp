#include "app/output.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/host_tree.hpp"

namespace wsblast::app {

namespace {

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("output: a text is written whole; a closed reader is no error, a full disk is", "[app][output]") {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    CHECK(write_text(ends[1], "some words").ok());
    char read_back[16];
    CHECK(read(ends[0], read_back, sizeof read_back) == 10);
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    CHECK(write_text(ends[1], "nobody reads").ok());
    close(ends[1]);
    const int full = open("/dev/full", O_WRONLY);
    REQUIRE(full >= 0);
    const auto failed = write_text(full, "no room");
    close(full);
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().fault == Fault::environment);
}

TEST_CASE("output: a file is written in place of what is there; a folder is refused by its name",
          "[app][output]") {
    const test::HostTree folder;
    const std::string path = folder.folder() + "/result.json";
    REQUIRE(write_file(path, "a longer one").ok());
    REQUIRE(write_file(path, "short").ok());
    CHECK(content_of(path) == "short");
    const auto failed = write_file(folder.folder(), "x");
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().what.find("--json " + folder.folder()) != std::string::npos);
}

}  // namespace wsblast::app
