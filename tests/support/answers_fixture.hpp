// One connection's messages and answers, without a connection: what the tests of session/answers.hpp share.
#pragma once

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "session/answers.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/times.hpp"

namespace wsblast::test {

inline constexpr TimeNs kStart = 100 * kSecond;
inline constexpr TimeNs kTimeout = 5 * kSecond;

// One connection's messages under the given rule, 10 ms apart.
struct AnswersFixture {
    explicit AnswersFixture(plan::Matching matching, plan::Pacing pacing = plan::Pacing::interval)
        : program(make_program(matching, pacing)), answers({program, control, report, shard, warm}) {
        client.planned = 100;
        report.first_due_ns.set(kNever);
    }
    static plan::Program make_program(plan::Matching matching, plan::Pacing pacing) {
        plan::Program program;
        program.connections = 1;
        program.matching = matching;
        program.message_type = plan::YmeraType::agent_message;
        program.setup_type = plan::YmeraType::subscribe;
        program.schedule = {.pacing = pacing, .interval_ns = 10 * kMs, .rate = plan::RateCurve::at(1)};
        program.pipeline = plan::kPipelineUnlimited;
        program.answer_timeout_ns = kTimeout;
        return program;
    }

    // Message client.sent leaves at `sent_ns` after the start, when it was due.
    void send(TimeNs sent_ns, std::uint32_t count = 1) {
        answers.sent(client, kStart + sent_ns - (count - 1) * 10 * kMs, kStart + sent_ns, count);
    }
    void answer(std::string_view json, TimeNs at_ns) {
        answers.answer_by_content(client, as_bytes(json), kStart + at_ns);
    }
    void answer_number(std::uint64_t number, TimeNs at_ns) {
        answer(ScriptedServer::agent_response(std::to_string(number)), at_ns);
    }
    // The sums that hold at any moment.
    void check_sums() const {
        CHECK(shard.counters.sent.get() ==
              shard.counters.received.get() + shard.counters.lost.get() + client.book.open());
        CHECK(shard.latency.snapshot().count() ==
              shard.counters.received.get() + shard.counters.censored.get());
        CHECK(answers.connections_waiting() == (client.book.open() > 0 ? 1 : 0));
    }
    [[nodiscard]] std::uint64_t count(stats::ErrorKind kind) const {
        return shard.counters.error(kind).get();
    }

    plan::Program program;
    stats::Shard shard;
    stats::Shard warm;
    session::RunControl control;
    session::WorkerReport report;
    session::Answers answers;
    session::ClientState client{};
};

}  // namespace wsblast::test
