#include "plan/request_headers.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::plan;

TEST_CASE("request headers: those of --header, then login, then all cookies in one",
          "[plan][request_headers]") {
    RunOptions options;
    options.subprotocols = {"chat"};
    options.headers = {{"X-Team", "blue"}};
    CHECK(upgrade_options(options).value().headers == std::vector<std::string>{"X-Team: blue"});
    options.access.authorization = "Basic QTpC";
    options.access.cookies = {"a=1", "b=2"};
    const proto::UpgradeOptions upgrade = upgrade_options(options).value();
    CHECK(upgrade.subprotocols == options.subprotocols);
    CHECK(upgrade.headers ==
          std::vector<std::string>{"X-Team: blue", "Authorization: Basic QTpC", "Cookie: a=1; b=2"});
    CHECK(upgrade.columns.empty());
}

TEST_CASE("request headers: columns are those of the values", "[plan][request_headers]") {
    RunOptions options;
    options.access.values = std::make_shared<const ValueTable>(ValueTable::parse("user\nann\n").value());
    const proto::UpgradeOptions upgrade = upgrade_options(options).value();
    REQUIRE(upgrade.columns.size() == 1);
    CHECK(upgrade.columns[0] == "user");
}

TEST_CASE("request headers: an option and the header that it stands for exclude each other",
          "[plan][request_headers]") {
    RunOptions options;
    SECTION("login") {
        options.headers = {{"authorization", "s3cret"}};
        options.access.authorization = "Basic QTpC";
    }
    SECTION("cookie") {
        options.headers = {{"COOKIE", "s3cret"}};
        options.access.cookies = {"a=1"};
    }
    const auto upgrade = upgrade_options(options);
    REQUIRE_FALSE(upgrade.ok());
    CHECK(upgrade.error().fault == Fault::usage);
    CHECK(upgrade.error().what.find("s3cret") == std::string::npos);
}
