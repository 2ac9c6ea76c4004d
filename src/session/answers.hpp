// Answers find their messages here, and every message ends here: received, lost, or given up unsent.
//
// What was due in the warm-up is counted and recorded apart, in a shard of its own. One worker thread;
// nothing is allocated.
#pragma once

#include <cstdint>

#include "base/mapped_array.hpp"
#include "base/units.hpp"
#include "json/field_reader.hpp"
#include "json/ymera.hpp"
#include "plan/program.hpp"
#include "session/client_state.hpp"
#include "session/reply_book.hpp"
#include "session/run_control.hpp"
#include "session/timetable.hpp"
#include "stats/shard.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

class Answers {
  public:
    explicit Answers(const RunParts& run);

    [[nodiscard]] bool ok() const { return pool_.ok() && overdue_pool_.ok() && overdue_.ok(); }
    // Connections that have open messages.
    [[nodiscard]] std::uint32_t connections_waiting() const { return waiting_; }

    // No more messages can be remembered: none may be sent until some are answered or lost.
    [[nodiscard]] bool memory_is_used_up() const { return pool_.exhausted(); }

    // `count` messages of the connection were handed over at `now_ns`, the first of them due at `due_ns`.
    void sent(ClientState& client, TimeNs due_ns, TimeNs now_ns, std::uint32_t count);

    // Before and after all answers that one receive brought. A kernel stamp is that of its last bytes: it
    // is taken for the last message only, and the others keep the time of user space.
    void begin_read(const transport::Arrival& at) {
        stamp_ns_ = at.stamp_ns;
        read_ns_ = at.now_ns;
    }
    void end_read() {
        if (stamp_ns_ != 0) take_stamp();
    }
    // Data messages came that by the matching rule need not be looked at: the oldest open ones are
    // answered.
    void answer_oldest(ClientState& client, std::uint64_t count, TimeNs now_ns);
    // A data message came whose content decides what it answers.
    void answer_by_content(ClientState& client, ByteView message, TimeNs now_ns);
    // Bytes came on an open connection.
    void received(std::size_t size, TimeNs now_ns) { shard_of(now_ns).counters.bytes_received.add(size); }
    // A data message came that answers nothing.
    void unexpected(TimeNs now_ns) { shard_of(now_ns).counters.unexpected.add(); }
    // Whether a data message answers the setup message.
    [[nodiscard]] bool answers_setup(ByteView message);
    // Whether it says instead that the setup message was refused.
    [[nodiscard]] bool refuses_setup(ByteView message);

    // Messages whose timeout has passed are lost.
    void expire(ClientState& client, TimeNs now_ns);
    // Whether an answer that is still to come could be taken for that of another message: one has timed
    // out, and no answer says what it answers.
    [[nodiscard]] bool confusable(const ClientState& client) const {
        const bool told =
            program_.matching == plan::Matching::none || program_.matching == plan::Matching::key;
        return !told && overdue_[client.index].open() > 0;
    }
    // When the oldest open message times out; kNever when nothing is open.
    [[nodiscard]] TimeNs next_timeout_ns(const ClientState& client) const;

    // The connection ended: what is open is lost, what was planned and not sent is unsent.
    void give_up(ClientState& client, TimeNs now_ns);
    // A seat of the schedule whose connection was lost before it could begin.
    void give_up_seat(std::uint64_t seat);
    // It sends no more: what was planned and not sent is unsent.
    void give_up_unsent(ClientState& client, TimeNs now_ns);

    // How many messages may be sent now, as far as the pipeline is concerned.
    [[nodiscard]] std::uint32_t places(const ClientState& client) const {
        return program_.pipeline - client.book.open();
    }

  private:
    // Messages that were due and sent together, and are answered.
    struct Answered {
        TimeNs due_ns = 0;
        TimeNs sent_ns = 0;
        std::uint64_t count = 0;
    };
    [[nodiscard]] stats::Shard& shard_of(TimeNs due_ns) {
        return due_ns < timetable_.measured_from_ns() ? warm_ : shard_;
    }
    template <class Each>
    void for_each_due(TimeNs due_ns, std::uint32_t count, Each&& each);
    // Plain numbers and no struct: they stay in registers, which is a fifth of what a message costs here.
    void record(TimeNs due_ns, TimeNs sent_ns, std::uint64_t count, TimeNs now_ns);
    void record_at(TimeNs due_ns, TimeNs sent_ns, std::uint64_t count, TimeNs answer_ns);
    void record_stamped(const Answered& answered, TimeNs now_ns);
    void take_stamp();
    void answer_run(ClientState& client, std::uint32_t count, TimeNs now_ns);
    void answer_numbered(ClientState& client, std::uint64_t number, TimeNs now_ns);
    void answer_valued(ClientState& client, std::string_view value, TimeNs now_ns);
    void answer_ymera(ClientState& client, ByteView message, TimeNs now_ns);
    void note_order(ClientState& client, std::uint64_t number, TimeNs due_ns);
    void count_stale(ClientState& client, std::uint64_t number, TimeNs now_ns);
    void count_unmatched(ClientState& client, TimeNs now_ns);
    void lose_oldest(ClientState& client, std::uint32_t count, stats::ErrorKind kind, TimeNs now_ns);
    void remember_overdue(const ClientState& client, TimeNs now_ns);
    void freed(ClientState& client, TimeNs now_ns);

    // Constant after construction.
    const plan::Program& program_;
    stats::Shard& shard_;
    stats::Shard& warm_;
    WorkerReport& report_;
    Timetable timetable_;
    TimeNs step_ns_;
    // Per message.
    RunPool pool_;
    json::YmeraReader ymera_;
    json::FieldReader fields_;
    std::uint32_t waiting_ = 0;
    TimeNs stamp_ns_ = 0;  // of the receive that is being read
    TimeNs read_ns_ = 0;   // when user space came to it
    Answered stamped_;     // its last answers so far, not recorded yet
    // Of each connection, by its index: messages that timed out and whose answers have not come late.
    MappedArray<ReplyBook> overdue_;
    RunPool overdue_pool_;
};

}  // namespace wsblast::session
