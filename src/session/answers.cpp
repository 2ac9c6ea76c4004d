#include "session/answers.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

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

// a comes before b, both modulo 2^32.
bool before(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b) < 0;
}

}  // namespace

Answers::Answers(const RunParts& run)
    : program_(run.program),
      shard_(run.shard),
      warm_(run.warm),
      report_(run.report),
      timetable_(run.program, run.control),
      step_ns_(run.program.schedule.step_ns()),
      pool_(limits::kOpenRunsMax),
      overdue_(run.program.connections),
      overdue_pool_(limits::kOverdueRunsMax) {}

// Calls each(due_ns, count) for messages that became due together.
template <class Each>
void Answers::for_each_due(TimeNs due_ns, std::uint32_t count, Each&& each) {
    if (count == 1 || step_ns_ == 0 || step_ns_ == kNever) return each(due_ns, count);
    for (std::uint32_t i = 0; i < count; ++i) each(due_ns + i * step_ns_, 1u);
}

// --- sending -------------------------------------------------------------------------------------

void Answers::sent(ClientState& client, TimeNs due_ns, TimeNs now_ns, std::uint32_t count) {
    if (program_.matching != plan::Matching::none) {
        const bool was_idle = client.book.open() == 0;
        const bool remembered = client.book.push({due_ns, now_ns, client.sent, count, 0}, step_ns_, pool_);
        assert(remembered);
        (void)remembered;
        if (was_idle) ++waiting_;
    }
    for_each_due(due_ns, count, [&](TimeNs part_due_ns, std::uint32_t part) {
        stats::Shard& shard = shard_of(part_due_ns);
        shard.send_lag.record_many(now_ns - part_due_ns, part);
        shard.counters.sent.add(part);
        if (client.blocked == Blocked::yes) {
            shard.blocked_lag.record_many(now_ns - part_due_ns, part);
            shard.counters.blocked.add(part);
        }
        if (&shard == &warm_) return;
        report_.first_due_ns.lower_to(part_due_ns);
        report_.last_due_ns.raise_to(part_due_ns);
    });
    client.sent += count;
}

// --- recording -----------------------------------------------------------------------------------

// What the stamp of the receive is that has been read.
void Answers::take_stamp() {
    if (stamped_.count > 0) {
        shard_of(stamped_.due_ns).receive_delay.record(read_ns_ - stamp_ns_);
        record_at(stamped_.due_ns, stamped_.sent_ns, stamped_.count, std::max(stamp_ns_, stamped_.sent_ns));
    }
    stamped_ = {};
    stamp_ns_ = 0;
}

void Answers::record(TimeNs due_ns, TimeNs sent_ns, std::uint64_t count, TimeNs now_ns) {
    if (stamp_ns_ != 0) return record_stamped({due_ns, sent_ns, count}, now_ns);
    record_at(due_ns, sent_ns, count, now_ns);
}

// The last answer so far was not the last one of this receive; nor were the first ones of these.
void Answers::record_stamped(const Answered& answered, TimeNs now_ns) {
    const Answered earlier = std::exchange(stamped_, {answered.due_ns, answered.sent_ns, 1});
    for (const Answered& unstamped :
         {earlier, Answered{answered.due_ns, answered.sent_ns, answered.count - 1}}) {
        if (unstamped.count == 0) continue;
        record_at(unstamped.due_ns, unstamped.sent_ns, unstamped.count, now_ns);
        shard_of(unstamped.due_ns).counters.stamps_shared.add(unstamped.count);
    }
}

void Answers::record_at(TimeNs due_ns, TimeNs sent_ns, std::uint64_t count, TimeNs answer_ns) {
    stats::Shard& shard = shard_of(due_ns);
    shard.latency.record_many(answer_ns - due_ns, count);
    shard.service_time.record_many(answer_ns - sent_ns, count);
    shard.counters.received.add(count);
}

// Something was answered or lost: a place is free, and perhaps nothing is awaited any more.
void Answers::freed(ClientState& client, TimeNs now_ns) {
    if (client.book.open() == 0) --waiting_;
    if (client.due_ns == kNever) client.due_ns = now_ns;
    report_.last_settled_ns.set(now_ns);
}

// --- answers -------------------------------------------------------------------------------------

