#include "session/answers.hpp"

#include "tests/support/answers_fixture.hpp"

using namespace wsblast;
using namespace wsblast::session;
using namespace wsblast::test;
using stats::ErrorKind;

TEST_CASE("answers: first in first out, each data message answers the oldest open one",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo);
    fixture.send(0);
    fixture.send(10 * kMs);
    fixture.answers.answer_oldest(fixture.client, 1, kStart + 30 * kMs);
    CHECK(fixture.shard.latency.snapshot().max_ns() == 30 * kMs);
    fixture.answers.answer_oldest(fixture.client, 1, kStart + 30 * kMs);
    CHECK(fixture.shard.latency.snapshot().min_ns() == 20 * kMs);
    CHECK(fixture.shard.counters.received.get() == 2);
    fixture.check_sums();
}

TEST_CASE("answers: many at once are each recorded from their own due time", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo);
    fixture.send(40 * kMs, 5);  // due at 0, 10, .. 40 ms, sent together
    CHECK(fixture.shard.send_lag.snapshot().summarize()->mean == Approx(20e6));
    fixture.answers.answer_oldest(fixture.client, 3, kStart + 50 * kMs);
    const auto latency = fixture.shard.latency.snapshot().summarize();
    REQUIRE(latency);
    CHECK(latency->max == 50 * kMs);
    CHECK(latency->min == 30 * kMs);
    CHECK(fixture.shard.service_time.snapshot().max_ns() == 10 * kMs);
    CHECK(fixture.client.book.open() == 2);
    fixture.check_sums();
}

TEST_CASE("answers: more answers than open messages are unexpected", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo);
    fixture.send(0);
    fixture.answers.answer_oldest(fixture.client, 3, kStart + kMs);
    CHECK(fixture.shard.counters.received.get() == 1);
    CHECK(fixture.shard.counters.unexpected.get() == 2);
    fixture.check_sums();
}

TEST_CASE("answers: a message without an answer is lost when its timeout has passed",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo);
    CHECK(fixture.answers.next_timeout_ns(fixture.client) == kNever);
    fixture.send(0);
    fixture.send(10 * kMs);
    CHECK(fixture.answers.next_timeout_ns(fixture.client) == kStart + kTimeout);
    fixture.answers.expire(fixture.client, kStart + kTimeout - 1);
    CHECK(fixture.shard.counters.lost.get() == 0);
    fixture.answers.expire(fixture.client, kStart + kTimeout);
    CHECK(fixture.shard.counters.lost.get() == 1);
    CHECK(fixture.count(ErrorKind::answer_timeout) == 1);
    CHECK(fixture.answers.next_timeout_ns(fixture.client) == kStart + 10 * kMs + kTimeout);
    fixture.check_sums();
}

TEST_CASE("answers: first in first out, of one message whose answer never comes only that one is lost",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo);
    fixture.send(0);
    fixture.answers.expire(fixture.client, kStart + kTimeout);
    for (TimeNs k = 0; k < 5; ++k) {
        fixture.send(kTimeout + k * 10 * kMs);
        fixture.answers.answer_oldest(fixture.client, 1, kStart + kTimeout + k * 10 * kMs + kMs);
    }
    CHECK(fixture.shard.counters.received.get() == 5);
    CHECK(fixture.shard.counters.lost.get() == 1);
    CHECK(fixture.shard.counters.late.get() == 0);
    const auto latency = fixture.shard.latency.snapshot();
    CHECK(*latency.percentile(0.8) < kMs + kMs / 500);  // the end of its bucket
    CHECK(latency.max_ns() == kTimeout);
    fixture.check_sums();
}

