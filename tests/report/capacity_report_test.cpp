#include "report/capacity_report.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/texts.hpp"

namespace wsblast::report {

using stats::CapacityEnding;
using stats::CapacityResult;
using stats::LimitKind;
using test::contains;

namespace {

stats::Summary summary(TimeNs p50, TimeNs p99) {
    stats::Summary values;
    values.count = 10;
    values.p50 = p50;
    values.p99 = p99;
    return values;
}

CapacityResult refused_at_3000() {
    CapacityResult result;
    result.target.urls = {"ws://server/ws"};
    result.ending = CapacityEnding::limit;
    result.wanted = 10'000;
    result.held = 3'000;
    result.limit =
        stats::Limit{LimitKind::upgrade_status, 3'000, {"175 answers with HTTP status 503: \x1b[2Jfull"}};
    result.pace = stats::Pace{stats::Pacemaker::target, 5'295.4, {"48 handshakes"}};
    stats::Plateau& plateau = result.plateaus.emplace_back();
    plateau.wanted = 4'000;
    plateau.open = 3'000;
    plateau.failed = 170;
    plateau.lost = 5;
    plateau.connections_per_s = 7'007.3;
    plateau.tcp = summary(kMillisecond, 10 * kMillisecond);
    plateau.own_cpu_us = 31.52;
    plateau.probe = stats::Probe{1'000, 990, summary(90 * kMicrosecond, 14 * kMillisecond), {}};
    plateau.memory = {1 << 20, 2 << 20, 0, {}};
    result.bytes_each.own = 100.0;
    return result;
}

}  // namespace

TEST_CASE("capacity report: the figure, the limit with whose it is, evidence and remedy",
          "[report][capacity]") {
    const std::string text = capacity_text(refused_at_3000());
    CHECK(contains(text, "Held: 3,000 of 10,000 connections to ws://server/ws\n"));
    CHECK(
        contains(text, "Limit: the target refuses the upgrade [upgrade_status, of the target], at 3,000"));
    CHECK(contains(text, "  remedy: "));
    CHECK(contains(text, "Pace: 5,295 connections/s, the target took no more\n  48 handshakes\n"));
    CHECK(contains(text, "990/1000"));
    CHECK(contains(text, "1.00/10.00"));
    CHECK(contains(text, "175 "));
}

TEST_CASE("capacity report: what came from the server moves no cursor", "[report][capacity]") {
    CHECK(contains(capacity_text(refused_at_3000()), "503: .[2Jfull"));
}

TEST_CASE("capacity report: what is not known is not shown as 0", "[report][capacity]") {
    CapacityResult result = refused_at_3000();
    result.ending = CapacityEnding::held;
    result.limit.reset();
    result.pace.reset();
    const std::string text = capacity_text(result);
    CHECK(contains(text, "Limit: none up to there\n"));
    CHECK_FALSE(contains(text, "Pace:"));
    CHECK_FALSE(contains(text, "Storm:"));
    CHECK(contains(text, "Memory of a connection: 100 B of this process\n"));
    const auto parsed = nlohmann::json::parse(capacity_json(result));
    CHECK(parsed["limit"].is_null());
    CHECK(parsed["storm"].is_null());
    CHECK(parsed["plateaus"][0]["upgrade_us"].is_null());
    CHECK(parsed["plateaus"][0]["target_cpu_us"].is_null());
    CHECK(parsed["bytes_per_connection"]["kernel"].is_null());
}

TEST_CASE("capacity report: JSON has the limit as scripts read it", "[report][capacity]") {
    const auto parsed = nlohmann::json::parse(capacity_json(refused_at_3000()));
    CHECK(parsed["schema"] == "wsblast.capacity/1");
    CHECK(parsed["ending"] == "limit");
    CHECK(parsed["held"] == 3'000);
    CHECK(parsed["limit"]["kind"] == "upgrade_status");
    CHECK(parsed["limit"]["owner"] == "target");
    CHECK(parsed["limit"]["count"] == 3'000);
    CHECK(parsed["pace"]["set_by"] == "target");
    CHECK(parsed["plateaus"][0]["probe"]["answered"] == 990);
    CHECK(parsed["plateaus"][0]["tcp_us"]["p99"] == 10'000.0);
}

TEST_CASE("capacity report: a storm tells when who was back", "[report][capacity]") {
    CapacityResult result = refused_at_3000();
    stats::StormResult& storm = result.storm.emplace();
    storm.policy = "immediate";
    storm.dropped = 600;
    storm.back = 400;
    storm.half_s = 0.25;
    storm.waited_s = 30;
    storm.opening_peak = 512;
    const std::string text = capacity_text(result);
    CHECK(contains(text, "Storm: 600 connections dropped at once, reconnect immediate\n"));
    CHECK(contains(text, "half after 0.25 s, 99 % after never, all after never (400 of them in 30.0 s)"));
    CHECK(contains(text, "at most 512 handshakes at a time"));
    CHECK(nlohmann::json::parse(capacity_json(result))["storm"]["all_back_s"].is_null());
}

TEST_CASE("capacity report: every kind of limit has a label and a remedy of its own",
          "[report][capacity]") {
    for (std::size_t i = 0; i < stats::kLimitKinds; ++i) {
        CapacityResult result = refused_at_3000();
        result.limit->kind = static_cast<LimitKind>(i);
        const std::string text = capacity_text(result);
        CHECK(contains(text, stats::info(result.limit->kind).label));
        CHECK(contains(text, stats::info(result.limit->kind).remedy));
    }
}

TEST_CASE("capacity report: progress says what it waits for", "[report][capacity]") {
    stats::CapacityProgress progress;
    progress.elapsed_ns = 12 * kSecond;
    progress.open = 410'000;
    progress.wanted = 512'000;
    progress.connections_per_s = 31'204.4;
    CHECK(capacity_progress_text(progress) == "[12 s] 410,000 of 512,000 open, 31,204 connections/s");
    progress.phase = stats::CapacityPhase::deciding;
    progress.opening = 48;
    progress.failed = 21;
    CHECK(capacity_progress_text(progress) ==
          "[12 s] 410,000 open, waiting for 48 that are under way, 21 failed");
    progress.phase = stats::CapacityPhase::holding;
    progress.left_ns = 2'500 * kMillisecond;
    progress.failed = 0;
    CHECK(capacity_progress_text(progress) == "[12 s] holding 410,000, 3 s left");
}

}  // namespace wsblast::report
