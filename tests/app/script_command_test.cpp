#include "app/script_command.hpp"

#include <catch2/catch.hpp>

namespace wsblast::app {

namespace {

using Outcome = stats::EnsureCheck::Outcome;
using Policy = plan::SaturationPolicy;

// A run of two connections, both of which succeeded.
stats::ScriptResult good_run() {
    stats::ScriptResult result;
    result.run.counters.attempted = 2;
    result.run.counters.successful = 2;
    return result;
}

}  // namespace

TEST_CASE("script command: a run without a failed check exits 0", "[app][script_command]") {
    CHECK(script_status(good_run(), {}, Policy::fail) == ExitStatus::ok);
    const std::vector<stats::EnsureCheck> optional{{"a", Outcome::ok}, {"b", Outcome::failed_optional}};
    CHECK(script_status(good_run(), optional, Policy::fail) == ExitStatus::ok);
    // Nobody wanted a connection.
    CHECK(script_status({}, {}, Policy::fail) == ExitStatus::ok);
}

TEST_CASE("script command: a failed check exits 1", "[app][script_command]") {
    CHECK(script_status(good_run(), {{"a", Outcome::failed}}, Policy::fail) == ExitStatus::failed);
    stats::ScriptResult slo = good_run();
    slo.run.slos.resize(1);
    slo.run.slos[0].status = stats::SloStatus::fail;
    CHECK(script_status(slo, {}, Policy::fail) == ExitStatus::failed);
}

TEST_CASE("script command: no connection, saturation and interrupts count before checks",
          "[app][script_command]") {
    const std::vector<stats::EnsureCheck> failed{{"a", Outcome::failed}};
    stats::ScriptResult none = good_run();
    none.run.counters.successful = 0;
    CHECK(script_status(none, failed, Policy::fail) == ExitStatus::impossible);
    stats::ScriptResult no_room = good_run();
    no_room.total.counters["errors.no free connection"] = 1;
    CHECK(script_status(no_room, failed, Policy::fail) == ExitStatus::impossible);
    stats::ScriptResult saturated = good_run();
    saturated.run.generator.status = stats::GeneratorStatus::saturated;
    CHECK(script_status(saturated, failed, Policy::fail) == ExitStatus::saturated);
    CHECK(script_status(saturated, failed, Policy::allow) == ExitStatus::failed);
    none.run.interrupted = true;
    CHECK(script_status(none, failed, Policy::fail) == ExitStatus::interrupted);
}

TEST_CASE("script command: the command line beats the file where it says something",
          "[app][script_command]") {
    plan::RunOptions file;
    file.connect_timeout_ns = 3 * kSecond;
    file.headers = {{"X", "1"}};
    file.slos.resize(1);
    plan::RunOptions given;
    given.cores = 2;
    given.slos.resize(1);
    given.json_path = "r.json";
    plan::RunOptions merged = merged_options(file, given);
    CHECK(merged.cores == 2);
    CHECK(merged.headers.size() == 1);
    CHECK(merged.slos.size() == 2);
    CHECK(merged.json_path == "r.json");
    CHECK(merged.connect_timeout_ns == 3 * kSecond);
    given.connect_timeout_ns = 4 * kSecond;
    given.settings = {{"connect-timeout", "4s", plan::Origin::option}};
    merged = merged_options(file, given);
    CHECK(merged.connect_timeout_ns == 4 * kSecond);
}

}  // namespace wsblast::app