TEST_CASE("answers: first in first out, an answer too many is that of a message that timed out",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo);
    fixture.send(0);
    fixture.answers.expire(fixture.client, kStart + kTimeout);
    fixture.send(kTimeout);
    fixture.answers.answer_oldest(fixture.client, 2, kStart + kTimeout + 7 * kMs);
    CHECK(fixture.shard.counters.late.get() == 1);
    CHECK(fixture.shard.counters.received.get() == 1);
    CHECK(fixture.shard.counters.unexpected.get() == 0);
    CHECK(fixture.shard.latency.snapshot().min_ns() == 7 * kMs);
    fixture.check_sums();
}

TEST_CASE("answers: by number, in any order", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_number);
    for (TimeNs k = 0; k < 4; ++k) fixture.send(k * 10 * kMs);
    fixture.answer_number(3, 100 * kMs);
    CHECK(fixture.shard.latency.snapshot().max_ns() == 80 * kMs);
    fixture.answer_number(1, 100 * kMs);
    fixture.answer_number(4, 100 * kMs);
    fixture.answer_number(2, 100 * kMs);
    CHECK(fixture.shard.counters.received.get() == 4);
    CHECK(fixture.shard.latency.snapshot().max_ns() == 100 * kMs);
    CHECK(fixture.shard.latency.snapshot().min_ns() == 70 * kMs);
    fixture.check_sums();
}

TEST_CASE("answers: by number, what is late, sent twice or foreign answers nothing", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_number);
    fixture.send(0);
    fixture.answers.expire(fixture.client, kStart + kTimeout);
    fixture.send(kTimeout);
    fixture.answer_number(1, kTimeout + kMs);  // late
    CHECK(fixture.shard.counters.late.get() == 1);
    fixture.answer_number(2, kTimeout + kMs);
    fixture.answer_number(2, kTimeout + kMs);  // again
    CHECK(fixture.shard.counters.duplicates.get() == 1);
    fixture.answer_number(1, kTimeout + kMs);  // late, and again
    CHECK(fixture.shard.counters.late.get() == 1);
    CHECK(fixture.shard.counters.duplicates.get() == 2);
    fixture.answer_number(3, kTimeout + kMs);  // never sent
    fixture.answer_number(0, kTimeout + kMs);
    fixture.answer(R"({"type":"agent_response","timestamp":1.5})", kTimeout + kMs);
    CHECK(fixture.shard.counters.unexpected.get() == 3);
    CHECK(fixture.shard.counters.received.get() == 1);
    CHECK(fixture.shard.counters.lost.get() == 1);
    fixture.check_sums();
}

TEST_CASE("answers: an agent_response without a timestamp answers the oldest", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_number);
    fixture.send(0);
    fixture.send(10 * kMs);
    fixture.answer(R"({"type":"agent_response"})", 50 * kMs);
    CHECK(fixture.shard.latency.snapshot().max_ns() == 50 * kMs);
    CHECK(fixture.client.book.front().first == 1);
    fixture.check_sums();
}

TEST_CASE("answers: an error makes the oldest open message lost", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_number);
    fixture.send(0);
    fixture.send(10 * kMs);
    fixture.answer(R"({"type":"error","message":"no"})", 50 * kMs);
    CHECK(fixture.count(ErrorKind::error_answer) == 1);
    CHECK(fixture.shard.counters.lost.get() == 1);
    fixture.answer_number(2, 50 * kMs);
    CHECK(fixture.shard.counters.received.get() == 1);
    fixture.answer(R"({"type":"error"})", 60 * kMs);
    CHECK(fixture.shard.counters.unexpected.get() == 1);
    fixture.check_sums();
}

TEST_CASE("answers: messages of another type are pushes, not answers", "[session][answers]") {
    const plan::Matching matching = GENERATE(plan::Matching::ymera_number, plan::Matching::ymera_type);
    AnswersFixture fixture(matching);
    fixture.send(0);
    for (const std::string_view push :
         {R"({"type":"pong"})", R"({"type":"metrics","value":1})", "no JSON", "7"}) {
        fixture.answer(push, kMs);
    }
    CHECK(fixture.shard.counters.unexpected.get() == 4);
    CHECK(fixture.shard.counters.received.get() == 0);
    fixture.check_sums();
}

