#include "report/saturation_json.hpp"

#include <limits>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace wsblast::report {

namespace {

nlohmann::json parsed(const stats::SaturationResult& result) {
    return nlohmann::json::parse(saturation_json(result));
}

}  // namespace

TEST_CASE("saturation json: a step has its load, its figure and its verdict", "[report][json]") {
    stats::SaturationResult result;
    stats::LoadSearch& search = result.searches.emplace_back();
    stats::StepRow& row = search.steps.emplace_back();
    row.load = 100;
    row.check = "p99<5ms";
    row.figure = stats::Estimate{4, 3, std::numeric_limits<double>::infinity(), 1};
    row.verdict = stats::StepVerdict::unstable;
    row.cause = stats::StepCause::growth;
    const auto json = parsed(result);
    CHECK(json["schema"] == "wsblast.saturation/1");
    const auto& step = json["searches"][0]["steps"][0];
    CHECK(step["load"] == 100);
    CHECK(step["figure"]["low"] == 3);
    CHECK(step["figure"]["high"].is_null());
    CHECK(step["verdict"] == "unstable");
    CHECK(step["cause"] == "growth");
    CHECK(step["backend"].is_null());
}

TEST_CASE("saturation json: what is unknown is null", "[report][json]") {
    stats::SaturationResult result;
    result.searches.emplace_back();
    const auto json = parsed(result);
    CHECK(json["to"].is_null());
    CHECK(json["grid"].is_null());
    CHECK(json["profile"].is_null());
    CHECK(json["searches"][0]["knee"].is_null());
    CHECK(json["searches"][0]["scalability"].is_null());
}

TEST_CASE("saturation json: knee, law and profile are told in full", "[report][json]") {
    stats::SaturationResult result;
    result.grid_axis = stats::LoadAxis::connections;
    stats::LoadSearch& search = result.searches.emplace_back();
    search.fixed = 32;
    search.knee = stats::Knee{{9'800, 9'700, 9'900, 50}, stats::KneeMethod::fitted};
    search.scalability = stats::ScalabilityFit{.lambda = 5'000, .sigma = 0.5};
    result.profile = stats::KneeProfile{5'000, 10'000, {{"burn_cpu", 0.01, 0.5}}, "a", "b"};
    const auto json = parsed(result);
    CHECK(json["grid"] == "connections");
    CHECK(json["searches"][0]["fixed"] == 32);
    CHECK(json["searches"][0]["knee"]["method"] == "fitted");
    CHECK(json["searches"][0]["scalability"]["lambda_per_s"] == 5'000);
    CHECK(json["profile"]["functions"][0]["function"] == "burn_cpu");
}

}  // namespace wsblast::report
