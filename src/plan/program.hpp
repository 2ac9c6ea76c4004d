// A run as data: what its users do, and of those that send the run's own messages these, and the rules that
// hold for them. Presets, options and scenario files compile to it.
//
// Immutable once compiled, but for the schedule between two rounds; shared by all worker threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "plan/answer_key.hpp"
#include "plan/misbehaviour.hpp"
#include "plan/outgoing_message.hpp"
#include "plan/run_options.hpp"
#include "plan/scenario.hpp"
#include "plan/schedule.hpp"

namespace wsblast::plan {

// Who is there first, and brings the other.
enum class Lead : std::uint8_t {
    connections,  // the ramp opens them; each has a user, which lives as long as it does
    users,        // they begin when they are due, and connect when they come to it
};

// What of a message's answer tells which message it answers.
enum class Matching : std::uint8_t {
    none,          // nothing is awaited
    fifo,          // each data message answers the oldest open one
    ymera_number,  // an answer of the right type that carries the message's number
    ymera_type,    // an answer of the right type answers the oldest open one
    key,           // an answer carries the message's number or its value: see AnswerKey
};

// The type of the YMERA message that is sent, which decides the type of its answer.
enum class YmeraType : std::uint8_t { agent_message, ping, subscribe, unsubscribe, disconnect, none };

struct Program {
    Lead lead = Lead::connections;
    Scenario scenario;
    TimeNs connect_timeout_ns = 0;  // for TCP and the upgrade together

    // --- the messages that users send who live as long as their connections ----------------------
    OutgoingMessage message;
    // The same message compressed, by window: from `deflate_bits_min` bits on, for all that a server may
    // ask for.
    std::vector<OutgoingMessage> deflated;
    std::uint8_t deflate_bits_min = 0;
    // The same message and the setup's, compressed as they are sent: there where the offer lets a
    // connection's messages refer to those before them.
    std::optional<OutgoingMessage> remembered;
    std::optional<OutgoingMessage> remembered_setup;
    std::optional<OutgoingMessage> setup;  // is never compressed before
    // What the compression of a worker's connections may take; set once the machine is known.
    std::uint64_t deflate_bytes_max = ~std::uint64_t{0};
    Matching matching = Matching::fifo;
    std::optional<AnswerKey> answer_key;    // there with Matching::key
    std::optional<StampReader> stamps;      // there when connections listen
    std::string message_label = "message";  // what the result calls these messages
    YmeraType message_type = YmeraType::none;
    YmeraType setup_type = YmeraType::none;  // none: any data message is its answer
    Schedule schedule;
    std::uint32_t pipeline = 0;  // open messages that a connection may have
    TimeNs answer_timeout_ns = 0;
    std::uint64_t seed = 0;
    std::uint64_t connections = 0;  // that send
    std::uint64_t listeners = 0;    // that only receive: their indices follow those that send
    // Connections besides, which misbehave: their indices follow those that listen.
    std::vector<Misbehaviour> offenders;
    // In a run of rounds: its `next_round`, from where a round begins and where it ends; 0: there are none.
    std::uint32_t round_action = 0;
    // Connection i goes to target i mod size; the channel of each: targets of one path share theirs.
    std::vector<std::uint32_t> target_channels{0};
    std::uint32_t channels = 1;

    // --- how messages travel ---------------------------------------------------------------------
    std::uint64_t message_size_max = limits::kMessageBytesMax;  // of those that come
    TimeNs ping_interval_ns = 0;                                // 0: no pings
    TimeNs pong_timeout_ns = 0;
    proto::CloseCode close_code = proto::close_code::kNormal;  // of the run's normal end
    std::string close_reason;

    // In the form that the connection sends them.
    [[nodiscard]] const OutgoingMessage& message_of(const Sender& sender) const {
        if (sender.deflate_bits == 0) return message;
        return sender.takes_over ? *remembered : deflated[sender.deflate_bits - deflate_bits_min];
    }
    // The flow of the user of that connection: those that listen have one of their own.
    [[nodiscard]] std::uint16_t flow_of(std::uint64_t index) const { return index < connections ? 0 : 1; }
    // Where in a flow of a run that action stands: each is there once.
    [[nodiscard]] std::uint32_t action_of(std::uint16_t flow, ActionKind kind) const {
        std::uint32_t at = scenario.flows[flow].first;
        while (scenario.actions[at].kind != kind) ++at;
        return at;
    }
    [[nodiscard]] bool rounds() const { return round_action != 0; }
    // Whether some wait before their messages, or before they listen, until all are open.
    [[nodiscard]] bool has_start_gate() const;
    // How long connections are held after the last message; 0 where users lead.
    [[nodiscard]] TimeNs hold_ns() const {
        return lead == Lead::users || scenario.holds.empty() ? 0 : scenario.holds.front();
    }
    [[nodiscard]] std::uint32_t channel_of(std::uint64_t index) const {
        return channels == 1 ? 0 : target_channels[index % target_channels.size()];
    }
    [[nodiscard]] std::uint64_t connections_all() const { return connections + listeners; }
};

inline constexpr std::uint32_t kPipelineUnlimited = ~std::uint32_t{0};

// Usage errors: a matching that the message does not allow.
[[nodiscard]] Result<Program> compile(const RunOptions& options, std::uint64_t seed);

// What users of the scenario do who lead their connections; so many of them. Nobody sends messages of a
// run.
[[nodiscard]] Program program_of(Scenario scenario, std::uint64_t users, TimeNs connect_timeout_ns);

// The same connections and messages, in rounds: when messages are due is left to each round, which puts its
// schedule in (plan/round.hpp). Usage errors, besides: connections that listen.
[[nodiscard]] Result<Program> compile_rounds(const RunOptions& options, std::uint64_t seed);

}  // namespace wsblast::plan
