#include "app/fault_values.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/app/command_line.hpp"

namespace wsblast::app {

namespace {

plan::FaultPlan faults_of(const std::string& close_after) {
    plan::FaultPlan faults;
    REQUIRE(set_close_after(close_after, faults).ok());
    return faults;
}

}  // namespace

TEST_CASE("fault values: a delay is a law with its times", "[app][faults]") {
    const auto fixed = parse_delay("fixed:2ms");
    REQUIRE(fixed.ok());
    CHECK(fixed->law == plan::DelayLaw::fixed);
    CHECK(fixed->first_ns == 2 * kMillisecond);
    CHECK(parse_delay("exp:1.5s")->law == plan::DelayLaw::exponential);
    CHECK(parse_delay("exp:1.5s")->first_ns == 1'500 * kMillisecond);
    const auto uniform = parse_delay("uniform:0-3ms");
    REQUIRE(uniform.ok());
    CHECK(uniform->first_ns == 0);
    CHECK(uniform->second_ns == 3 * kMillisecond);
    const auto bimodal = parse_delay("bimodal:1ms,50ms,5%");
    REQUIRE(bimodal.ok());
    CHECK(bimodal->first_ns == kMillisecond);
    CHECK(bimodal->second_ns == 50 * kMillisecond);
    CHECK(bimodal->share == Approx(0.05));
}

TEST_CASE("fault values: a bad delay is named, with one that is allowed", "[app][faults]") {
    for (const char* bad :
         {"", "2ms", "fixed", "normal:2ms", "uniform:1ms", "bimodal:1ms,2ms", "bimodal:1ms"}) {
        CHECK(refuses_naming(parse_delay(bad), "'" + std::string(bad) + "'"));
        CHECK(refuses_naming(parse_delay(bad), "uniform:1ms-3ms"));
    }
    CHECK(refuses_naming(parse_delay("fixed:2"), "unit"));
    CHECK(refuses_naming(parse_delay("fixed:0"), "longer than 0"));
    CHECK(refuses_naming(parse_delay("exp:0"), "longer than 0"));
    CHECK(refuses_naming(parse_delay("uniform:3ms-1ms"), "the first must be shorter"));
    CHECK(refuses_naming(parse_delay("uniform:1ms-1ms"), "the first must be shorter"));
    CHECK(refuses_naming(parse_delay("bimodal:1ms,50ms,5"), "percentage"));
    CHECK(refuses_naming(parse_delay("bimodal:1ms,50ms,5%,6%"), "percentage"));
}

TEST_CASE("fault values: a stall is shorter than its period", "[app][faults]") {
    const auto stall = parse_stall("1s/10s");
    REQUIRE(stall.ok());
    CHECK(stall->length_ns == kSecond);
    CHECK(stall->period_ns == 10 * kSecond);
    for (const char* bad : {"10s/1s", "1s/1s"}) CHECK(refuses_naming(parse_stall(bad), "shorter"));
    for (const char* bad : {"1s", "", "1s:10s"}) CHECK(refuses_naming(parse_stall(bad), "1s/10s"));
    for (const char* bad : {"1/10s", "1s/", "0/10s"}) CHECK_FALSE(parse_stall(bad).ok());
}

TEST_CASE("fault values: a share is a percentage from 0 to 100, with its sign", "[app][faults]") {
    CHECK(*parse_share("0.1%") == Approx(0.001));
    CHECK(*parse_share("0%") == 0);
    CHECK(*parse_share("100%") == Approx(1));
    for (const char* bad : {"0.1", "", "%", "-1%", "100.1%", "1e1%", "1 %", "1%%", "nan%", "0x1%", "x%"}) {
        CHECK(refuses_naming(parse_share(bad), "'" + std::string(bad) + "'"));
        CHECK(refuses_naming(parse_share(bad), "as in 0.1%"));
    }
}

TEST_CASE("fault values: a rejection is a status from 300 to 599 with a share", "[app][faults]") {
    CHECK(parse_rejection("300:1%")->status == 300);
    CHECK(parse_rejection("599:1%")->status == 599);
    CHECK(parse_rejection("503:12.5%")->share == Approx(0.125));
    for (const char* bad :
         {"101:1%", "200:1%", "299:1%", "600:1%", "503", "", "0.5k:1%", "x:1%", "65839:1%"})
        CHECK(refuses_naming(parse_rejection(bad), "from 300 to 599"));
    CHECK(refuses_naming(parse_rejection("503:1"), "percentage"));
}

TEST_CASE("fault values: connections are closed after a number of answers, or after a time",
          "[app][faults]") {
    CHECK(faults_of("1000").close_after_answers == 1'000U);
    CHECK(faults_of("2k").close_after_answers == 2'000U);
    CHECK(faults_of("2k").close_after_ns == 0);
    CHECK(faults_of("5s").close_after_ns == 5 * kSecond);
    CHECK(faults_of("5m").close_after_ns == 5 * kMinute);
    CHECK_FALSE(faults_of("5m").close_after_answers);
    for (const char* bad : {"", "0", "0s", "-1", "1.5", "soon", "5 s"}) {
        plan::FaultPlan faults;
        CHECK(refuses_naming(set_close_after(bad, faults), "'" + std::string(bad) + "'"));
        CHECK(refuses_naming(set_close_after(bad, faults), "as in 5s"));
    }
}

TEST_CASE("fault values: a push rate is above 0 and no flood", "[app][faults]") {
    CHECK(*parse_push_rate("0.5") == 0.5);
    CHECK(*parse_push_rate("100k") == static_cast<double>(limits::kPushesPerSecondMax));
    CHECK(refuses_naming(parse_push_rate("101k"), "100,000"));
    CHECK(refuses_naming(parse_push_rate("0"), "'0'"));
}

TEST_CASE("fault values: what becomes of one answer, or of one upgrade, is 100 % at most",
          "[app][faults]") {
    plan::FaultPlan faults;
    faults.drop = 0.333;
    faults.duplicate = 0.333;
    faults.reorder = 0.334;
    CHECK(check_shares(faults).ok());
    faults.drop = 0.4;
    CHECK(refuses_naming(check_shares(faults), "--drop, --duplicate and --reorder add up to 106.7%"));
    faults = {};
    faults.rejections = {{503, 0.6}, {429, 0.5}};
    CHECK(refuses_naming(check_shares(faults), "--reject add up to 110%"));
}

TEST_CASE("fault values: faults are told in the options that ask for them", "[app][faults]") {
    plan::FaultPlan faults;
    faults.seed = 7;
    CHECK(to_options_text(faults) == "--seed 7");
    for (const char* delay : {"fixed:2ms", "exp:1500us", "uniform:0-3ms", "bimodal:1ms,50ms,0.1%"}) {
        faults.delay = *parse_delay(delay);
        CHECK(to_options_text(faults) == "--delay " + std::string(delay) + " --seed 7");
    }
    faults.delay = {};
    faults.service = {.time = *parse_delay("exp:100us"), .servers = 4};
    faults.burn = *parse_burn("30us:5k");
    faults.accepts_per_s = *parse_accept_rate("2k");
    CHECK(to_options_text(faults) ==
          "--service-time exp:100us --servers 4 --burn 30us:5000 --accept-rate 2000 --seed 7");
    faults.service = {};
    faults.burn = {};
    faults.accepts_per_s = 0;
    faults.stall = *parse_stall("1s/10s");
    faults.drop = *parse_share("0.1%");
    faults.duplicate = *parse_share("33.3%");
    faults.reorder = *parse_share("7%");
    faults.rejections = {*parse_rejection("503:1%"), *parse_rejection("429:0.5%")};
    faults.close_after_answers = 10;
    faults.pushes_per_s = 2.5;
    CHECK(to_options_text(faults) ==
          "--stall 1s/10s --drop 0.1% --duplicate 33.3% --reorder 7% --reject 503:1% --reject 429:0.5% "
          "--close-after 10 --push-rate 2.5 --seed 7");
}

}  // namespace wsblast::app
