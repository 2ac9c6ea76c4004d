// Which times an answer, a timeout and a stamp leave in the histograms.
#include "tests/support/answers_fixture.hpp"

using namespace wsblast;
using namespace wsblast::session;
using namespace wsblast::test;
using stats::ErrorKind;

TEST_CASE("answers: a message that timed out is recorded at its deadline, from due and from sent",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo);
    fixture.answers.sent(fixture.client, kStart, kStart + 30 * kMs, 1);
    fixture.answers.expire(fixture.client, kStart + 30 * kMs + kTimeout + 200 * kMs);
    CHECK(fixture.shard.latency.snapshot().max_ns() == kTimeout + 30 * kMs);
    CHECK(fixture.shard.service_time.snapshot().max_ns() == kTimeout);
    CHECK(fixture.shard.counters.censored.get() == 1);
    fixture.check_sums();
}

TEST_CASE("answers: messages of a lost connection, and those refused, are in no histogram",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_number);
    fixture.send(0);
    fixture.send(10 * kMs);
    fixture.answer(R"({"type":"error"})", 20 * kMs);
    fixture.answers.give_up(fixture.client, kStart + 30 * kMs);
    CHECK(fixture.shard.counters.lost.get() == 2);
    CHECK(fixture.shard.counters.censored.get() == 0);
    CHECK(fixture.shard.latency.snapshot().empty());
    fixture.check_sums();
}

TEST_CASE("answers: an answer after that to a later message is out of order, a gap is not",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_number);
    for (TimeNs k = 0; k < 6; ++k) fixture.send(k * 10 * kMs);
    fixture.answer_number(1, 100 * kMs);
    fixture.answer_number(3, 100 * kMs);  // 2 is missing, which may be a loss
    CHECK(fixture.shard.counters.out_of_order.get() == 0);
    fixture.answer_number(2, 100 * kMs);
    CHECK(fixture.shard.counters.out_of_order.get() == 1);
    fixture.answer_number(6, 100 * kMs);
    fixture.answer_number(4, 100 * kMs);
    fixture.answer_number(5, 100 * kMs);
    CHECK(fixture.shard.counters.out_of_order.get() == 3);
    CHECK(fixture.shard.counters.received.get() == 6);
    fixture.check_sums();
}

TEST_CASE("answers: which of many messages timed out is remembered, in any order of late answers",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_number);
    for (TimeNs k = 0; k < 6; ++k) fixture.send(k * 10 * kMs);
    fixture.answer_number(2, 100 * kMs);
    fixture.answer_number(5, 100 * kMs);
    fixture.answers.expire(fixture.client, kStart + 2 * kTimeout);
    CHECK(fixture.shard.counters.lost.get() == 4);
    for (const std::uint64_t number : {6u, 1u, 4u, 3u}) fixture.answer_number(number, 2 * kTimeout);
    CHECK(fixture.shard.counters.late.get() == 4);
    for (std::uint64_t number = 1; number <= 6; ++number) fixture.answer_number(number, 2 * kTimeout);
    CHECK(fixture.shard.counters.duplicates.get() == 6);
    CHECK(fixture.shard.counters.unexpected.get() == 0);
    fixture.check_sums();
}

TEST_CASE("answers: what was due in the warm-up is counted and recorded apart", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_number);
    fixture.control.measured_from_ns = kStart + 25 * kMs;
    fixture.send(50 * kMs, 6);  // due at 0, 10, .. 50 ms, sent together
    for (std::uint64_t number = 1; number <= 5; ++number) fixture.answer_number(number, 60 * kMs);
    fixture.answers.expire(fixture.client, kStart + 2 * kTimeout);
    CHECK(fixture.warm.counters.sent.get() == 3);
    CHECK(fixture.warm.counters.received.get() == 3);
    CHECK(fixture.warm.latency.snapshot().max_ns() == 60 * kMs);
    CHECK(fixture.shard.counters.sent.get() == 3);
    CHECK(fixture.shard.counters.received.get() == 2);
    CHECK(fixture.shard.counters.lost.get() == 1);
    CHECK(fixture.shard.latency.snapshot().min_ns() == 20 * kMs);
    CHECK(fixture.report.first_due_ns.get() == kStart + 30 * kMs);
    fixture.check_sums();
}

TEST_CASE("answers: a kernel stamp is that of the last message of its receive", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_number);
    for (TimeNs k = 0; k < 4; ++k) fixture.send(0);
    fixture.answers.begin_read({.now_ns = kStart + 9 * kMs, .stamp_ns = kStart + 5 * kMs});
    for (std::uint64_t number = 1; number <= 3; ++number) fixture.answer_number(number, 9 * kMs);
    CHECK(fixture.shard.counters.received.get() == 2);  // which one is the last is known at the end
    fixture.answers.end_read();
    fixture.check_sums();
    const auto latency = fixture.shard.latency.snapshot();
    CHECK(latency.min_ns() == 5 * kMs);
    CHECK(latency.max_ns() == 9 * kMs);
    CHECK(latency.count() == 3);
    CHECK(fixture.shard.counters.stamps_shared.get() == 2);
    CHECK(fixture.shard.receive_delay.snapshot().max_ns() == 4 * kMs);
    fixture.answers.begin_read({.now_ns = kStart + 20 * kMs});
    fixture.answer_number(4, 20 * kMs);
    fixture.answers.end_read();
    CHECK(fixture.shard.latency.snapshot().max_ns() == 20 * kMs);
    CHECK(fixture.shard.counters.stamps_shared.get() == 2);
}

TEST_CASE("answers: of many that are answered at once the last one takes the stamp", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo, plan::Pacing::closed);
    fixture.answers.sent(fixture.client, kStart, kStart, 5);
    fixture.answers.begin_read({.now_ns = kStart + 9 * kMs, .stamp_ns = kStart + 5 * kMs});
    fixture.answers.answer_oldest(fixture.client, 5, kStart + 9 * kMs);
    fixture.answers.end_read();
    CHECK(fixture.shard.latency.snapshot().count() == 5);
    CHECK(fixture.shard.latency.snapshot().min_ns() == 5 * kMs);
    CHECK(*fixture.shard.latency.snapshot().percentile(0.2) < 6 * kMs);
    CHECK(*fixture.shard.latency.snapshot().percentile(0.4) >= 9 * kMs);
    CHECK(fixture.shard.counters.stamps_shared.get() == 4);
    fixture.check_sums();
}
