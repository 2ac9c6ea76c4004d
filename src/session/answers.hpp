// Answers find their messages here, and every message ends here: received, lost, or given up unsent.
//
// One worker thread; nothing is allocated.
#pragma once

#include <cstdint>

#include "base/units.hpp"
#include "json/ymera.hpp"
#include "plan/program.hpp"
#include "session/client_state.hpp"
#include "session/reply_book.hpp"
#include "session/run_control.hpp"
#include "stats/shard.hpp"

namespace wsblast::session {

class Answers {
  public:
    Answers(const plan::Program& program, stats::Shard& shard, WorkerReport& report);

    [[nodiscard]] bool ok() const { return pool_.ok(); }
    // Connections that have open messages.
    [[nodiscard]] std::uint32_t connections_waiting() const { return waiting_; }

    // No more messages can be remembered: none may be sent until some are answered or lost.
    [[nodiscard]] bool memory_is_used_up() const { return pool_.exhausted(); }

    // `count` messages of the connection were handed over at `now_ns`, the first of them due at `due_ns`.
    void sent(ClientState& client, TimeNs due_ns, TimeNs now_ns, std::uint32_t count);

    // Data messages came that by the matching rule need not be looked at: the oldest open ones are
    // answered.
    void answer_oldest(ClientState& client, std::uint64_t count, TimeNs now_ns);
    // A data message came whose content decides what it answers.
    void answer_by_content(ClientState& client, ByteView message, TimeNs now_ns);
    // Whether a data message answers the setup message.
    [[nodiscard]] bool answers_setup(ByteView message);
    // Whether it says instead that the setup message was refused.
    [[nodiscard]] bool refuses_setup(ByteView message);

    // Messages whose timeout has passed are lost.
    void expire(ClientState& client, TimeNs now_ns);
    // When the oldest open message times out; kNever when nothing is open.
    [[nodiscard]] TimeNs next_timeout_ns(const ClientState& client) const;

    // The connection ended: what is open is lost, what was planned and not sent is unsent.
    void give_up(ClientState& client, TimeNs now_ns);

    // How many messages may be sent now, as far as the pipeline is concerned.
    [[nodiscard]] std::uint32_t places(const ClientState& client) const {
        return program_.pipeline - client.book.open();
    }

  private:
    void record(TimeNs due_ns, TimeNs sent_ns, TimeNs now_ns, std::uint64_t count);
    void answer_run(ClientState& client, std::uint32_t count, TimeNs now_ns);
    void answer_numbered(ClientState& client, std::uint64_t timestamp, TimeNs now_ns);
    void lose_oldest(ClientState& client, std::uint32_t count, stats::ErrorKind kind, TimeNs now_ns);
    void unmatched(ClientState& client);
    void freed(ClientState& client, TimeNs now_ns);

    // Constant after construction.
    const plan::Program& program_;
    stats::Shard& shard_;
    WorkerReport& report_;
    TimeNs step_ns_;
    // Per message.
    RunPool pool_;
    json::YmeraReader reader_;
    std::uint32_t waiting_ = 0;
};

}  // namespace wsblast::session
