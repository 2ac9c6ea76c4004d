#include "session/answers.hpp"

#include <algorithm>
#include <cassert>

#include "base/limits.hpp"

namespace wsblast::session {

namespace {

json::AnswerType answer_to(plan::YmeraType type) {
    switch (type) {
        case plan::YmeraType::agent_message: return json::AnswerType::agent_response;
        case plan::YmeraType::ping: return json::AnswerType::pong;
        case plan::YmeraType::subscribe: return json::AnswerType::subscribed;
        case plan::YmeraType::unsubscribe: return json::AnswerType::unsubscribed;
        case plan::YmeraType::disconnect: return json::AnswerType::disconnect_ack;
        case plan::YmeraType::none: return json::AnswerType::other;
    }
    return json::AnswerType::other;
}

}  // namespace

Answers::Answers(const plan::Program& program, stats::Shard& shard, WorkerReport& report)
    : program_(program),
      shard_(shard),
      report_(report),
      step_ns_(program.schedule.step_ns()),
      pool_(limits::kOpenRunsMax) {}

void Answers::sent(ClientState& client, TimeNs due_ns, TimeNs now_ns, std::uint32_t count) {
    if (program_.matching != plan::Matching::none) {
        const bool was_idle = client.book.open() == 0;
        const bool remembered = client.book.push({due_ns, now_ns, client.sent, count, 0}, step_ns_, pool_);
        assert(remembered);
        (void)remembered;
        if (was_idle) ++waiting_;
    }
    const TimeNs step_ns = count > 1 ? step_ns_ : 0;
    if (step_ns == 0) {
        shard_.send_lag.record_many(now_ns - due_ns, count);
    } else {
        for (std::uint32_t i = 0; i < count; ++i) shard_.send_lag.record(now_ns - due_ns - i * step_ns);
    }
    report_.first_due_ns.lower_to(due_ns);
    report_.last_due_ns.raise_to(due_ns + (count - 1) * step_ns);
    shard_.counters.sent.add(count);
    client.sent += count;
}

void Answers::record(TimeNs due_ns, TimeNs sent_ns, TimeNs now_ns, std::uint64_t count) {
    shard_.latency.record_many(now_ns - due_ns, count);
    shard_.service_time.record_many(now_ns - sent_ns, count);
    shard_.counters.received.add(count);
}

// Something was answered or lost: a place is free, and perhaps nothing is awaited any more.
void Answers::freed(ClientState& client, TimeNs now_ns) {
    if (client.book.open() == 0) --waiting_;
    if (client.place_free_ns == 0) client.place_free_ns = now_ns;
    report_.last_settled_ns.set(now_ns);
}

void Answers::unmatched(ClientState& client) {
    if (client.owed_late > 0) {
        --client.owed_late;
        shard_.counters.late.add();
    } else {
        shard_.counters.unexpected.add();
    }
}

// The `count` oldest messages, all of the first run, were answered at the same time.
void Answers::answer_run(ClientState& client, std::uint32_t count, TimeNs now_ns) {
    const OpenRun& run = client.book.front();
    if (step_ns_ == 0 || count == 1) {
        record(run.due_ns, run.sent_ns, now_ns, count);
    } else {
        const TimeNs step_ns = step_ns_ == kNever ? 0 : step_ns_;
        for (std::uint32_t i = 0; i < count; ++i) record(run.due_ns + i * step_ns, run.sent_ns, now_ns, 1);
    }
    client.book.pop(count, step_ns_, pool_);
}

// Open messages come first: taken for the late answer of a lost message, each answer after a single one that
// never came would be late, and each message of a closed loop lost.
void Answers::answer_oldest(ClientState& client, std::uint64_t count, TimeNs now_ns) {
    const bool any = count > 0 && client.book.open() > 0;
    while (count > 0 && client.book.open() > 0) {
        const auto part =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(count, client.book.front().count));
        answer_run(client, part, now_ns);
        count -= part;
    }
    if (any) freed(client, now_ns);
    for (; count > 0; --count) unmatched(client);
}

void Answers::answer_numbered(ClientState& client, std::uint64_t timestamp, TimeNs now_ns) {
    const ReplyBook::Taken taken =
        timestamp == 0 ? ReplyBook::Taken{} : client.book.take(timestamp - 1, step_ns_, pool_);
    if (taken.sent_ns == 0) {
        if (timestamp == 0 || timestamp > client.sent) {
            shard_.counters.unexpected.add();
        } else {
            unmatched(client);
        }
        return;
    }
    record(taken.due_ns, taken.sent_ns, now_ns, 1);
    freed(client, now_ns);
}

void Answers::answer_by_content(ClientState& client, ByteView message, TimeNs now_ns) {
    const json::YmeraAnswer answer = reader_.read_answer(message);
    if (answer.type == json::AnswerType::error && client.book.open() > 0) {
        lose_oldest(client, 1, stats::ErrorKind::error_answer, now_ns);
        return;
    }
    if (answer.type != answer_to(program_.message_type)) {
        shard_.counters.unexpected.add();
    } else if (program_.matching == plan::Matching::ymera_number && answer.timestamp) {
        answer_numbered(client, *answer.timestamp, now_ns);
    } else {
        answer_oldest(client, 1, now_ns);
    }
}

bool Answers::answers_setup(ByteView message) {
    if (program_.setup_type == plan::YmeraType::none) return true;
    return reader_.read_answer(message).type == answer_to(program_.setup_type);
}

bool Answers::refuses_setup(ByteView message) {
    return program_.setup_type != plan::YmeraType::none &&
           reader_.read_answer(message).type == json::AnswerType::error;
}

void Answers::lose_oldest(ClientState& client, std::uint32_t count, stats::ErrorKind kind, TimeNs now_ns) {
    client.book.pop(count, step_ns_, pool_);
    shard_.counters.lost.add(count);
    shard_.counters.error(kind).add(count);
    freed(client, now_ns);
}

TimeNs Answers::next_timeout_ns(const ClientState& client) const {
    return client.book.open() == 0 ? kNever : client.book.front().sent_ns + program_.answer_timeout_ns;
}

void Answers::expire(ClientState& client, TimeNs now_ns) {
    while (next_timeout_ns(client) <= now_ns) {
        const std::uint32_t count = client.book.front().count;
        client.owed_late += count;
        lose_oldest(client, count, stats::ErrorKind::answer_timeout, now_ns);
    }
}

void Answers::give_up(ClientState& client, TimeNs now_ns) {
    if (client.book.open() > 0) {
        const std::uint32_t count = client.book.clear(pool_);
        shard_.counters.lost.add(count);
        shard_.counters.error(stats::ErrorKind::connection_lost).add(count);
        freed(client, now_ns);
    }
    if (client.planned != plan::kUnlimited) shard_.counters.unsent.add(client.planned - client.sent);
    client.planned = client.sent;
}

}  // namespace wsblast::session