// The `count` oldest messages, all of the first run, were answered at the same time.
void Answers::answer_run(ClientState& client, std::uint32_t count, TimeNs now_ns) {
    const OpenRun& run = client.book.front();
    for_each_due(run.due_ns, count,
                 [&](TimeNs due_ns, std::uint32_t part) { record(due_ns, run.sent_ns, part, now_ns); });
    client.book.pop(count, step_ns_, pool_);
}

// Open messages come first: taken for the late answer of a lost message, each answer after a single one
// that never came would be late, and each message of a closed loop lost.
void Answers::answer_oldest(ClientState& client, std::uint64_t count, TimeNs now_ns) {
    const bool any = count > 0 && client.book.open() > 0;
    while (count > 0 && client.book.open() > 0) {
        const auto part =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(count, client.book.front().count));
        answer_run(client, part, now_ns);
        count -= part;
    }
    if (any) freed(client, now_ns);
    for (; count > 0; --count) count_unmatched(client, now_ns);
}

// Message `number`, from 1.
void Answers::answer_numbered(ClientState& client, std::uint64_t number, TimeNs now_ns) {
    if (number == 0 || number > client.sent) return unexpected(now_ns);
    const ReplyBook::Taken taken = client.book.take(number - 1, step_ns_, pool_);
    if (taken.sent_ns == 0) return count_stale(client, number, now_ns);
    record(taken.due_ns, taken.sent_ns, 1, now_ns);
    note_order(client, number, taken.due_ns);
    freed(client, now_ns);
}

// The oldest message that carries the value: first among the open ones, then among those that timed out,
// then among the last ones that were answered.
void Answers::answer_valued(ClientState& client, std::string_view value, TimeNs now_ns) {
    const auto carries = [&](std::uint64_t index) {
        return program_.answer_key->carries({.connection = client.index, .number = index + 1}, value);
    };
    std::uint64_t index = client.book.find(pool_, carries);
    if (index == ReplyBook::kNone) index = overdue_[client.index].find(overdue_pool_, carries);
    for (std::uint64_t back = 1;
         index == ReplyBook::kNone && back <= std::min(client.sent, limits::kValuesLookedAt); ++back) {
        if (carries(client.sent - back)) index = client.sent - back;
    }
    if (index == ReplyBook::kNone) return unexpected(now_ns);
    answer_numbered(client, index + 1, now_ns);
}

void Answers::answer_ymera(ClientState& client, ByteView message, TimeNs now_ns) {
    const json::YmeraAnswer answer = ymera_.read_answer(message);
    if (answer.type == json::AnswerType::error && client.book.open() > 0) {
        lose_oldest(client, 1, stats::ErrorKind::error_answer, now_ns);
    } else if (answer.type != answer_to(program_.message_type)) {
        unexpected(now_ns);
    } else if (program_.matching == plan::Matching::ymera_number && answer.timestamp) {
        answer_numbered(client, *answer.timestamp, now_ns);
    } else {
        answer_oldest(client, 1, now_ns);
    }
}

void Answers::answer_by_content(ClientState& client, ByteView message, TimeNs now_ns) {
    if (program_.matching != plan::Matching::key) return answer_ymera(client, message, now_ns);
    const plan::AnswerKey::Read read = program_.answer_key->read(message, fields_);
    switch (read.kind) {
        case plan::AnswerKey::ReadKind::absent: return unexpected(now_ns);
        case plan::AnswerKey::ReadKind::number: return answer_numbered(client, read.number, now_ns);
        case plan::AnswerKey::ReadKind::value: return answer_valued(client, read.value, now_ns);
    }
}

// An answer is out of order when a later message of its connection was answered before (RFC 4737 3.3).
void Answers::note_order(ClientState& client, std::uint64_t number, TimeNs due_ns) {
    const auto end = static_cast<std::uint32_t>(number);
    if (before(end, client.answered_end)) {
        shard_of(due_ns).counters.out_of_order.add();
    } else {
        client.answered_end = end;
    }
}

// An answer to a message that was sent and is not open: it comes late, or again.
void Answers::count_stale(ClientState& client, std::uint64_t number, TimeNs now_ns) {
    const ReplyBook::Taken taken = overdue_[client.index].take(number - 1, step_ns_, overdue_pool_);
    if (taken.sent_ns != 0) {
        shard_of(taken.due_ns).counters.late.add();
    } else {
        shard_of(now_ns).counters.duplicates.add();
    }
}

