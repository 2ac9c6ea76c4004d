// What virtual users do, as data: a flat list of actions, with the tables that they refer to by number.
// Files, presets and options compile to it. A user executes the actions of its flow from first to last.
//
// Immutable once compiled; shared by all worker threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "base/units.hpp"
#include "base/value.hpp"
#include "json/path.hpp"
#include "plan/action.hpp"
#include "plan/arrival_phases.hpp"
#include "plan/outgoing_message.hpp"
#include "plan/round.hpp"
#include "plan/user_text.hpp"
#include "proto/close_code.hpp"
#include "proto/frame.hpp"
#include "regexp/pattern.hpp"

namespace wsblast::plan {

// --- variables -----------------------------------------------------------------------------------

enum class SlotKind : std::uint8_t {
    constant,  // values[0], for all users
    choice,    // one of the values, drawn for each user
    column,    // of the user's row of payloads[payload]
    uuid,      // $uuid: a random one for each user
    stored,    // a user's own: captured, counted by a loop, or written by JavaScript; undefined at first
};

// Whether a step of the file writes a user's own value over it (JavaScript may write any).
enum class SlotUse : std::uint8_t { read, written };

struct Slot {
    std::string name;
    SlotKind kind = SlotKind::stored;
    SlotUse use = SlotUse::read;
    std::vector<OwnedValue> values{};
    std::uint32_t payload = 0;
    std::uint32_t column = 0;
};

enum class RowOrder : std::uint8_t { random, sequence };

// A CSV file: `rows` of values, row by row. Never empty where a slot refers to it.
struct PayloadTable {
    std::vector<std::string> fields;
    std::vector<OwnedValue> cells;
    RowOrder order = RowOrder::random;

