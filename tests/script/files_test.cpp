#include "script/files.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/support/test_folder.hpp"

using namespace wsblast;

TEST_CASE("script files: YAML and JSON by their names' endings", "[script][files]") {
    const test::TestFolder folder;
    CHECK(to_json(*script::read_script_file(folder.write("a.yml", "a: 1\n"))) == R"({"a":1})");
    CHECK(to_json(*script::read_script_file(folder.write("a.YAML", "a: 1\n"))) == R"({"a":1})");
    CHECK(to_json(*script::read_script_file(folder.write("a.json", "{\"a\": 1}"))) == R"({"a":1})");
}

TEST_CASE("script files: what cannot be read is told by name", "[script][files]") {
    const test::TestFolder folder;
    const auto refusal = [&](const std::string& path) {
        const auto tree = script::read_script_file(path);
        return tree ? "accepted" : folder.without_folder(tree.error().what);
    };
    CHECK(refusal(folder.path("none.yml")) == "'none.yml' cannot be read: No such file or directory");
    CHECK(refusal(folder.write("a.js", "")).find("a.js: a script that is a program cannot be read") == 0);
    CHECK(refusal(folder.write("a.txt", "")) ==
          "a.txt: a script's name must end with .yml, .yaml or .json");
    CHECK(refusal(folder.write("list.yml", "\n- 1\n")) ==
          "list.yml:2: must be a map with config and scenarios, and is a list");
    CHECK(refusal(folder.write("empty.yml", "")).find("empty.yml:1: must be a map") == 0);
    CHECK(refusal(folder.write("bad.json", "{\"a\":\n,}")).find("bad.json:2: this is not JSON") == 0);
    CHECK(refusal(folder.write("long.yml", std::string(limits::kScriptBytesMax + 1, '#'))) ==
          "'long.yml' is longer than the 4 MiB that are allowed");
    CHECK(folder.without_folder(script::read_file(folder.path("."), 10).error().what).find("is a folder") !=
          std::string::npos);
    CHECK(script::read_file("/dev/zero", 10).error().what == "'/dev/zero' is no regular file");
}

TEST_CASE("script files: paths are relative to the script", "[script][files]") {
    CHECK(script::beside("a/s.yml", "x.csv") == "a/x.csv");
    CHECK(script::beside("a/s.yml", "../x.csv") == "x.csv");
    CHECK(script::beside("s.yml", "./x.csv") == "x.csv");
    CHECK(script::beside("a/s.yml", "/x.csv") == "/x.csv");
}

TEST_CASE("script files: JSON of an option must be an object", "[script][files]") {
    CHECK(script::read_option_json("-v", R"({"a": 1})")->find("a")->as_number() == 1.0);
    CHECK(script::read_option_json("-v", "[1]").error().what ==
          "-v: must be a JSON object, {...}, and is a list");
    for (const char* none : {"foo", "", " 5"})
        CHECK(script::read_option_json("-v", none).error().what == "-v: must be a JSON object, {...}");
    CHECK(script::read_option_json("-v", "{").error().what.find("-v: this is not JSON") == 0);
}

TEST_CASE("script files: .env as npm's dotenv reads it", "[script][files]") {
    const test::TestFolder folder;
    const auto read = script::read_dotenv(folder.write(
        ".env",
        "# note\nA=1\nexport B = two words # note\nC='x # y'\nD=\"a\\nb\"\nE=\n\nF=\"1\n2\"\nG=x=y\r\n"));
    REQUIRE(read);
    const script::Variables expected{{"A", "1"}, {"B", "two words"}, {"C", "x # y"}, {"D", "a\nb"},
                                     {"E", ""},  {"F", "1\n2"},      {"G", "x=y"}};
    CHECK(*read == expected);
    const auto refusal = script::read_dotenv(folder.write("bad.env", "A=1\nnothing\n"));
    CHECK(folder.without_folder(refusal.error().what) ==
          "bad.env:2: must be NAME=VALUE, with its quotes closed");
    CHECK_FALSE(script::read_dotenv(folder.write("open.env", "A='1\n")));
    CHECK_FALSE(script::read_dotenv(folder.path("none.env")));
}

TEST_CASE("script files: the process's own variables win over those of .env", "[script][files]") {
    const test::TestFolder folder;
    REQUIRE(setenv("WSBLAST_TEST_NAME", "process", 1) == 0);
    const auto read =
        script::read_environment(folder.write(".env", "WSBLAST_TEST_NAME=file\nWSBLAST_TEST_OTHER=file\n"));
    REQUIRE(unsetenv("WSBLAST_TEST_NAME") == 0);
    REQUIRE(read);
    CHECK(read->at("WSBLAST_TEST_NAME") == "process");
    CHECK(read->at("WSBLAST_TEST_OTHER") == "file");
}
