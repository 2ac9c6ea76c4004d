#include "script/payloads.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/script/flow_fixture.hpp"
#include "tests/support/test_folder.hpp"

namespace wsblast::script {

namespace {

Result<std::string> read_payload(std::string_view yaml, const std::string& folder = ".") {
    const Node node = test::yaml_of(yaml);
    const Member* member = find_binary(node);
    REQUIRE(member != nullptr);
    return read_binary(*member, "wsblast", folder);
}

std::string binary_fault(std::string_view yaml, const std::string& folder = ".") {
    const auto bytes = read_payload(yaml, folder);
    REQUIRE_FALSE(bytes.ok());
    return bytes.error().what;
}

}  // namespace

TEST_CASE("payloads: hex, base64 and files", "[script][payloads]") {
    CHECK(*read_payload("{hex: '00fF10'}") == std::string("\0\xff\x10", 3));
    CHECK(*read_payload("{hex: '00 ff:10'}") == std::string("\0\xff\x10", 3));
    CHECK(*read_payload("{hex: ''}") == "");
    CHECK(*read_payload("{base64: aGVsbG8=}") == "hello");
    const test::TestFolder folder;
    folder.write("bytes.bin", std::string("\0\1\2", 3));
    CHECK(*read_payload("{file: bytes.bin}", folder.path()) == std::string("\0\1\2", 3));
    CHECK(*read_payload("{file: " + folder.path("bytes.bin") + "}") == std::string("\0\1\2", 3));
}

TEST_CASE("payloads: none of the keys is no binary payload", "[script][payloads]") {
    CHECK(find_binary(test::yaml_of("{expect: 1}")) == nullptr);
}

TEST_CASE("payloads: faults", "[script][payloads]") {
    CHECK(binary_fault("{hex: '0'}").starts_with("a.yml:1: wsblast.hex: must be pairs"));
    CHECK(binary_fault("{hex: 'zz'}").starts_with("a.yml:1: wsblast.hex: must be pairs"));
    CHECK(binary_fault("{base64: 'a'}").starts_with("a.yml:1: wsblast.base64: must be base64"));
    CHECK(binary_fault("{hex: 5}").starts_with("a.yml:1: wsblast.hex: must be a text"));
    const test::TestFolder folder;
    CHECK(binary_fault("{file: none.bin}", folder.path()).find("is not there") != std::string::npos);
    CHECK(binary_fault("{file: .}", folder.path()).find("is no file") != std::string::npos);
    folder.write("large.bin", std::string(limits::kSentMessageMax + 1, 'x'));
    CHECK(binary_fault("{file: large.bin}", folder.path()).find("49,152 bytes") != std::string::npos);
}

}  // namespace wsblast::script