// An answer without a number, and nothing is open.
void Answers::count_unmatched(ClientState& client, TimeNs now_ns) {
    ReplyBook& overdue = overdue_[client.index];
    if (overdue.open() == 0) return unexpected(now_ns);
    shard_of(overdue.front().due_ns).counters.late.add();
    overdue.pop(1, step_ns_, overdue_pool_);
}

bool Answers::answers_setup(ByteView message) {
    if (program_.setup_type == plan::YmeraType::none) return true;
    return ymera_.read_answer(message).type == answer_to(program_.setup_type);
}

bool Answers::refuses_setup(ByteView message) {
    return program_.setup_type != plan::YmeraType::none &&
           ymera_.read_answer(message).type == json::AnswerType::error;
}

// --- losses --------------------------------------------------------------------------------------

void Answers::lose_oldest(ClientState& client, std::uint32_t count, stats::ErrorKind kind, TimeNs now_ns) {
    for_each_due(client.book.front().due_ns, count, [&](TimeNs due_ns, std::uint32_t part) {
        shard_of(due_ns).counters.lost.add(part);
        shard_of(due_ns).counters.error(kind).add(part);
    });
    client.book.pop(count, step_ns_, pool_);
    freed(client, now_ns);
}

TimeNs Answers::next_timeout_ns(const ClientState& client) const {
    return client.book.open() == 0 ? kNever : client.book.front().sent_ns + program_.answer_timeout_ns;
}

// A message that timed out took at least that long: without it the slowest would be left out of the
// figures.
void Answers::expire(ClientState& client, TimeNs now_ns) {
    while (next_timeout_ns(client) <= now_ns) {
        const OpenRun run = client.book.front();
        const TimeNs deadline_ns = next_timeout_ns(client);
        for_each_due(run.due_ns, run.count, [&](TimeNs due_ns, std::uint32_t count) {
            stats::Shard& shard = shard_of(due_ns);
            shard.latency.record_many(deadline_ns - due_ns, count);
            shard.service_time.record_many(program_.answer_timeout_ns, count);
            shard.counters.censored.add(count);
        });
        remember_overdue(client, now_ns);
        lose_oldest(client, run.count, stats::ErrorKind::answer_timeout, now_ns);
    }
}

// The first open run has timed out. What is forgotten here would be taken for a second answer, should it
// come after all.
void Answers::remember_overdue(const ClientState& client, TimeNs now_ns) {
    ReplyBook& overdue = overdue_[client.index];
    const TimeNs kept_ns = program_.answer_timeout_ns + limits::kLateAnswersNs;
    while (overdue.open() > 0 && overdue.front().sent_ns + kept_ns < now_ns) {
        overdue.pop(overdue.front().count, step_ns_, overdue_pool_);
    }
    if (overdue.push(client.book.front(), step_ns_, overdue_pool_)) return;
    overdue.clear(overdue_pool_);
    (void)overdue.push(client.book.front(), step_ns_, overdue_pool_);  // an empty book takes one
}

void Answers::give_up(ClientState& client, TimeNs now_ns) {
    while (client.book.open() > 0) {
        lose_oldest(client, client.book.front().count, stats::ErrorKind::connection_lost, now_ns);
    }
    overdue_[client.index].clear(overdue_pool_);
    give_up_unsent(client, now_ns);
}

void Answers::give_up_seat(std::uint64_t seat) {
    ClientState nobody{};
    timetable_.begin(nobody, 0, seat);
    give_up_unsent(nobody, 0);
}

void Answers::give_up_unsent(ClientState& client, TimeNs now_ns) {
    if (client.planned == plan::kUnlimited) {
        // The warm-up of a closed loop, before it is known with which message it ends.
        if (program_.schedule.messages != plan::kUnlimited)
            shard_.counters.unsent.add(program_.schedule.messages);
    } else {
        const std::uint64_t unsent = client.planned - client.sent;
        const std::uint64_t warm = timetable_.waiting(client, timetable_.measured_from_ns());
        warm_.counters.unsent.add(warm);
        shard_.counters.unsent.add(unsent - warm);
        if (client.blocked == Blocked::yes) {
            const std::uint64_t blocked = timetable_.waiting(client, now_ns);
            warm_.counters.blocked.add(std::min(warm, blocked));
            shard_.counters.blocked.add(blocked - std::min(warm, blocked));
        }
    }
    client.planned = client.sent;
}

}  // namespace wsblast::session
