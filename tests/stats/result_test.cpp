#include "stats/result.hpp"

#include <memory>

#include <catch2/catch.hpp>

namespace wsblast::stats {

TEST_CASE("result: TCP's own view is there when some connections were asked", "[stats][result]") {
    RunResult result;
    Snapshot totals;
    set_totals(result, totals);
    REQUIRE_FALSE(result.tcp.has_value());
    const auto shard = std::make_unique<Shard>();
    shard->counters.tcp_sampled.add(5);
    shard->counters.tcp_retransmits.add(4);
    shard->counters.tcp_syn_retransmits.add(3);
    shard->tcp_rtt.record(20'000);
    shard->loop_lag.record(700);
    totals.add(*shard);
    set_totals(result, totals);
    REQUIRE(result.tcp.has_value());
    REQUIRE(result.tcp->sampled == 5);
    REQUIRE(result.tcp->retransmits == 4);
    REQUIRE(result.tcp->syn_retransmits == 3);
    REQUIRE(result.tcp->rtt->max == 20'000);
    REQUIRE(result.generator.loop_lag->max == 700);
    REQUIRE(result.totals.tcp_rtt.count() == 1);
}

TEST_CASE("result: totals bring counters, summaries and what was seen of the server", "[stats][result]") {
    const auto shard = std::make_unique<Shard>();
    shard->counters.attempted.add(2);
    shard->counters.received.add(1);
    shard->latency.record(4'000);
    shard->service_time.record(3'000);
    shard->send_lag.record(1'000);
    shard->connect_tcp.record(100);
    shard->connect_upgrade.record(200);
    shard->connect_total.record(300);
    shard->upgrade_status.count(101);
    shard->closes.count(CloseKey{1000, CloseBy::us, ClosePhase::open}.pack());
    shard->excerpts.keep(500, as_bytes("oops"));
    Snapshot totals;
    totals.add(*shard);

    RunResult result;
    set_totals(result, totals);
    REQUIRE(result.counters.attempted == 2);
    REQUIRE(result.latency->max == 4'000);
    REQUIRE(result.service_time->max == 3'000);
    REQUIRE(result.generator.send_lag->max == 1'000);
    REQUIRE(result.connect.tcp->max == 100);
    REQUIRE(result.connect.upgrade->max == 200);
    REQUIRE(result.connect.total->max == 300);
    REQUIRE_FALSE(result.connect.tls.has_value());
    REQUIRE(result.upgrade_status.size() == 1);
    REQUIRE(result.closes.size() == 1);
    REQUIRE(result.excerpts.size() == 1);
}

TEST_CASE("result: messages a second are answers over the whole duration", "[stats][result]") {
    RunResult result;
    REQUIRE_FALSE(received_per_s(result).has_value());
    result.duration_s = 2;
    result.counters.sent = 10;
    REQUIRE_FALSE(received_per_s(result).has_value());  // nothing is awaited, or nothing came to an end
    result.counters.received = 9;
    REQUIRE(received_per_s(result) == 4.5);
    result.counters.received = 0;
    result.counters.lost = 10;
    REQUIRE(received_per_s(result) == 0.0);
}

TEST_CASE("result: errors come by their number, else in the order of the kinds", "[stats][result]") {
    CounterValues counters;
    counters.error(ErrorKind::refused) = 2;
    counters.error(ErrorKind::answer_timeout) = 9;
    counters.error(ErrorKind::connect_timeout) = 2;
    const std::vector<ErrorCount> errors = errors_by_count(counters);
    REQUIRE(errors.size() == 3);
    REQUIRE(errors[0].kind == ErrorKind::answer_timeout);
    REQUIRE(errors[1].kind == ErrorKind::connect_timeout);
    REQUIRE(errors[2].kind == ErrorKind::refused);
    REQUIRE(errors[0].count == 9);
}

TEST_CASE("result: the verdict is asked about what was counted", "[stats][result]") {
    RunResult result;
    result.duration_s = 1;
    result.workload.loop = Loop::closed;
    result.offered_per_s = 2'000;
    result.counters.attempted = 10;
    result.counters.successful = 9;
    result.counters.failed = 1;
    result.counters.due = 2'000;
    result.counters.sent = 1'999;
    result.counters.received = 1'990;
    result.counters.lost = 9;
    result.counters.error(ErrorKind::bad_utf8) = 3;
    const VerdictInput input = verdict_input(result);
    REQUIRE(input.attempted == 10);
    REQUIRE(input.successful == 9);
    REQUIRE(input.failed == 1);
    REQUIRE(input.due == 2'000);
    REQUIRE(input.sent == 1'999);
    REQUIRE(input.lost == 9);
    REQUIRE(input.protocol_errors == 3);
    REQUIRE(input.loop == Loop::closed);
    REQUIRE(input.offered_per_s == 2'000);
    REQUIRE(input.received_per_s == 1'990.0);
    REQUIRE(to_text(GeneratorStatus::suspect) == "suspect");
}

}  // namespace wsblast::stats