TEST_CASE("answers: by type, the number in an answer does not matter", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_type);
    fixture.send(0);
    fixture.answer_number(77, kMs);
    CHECK(fixture.shard.counters.received.get() == 1);
    fixture.check_sums();
}

TEST_CASE("answers: the setup is answered by its type", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::ymera_number);
    CHECK(fixture.answers.answers_setup(as_bytes(R"({"type": "subscribed", "channel": "agents"})")));
    CHECK_FALSE(fixture.answers.answers_setup(as_bytes(R"({"type":"pong"})")));
    CHECK(fixture.answers.refuses_setup(as_bytes(R"({"type":"error"})")));
    CHECK_FALSE(fixture.answers.refuses_setup(as_bytes(R"({"type":"pong"})")));
    fixture.program.setup_type = plan::YmeraType::none;
    CHECK(fixture.answers.answers_setup(as_bytes("anything")));
    CHECK_FALSE(fixture.answers.refuses_setup(as_bytes(R"({"type":"error"})")));
}

TEST_CASE("answers: when a connection ends, the open are lost and the rest is unsent",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo);
    fixture.send(0);
    fixture.send(10 * kMs);
    fixture.send(20 * kMs);
    fixture.answers.answer_oldest(fixture.client, 1, kStart + 25 * kMs);
    fixture.answers.give_up(fixture.client, kStart + 30 * kMs);
    CHECK(fixture.count(ErrorKind::connection_lost) == 2);
    CHECK(fixture.shard.counters.lost.get() == 2);
    CHECK(fixture.shard.counters.unsent.get() == 97);
    CHECK(fixture.client.planned == fixture.client.sent);
    fixture.answers.give_up(fixture.client, kStart + 30 * kMs);
    CHECK(fixture.shard.counters.unsent.get() == 97);
    fixture.check_sums();
}

TEST_CASE("answers: a place is free again from the moment of the answer or the loss",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo, plan::Pacing::closed);
    fixture.program.pipeline = 2;
    fixture.answers.sent(fixture.client, kStart, kStart, 2);
    fixture.client.due_ns = kNever;  // as the pacer does when no place is left
    CHECK(fixture.answers.places(fixture.client) == 0);
    fixture.answers.answer_oldest(fixture.client, 1, kStart + kMs);
    CHECK(fixture.answers.places(fixture.client) == 1);
    CHECK(fixture.client.due_ns == kStart + kMs);
    fixture.answers.answer_oldest(fixture.client, 1, kStart + 2 * kMs);
    CHECK(fixture.client.due_ns == kStart + kMs);
    CHECK(fixture.report.last_settled_ns.get() == kStart + 2 * kMs);
}

TEST_CASE("answers: a rate's messages have no common step, each is a run of its own",
          "[session][answers]") {
    AnswersFixture fixture(plan::Matching::fifo, plan::Pacing::rate);
    fixture.send(0);
    fixture.send(0);
    fixture.send(5 * kMs);
    fixture.answers.answer_oldest(fixture.client, 3, kStart + 10 * kMs);
    CHECK(fixture.shard.counters.received.get() == 3);
    CHECK(fixture.shard.latency.snapshot().min_ns() == 5 * kMs);
    CHECK(fixture.shard.latency.snapshot().max_ns() == 10 * kMs);
    fixture.check_sums();
}

TEST_CASE("answers: without matching nothing is remembered", "[session][answers]") {
    AnswersFixture fixture(plan::Matching::none);
    fixture.send(0);
    CHECK(fixture.shard.counters.sent.get() == 1);
    CHECK(fixture.client.book.open() == 0);
    CHECK(fixture.answers.next_timeout_ns(fixture.client) == kNever);
    CHECK(fixture.answers.connections_waiting() == 0);
}