    [[nodiscard]] std::uint64_t rows() const { return fields.empty() ? 0 : cells.size() / fields.size(); }
    [[nodiscard]] Value cell(std::uint64_t row, std::uint32_t column) const {
        return cells[row * fields.size() + column].view();
    }
};

// --- what actions refer to -----------------------------------------------------------------------

// Where a user connects to. Of headers with holes, the values; the rest is in the target's request.
struct ConnectPlan {
    std::uint32_t target = 0;         // of Scenario::targets
    std::vector<UserText> holes{};    // fill the holes of the target's request, in their order
    std::string function{};           // connect.function: called first; empty: none
    std::uint32_t closed_target = 0;  // then: what it is shown; `target` is open (made by the run)
};

// One URL with all that its upgrade says. Where the path or a header has a hole, {{0}}, {{1}}, ... stand
// for the holes of the ConnectPlan.
struct ScenarioTarget {
    std::string url;
    std::vector<Header> headers{};
    std::vector<std::string> subprotocols{};
};

struct SendPlan {
    proto::Opcode opcode = proto::Opcode::text;
    UserText text{};  // binary payloads: constant bytes
    std::optional<OutgoingMessage>
        constant{};        // there when the text is: its frame, made once; by the run,
                           // which knows key and compression (the loader leaves it out)
    TableIndex label = 0;  // of Scenario::labels, for sends that an await follows
};

// What is looked for in a message.
enum class ExtractKind : std::uint8_t { json, regexp };
enum class Strictness : std::uint8_t { strict, lax };

struct Extract {
    ExtractKind kind = ExtractKind::json;
    std::shared_ptr<const json::Path> path{};
    std::shared_ptr<const regexp::Pattern> pattern{};
    std::uint32_t group = 0;     // of the pattern; 0: the whole match
    bool one_of_several = true;  // several hits: one of them at random; false: all, as an array
    std::string text{};          // as the file has it, for errors
};

struct Capture {
    Extract extract;
    SlotId slot = 0;
    Strictness strictness = Strictness::strict;  // lax: nothing found is no failure
};

// The extracted value is `fixed` where that is there, else `value`; of the same type.
struct Match {
    Extract extract;
    UserText value{};                   // with holes
    std::optional<OwnedValue> fixed{};  // of a value without holes: a number stays one
    Strictness strictness = Strictness::strict;
};

struct AwaitPlan {
    std::vector<Match> expect{};  // of the message that is awaited; others are none. Empty: the next one
    std::vector<Capture> captures{};
    std::vector<Match> matches{};
    TimeNs timeout_ns = 10 * kSecond;
    TableIndex label = 0;  // of Scenario::labels: where its latency is counted; 0: nowhere but in the sum
};

struct ThinkPlan {
    UserText text{};  // of a duration with holes; empty: `duration_ns`
    TimeNs duration_ns = 0;
    double jitter_share = 0;  // of the duration, to both sides
    TimeNs jitter_ns = 0;     // or absolute
};

enum class LoopKind : std::uint8_t {
    count,       // from `first` while below `last`; kUnlimited (plan/schedule.hpp): for ever
    text,        // the same, and what `count` comes to says how often: "5", "2-5"
    elements,    // once for each of `elements`
    over,        // once for each element of the array in `slot`
    while_true,  // until `function` says no, asked after each pass
};

struct LoopPlan {
    LoopKind kind = LoopKind::count;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::vector<OwnedValue> elements{};
    UserText count{};                 // of `text`
    SlotId slot = 0;                  // of `over`
    std::vector<std::string> path{};  // into the slot
    std::string function{};
    SlotId count_slot = 0;    // $loopCount, or what loopValue says
    SlotId element_slot = 0;  // $loopElement
    std::uint32_t body = 0;   // the action behind `loop`
    std::uint32_t end = 0;    // the action behind `repeat`
    std::uint8_t depth = 0;   // loops around it: below limits::kLoopDepthMax
};

struct CallPlan {
    std::string function;
};

// `send`, again and again on a schedule that no answer holds up: message k (0 ..) is due at k intervals
// from the step's beginning, or after exponential gaps. A message that has all of `expect` answers the
// oldest one that is open; without `expect` nothing is awaited, and what comes is for the handlers.
struct StreamPlan {
    TableIndex send = 0;  // of sends
    double rate_per_s = 0;
    Arrivals arrivals = Arrivals::uniform;
    TimeNs duration_ns = 0;  // then the step ends, once what is open is answered or timed out
    std::vector<Match> expect{};
    TimeNs timeout_ns = 10 * kSecond;
    TableIndex label = 0;
};

struct ClosePlan {
    proto::CloseCode code = proto::close_code::kNormal;
    std::string reason{};
};

// What is done with a message that comes outside of an await: the first handler that matches.
enum class Reaction : std::uint8_t { count, reply, capture, close };

struct Handler {
    std::vector<Match> matches;
    Reaction reaction = Reaction::count;
    std::string counter{};  // count
    TableIndex send = 0;    // reply: of sends
    std::vector<Capture> captures{};
    TableIndex close = 0;  // of closes
};

// --- the whole -----------------------------------------------------------------------------------

struct ScenarioFlow {
    std::string name;  // or its number, where the file has none
    std::uint32_t weight = 1;
    std::uint32_t first = 0;  // its first action
    std::vector<Handler> handlers{};
    std::string json = "{}";  // as the file has it: what JavaScript finds as context.scenario
};

enum class MessageQueue : std::uint8_t {
    none,  // what comes outside of an await is for handlers alone: Artillery's rule
    kept,  // the last ones are kept for the next await (wsblast: queue)
};

struct Scenario {
    std::string file;
    std::vector<ArrivalPhase> phases;
    std::vector<ScenarioFlow> flows;       // at least one, and one of them with a weight above 0
    std::optional<ScenarioFlow> before{};  // once, before the first user; what it stores is all users'
    std::optional<ScenarioFlow> after{};   // once, after the last one
    std::vector<Action> actions;
    std::vector<Slot> slots;
    std::vector<PayloadTable> payloads;
    std::vector<ScenarioTarget> targets;

    std::vector<ConnectPlan> connects;
    std::vector<SendPlan> sends;
    std::vector<AwaitPlan> awaits;
    std::vector<ThinkPlan> thinks;
    std::vector<LoopPlan> loops;
    std::vector<CallPlan> calls;
    std::vector<UserText> logs;
    std::vector<TimeNs> holds;
    std::vector<StreamPlan> streams;
    std::vector<ClosePlan> closes;
    std::vector<std::string> labels;  // of latencies by step; labels[0] is empty: without a name

    // JavaScript; empty: none. The path of the processor file; how long one call may be at work without a
    // pause, and how long it may take in all.
    std::string processor{};
    TimeNs call_timeout_ns = limits::kCallTimeoutNs;
    TimeNs done_timeout_ns = limits::kDoneTimeoutNs;
    std::string script_vars_json = "{}";  // what `before` has left in context.vars

    MessageQueue queue = MessageQueue::none;
    std::optional<ReconnectPolicy> reconnect{};  // wsblast: users whose connection was lost come back
    std::uint64_t seed = 0;
};

}  // namespace wsblast::plan
