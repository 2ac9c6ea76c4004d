#include "script/payloads.hpp"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "base/limits.hpp"
#include "tests/script/flow_fixture.hpp"

namespace wsblast::script {

namespace {

Result<std::string> read(std::string_view yaml, const std::string& folder = ".") {
    const Node node = test::yaml_of(yaml);
    const Member* member = find_binary(node);
    REQUIRE(member != nullptr);
    return read_binary(*member, "wsblast", folder);
}

std::string fault_of(std::string_view yaml, const std::string& folder = ".") {
    const auto bytes = read(yaml, folder);
    REQUIRE_FALSE(bytes.ok());
    return bytes.error().what;
}

// A folder of the test's own, gone afterwards.
struct Folder {
    Folder() : path(std::filesystem::temp_directory_path() / ("payloads-" + std::to_string(getpid()))) {
        std::filesystem::create_directory(path);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

}  // namespace

TEST_CASE("payloads: hex, base64 and files", "[script][payloads]") {
    CHECK(*read("{hex: '00fF10'}") == std::string("\0\xff\x10", 3));
    CHECK(*read("{hex: '00 ff:10'}") == std::string("\0\xff\x10", 3));
    CHECK(*read("{hex: ''}") == "");
    CHECK(*read("{base64: aGVsbG8=}") == "hello");
    const Folder folder;
    std::ofstream(folder.path / "bytes.bin", std::ios::binary) << std::string("\0\1\2", 3);
    CHECK(*read("{file: bytes.bin}", folder.path.string()) == std::string("\0\1\2", 3));
    CHECK(*read("{file: " + (folder.path / "bytes.bin").string() + "}") == std::string("\0\1\2", 3));
}

TEST_CASE("payloads: none of the keys is no binary payload", "[script][payloads]") {
    CHECK(find_binary(test::yaml_of("{expect: 1}")) == nullptr);
}

TEST_CASE("payloads: faults", "[script][payloads]") {
    CHECK(fault_of("{hex: '0'}").starts_with("a.yml:1: wsblast.hex: must be pairs"));
    CHECK(fault_of("{hex: 'zz'}").starts_with("a.yml:1: wsblast.hex: must be pairs"));
    CHECK(fault_of("{base64: 'a'}").starts_with("a.yml:1: wsblast.base64: must be base64"));
    CHECK(fault_of("{hex: 5}").starts_with("a.yml:1: wsblast.hex: must be a text"));
    const Folder folder;
    CHECK(fault_of("{file: none.bin}", folder.path.string()).find("is not there") != std::string::npos);
    CHECK(fault_of("{file: .}", folder.path.string()).find("is no file") != std::string::npos);
    std::ofstream(folder.path / "large.bin") << std::string(limits::kSentMessageMax + 1, 'x');
    CHECK(fault_of("{file: large.bin}", folder.path.string()).find("49,152 bytes") != std::string::npos);
}

}  // namespace wsblast::script
