#include "base/result.hpp"

#include <memory>
#include <string>

#include <catch2/catch.hpp>

using namespace wsblast;

namespace {

Result<int> half_of(int value) {
    if (value % 2 != 0) return usage_error(std::to_string(value) + " is odd");
    return value / 2;
}

Result<void> writable(bool answer) {
    if (!answer) return environment_error("read-only");
    return {};
}

}  // namespace

TEST_CASE("result: holds the value, or the error with its kind and words", "[base][result]") {
    const auto half = half_of(8);
    REQUIRE(half.ok());
    CHECK(*half == 4);
    const auto odd = half_of(7);
    REQUIRE_FALSE(odd);
    CHECK(odd.error().fault == Fault::usage);
    CHECK(odd.error().what == "7 is odd");
}

TEST_CASE("result: success without a value is the default", "[base][result]") {
    CHECK(writable(true).ok());
    REQUIRE_FALSE(writable(false));
    CHECK(writable(false).error().fault == Fault::environment);
    CHECK(writable(false).error().what == "read-only");
}

TEST_CASE("result: a value that can only be moved is moved out", "[base][result]") {
    Result<std::unique_ptr<int>> made(std::make_unique<int>(5));
    CHECK(**made == 5);
    const std::unique_ptr<int> taken = std::move(made).value();
    REQUIRE(taken != nullptr);
    CHECK(*taken == 5);
}

TEST_CASE("result: a value of the error's kin is still a value", "[base][result]") {
    const Result<std::string> text(std::string("fine"));
    REQUIRE(text.ok());
    CHECK(text->size() == 4);
}
