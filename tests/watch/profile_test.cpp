#include "watch/profile.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "tests/watch/profile_share.hpp"

namespace wsblast::watch {

namespace {

Profile profile_in(const std::string& script) {
    PerfScriptReader reader;
    std::istringstream lines(script);
    for (std::string line; std::getline(lines, line);) reader.add_line(line);
    return reader.finish();
}

// So many samples of each function, without callers.
Profile profile_of(std::initializer_list<std::pair<const char*, int>> counts) {
    std::string script;
    for (const auto& [function, count] : counts) {
        for (int i = 0; i < count; ++i)
            script += std::string("server 7\n\t 12ab ") + function + " (/usr/bin/server)\n\n";
    }
    return profile_in(script);
}

}  // namespace

TEST_CASE("profile: stacks are folded from the outermost to the innermost", "[watch][profile]") {
    const Profile profile = profile_in(
        "server 4711 \n"
        "\t    55d0 parse_frame (/usr/bin/server)\n"
        "\t    55aa on_bytes (/usr/bin/server)\n"
        "\t    1234 main (/usr/bin/server)\n"
        "\n"
        "server 4711 \n"
        "\t    55d8 parse_frame (/usr/bin/server)\n"
        "\t    55aa on_bytes (/usr/bin/server)\n"
        "\t    1234 main (/usr/bin/server)\n"
        "\n"
        "DefaultExecutor worker 4712 \n"
        "\t    55aa on_bytes (/usr/bin/server)\n");
    CHECK(profile.samples == 3);
    CHECK(profile.folded == std::map<std::string, std::uint64_t>{{"server;main;on_bytes;parse_frame", 2},
                                                                 {"DefaultExecutor worker;on_bytes", 1}});
    REQUIRE(profile.functions.size() == 2);
    CHECK(profile.functions[0].function == "parse_frame");
    CHECK(profile.functions[0].self == Approx(2.0 / 3));
    CHECK(profile.functions[1].function == "on_bytes");
}

TEST_CASE("profile: names with blanks, brackets and semicolons stay whole", "[watch][profile]") {
    const Profile profile = profile_in(
        "a;b 1\n"
        "\t 12 Map<int, char (*)(int)>::find(int) const (/opt/my server/bin)\n"
        "\t 13 (anonymous namespace)::run (/opt/my server/bin)\n"
        "\t 14 Lcom/Foo;::bar (/tmp/perf-1.map)\n");
    CHECK(profile.folded ==
          std::map<std::string, std::uint64_t>{{"a:b;Lcom/Foo:::bar;(anonymous namespace)::run;"
                                                "Map<int, char (*)(int)>::find(int) const",
                                                1}});
}

TEST_CASE("profile: the kernel's functions and objects without symbols are told", "[watch][profile]") {
    const Profile profile = profile_in(
        "server 1\n"
        "\tffffffff82010ddb tcp_sendmsg ([kernel.kallsyms])\n"
        "\t    7f2c29f7 [unknown] (/usr/lib/x86_64-linux-gnu/liburing.so.2.3)\n"
        "\t   34a10000 [unknown] ([unknown])\n");
    CHECK(profile.folded ==
          std::map<std::string, std::uint64_t>{{"server;[unknown];[liburing.so.2.3];[k] tcp_sendmsg", 1}});
}

TEST_CASE("profile: lines that are no samples are skipped", "[watch][profile]") {
    CHECK(profile_in("").samples == 0);
    CHECK(profile_in("Warning:\nProcessed 12 events and lost 1 chunks!\n\n").samples == 0);
    CHECK(profile_in("\t 12 lonely (/bin/x)\n\n").samples == 0);
    CHECK(profile_in("server 1\n\n").samples == 0);
    const Profile profile = profile_in("server 1\n\t nonsense\n\t 12 real (/bin/x)\n\t 13 (/bin/x)\n");
    CHECK(profile.samples == 1);
    CHECK(share(profile, "real") == 1.0);
}

TEST_CASE("profile: what grew most comes first, what chance explains not at all", "[watch][profile]") {
    const Profile low = profile_of({{"parse", 500}, {"send", 300}, {"hash", 10}, {"log", 190}});
    const Profile high = profile_of({{"parse", 310}, {"send", 310}, {"hash", 300}, {"lock", 80}});
    const std::vector<Growth> growths = compare(low, high, 10);
    REQUIRE(growths.size() == 2);
    CHECK(growths[0].function == "hash");
    CHECK(growths[0].low == Approx(0.01));
    CHECK(growths[0].high == Approx(0.3));
    CHECK(growths[0].by() == Approx(0.29));
    CHECK(growths[1].function == "lock");
    CHECK(growths[1].low == 0);
    CHECK(compare(low, high, 1).size() == 1);
    CHECK(compare(low, low, 10).empty());
}

TEST_CASE("profile: nothing grew from or to a profile without samples", "[watch][profile]") {
    const Profile some = profile_of({{"parse", 5}});
    CHECK(compare(Profile{}, some, 10).empty());
    CHECK(compare(some, Profile{}, 10).empty());
}

TEST_CASE("profile: the folded file has a line a stack", "[watch][profile]") {
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("profile_test_" + std::to_string(getpid()) + ".folded");
    REQUIRE(write_folded(profile_of({{"parse", 2}, {"send", 1}}), path).ok());
    std::stringstream content;
    content << std::ifstream(path).rdbuf();
    CHECK(content.str() == "server;parse 2\nserver;send 1\n");
    std::filesystem::remove(path);
    const auto failed = write_folded(Profile{}, "/no-such-folder/x.folded");
    REQUIRE_FALSE(failed.ok());
    CHECK_THAT(failed.error().what, Catch::Contains("/no-such-folder/x.folded"));
}

}  // namespace wsblast::watch
