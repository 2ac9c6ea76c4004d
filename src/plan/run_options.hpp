// What a person asked for, as plain data: the options of `run` with their defaults.
// The command line fills them in (app/options.hpp); everything below only reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/units.hpp"
#include "crypto/tls_options.hpp"
#include "plan/access_options.hpp"
#include "plan/message_options.hpp"
#include "plan/misbehaviour.hpp"
#include "plan/rate_curve.hpp"
#include "stats/slo.hpp"

namespace wsblast::plan {

// Where a setting's value came from; a later one beats an earlier one.
enum class Origin : std::uint8_t { built_in, preset, environment, option };

// One setting that is not the default, for the header of a run: {"connections", "1000", Origin::preset}.
struct Setting {
    std::string name;
    std::string value;
    Origin origin = Origin::built_in;
};

enum class Pacing : std::uint8_t {
    interval,  // a connection's messages are due `interval_ns` apart, answered or not
    closed,    // the next message is due as soon as a place is free (--interval 0)
    rate,      // `rate` over all connections together, on a fixed schedule
};

// When within their rate messages are due.
enum class Arrivals : std::uint8_t {
    uniform,  // evenly
    poisson,  // at random, as from many independent senders
};

enum class RateScope : std::uint8_t { whole_run, per_connection };

enum class MessageKind : std::uint8_t {
    ymera,    // the YMERA agent_message
    text,     // --message, --message-file: `message_text`
    padding,  // --size: `message_size` bytes
};

// How answers find their messages. `by_message`: ymera for a YMERA message, seq for one with {{$seq}}, fifo
// for every other.
enum class MatchRule : std::uint8_t { by_message, ymera, fifo, none, seq, field };

// Where the value stands that an answer has in common with its message: JSON pointers (RFC 6901).
struct FieldPointers {
    std::string sent;
    std::string answer;
};

// Whose clock says when bytes came.
enum class Timestamps : std::uint8_t { user, kernel };

// The mildest verdict that makes the exit status 1.
enum class FailOn : std::uint8_t { warning, critical, never };

// What a check that fails does: it is told at the end, or it ends the run.
enum class SloPolicy : std::uint8_t { judge, abort };
enum class SaturationPolicy : std::uint8_t { fail, allow };
enum class ProgressStyle : std::uint8_t { shown, quiet };
enum class ColourChoice : std::uint8_t { automatic, never };
enum class TargetChoice : std::uint8_t { urls, built_in };

// --header "K: V", both without surrounding blanks.
struct Header {
    std::string name;
    std::string value;
};

// The options of `run` and its presets. Counts that must not be 0 are not; what is left out is empty.
struct RunOptions {
    std::string command = "run";  // or the preset's name

    // Where to. With TargetChoice::built_in `urls` is empty: the port is known once the target listens.
    TargetChoice target = TargetChoice::urls;
    std::vector<std::string> urls{"ws://localhost:8000/ws"};
    std::vector<Header> headers;
    std::vector<std::string> subprotocols;
    std::vector<Endpoint> source_addresses;  // port 0; empty: automatic
    std::optional<PortRange> source_ports;   // empty: automatic
    AccessOptions access;
    std::vector<MisbehaviourShare> misbehave;
    crypto::TlsClientOptions tls;  // of wss:// URLs

    // How much. One of `messages` and `duration_ns` is there.
    std::uint32_t cores = 0;  // 0: all that the process may use
    std::uint32_t connections = 100;
    std::uint32_t listeners = 0;                 // connections besides, which only receive
    std::optional<std::uint64_t> messages = 10;  // for each connection
    std::optional<TimeNs> duration_ns;

    // When.
    Pacing pacing = Pacing::interval;
    TimeNs interval_ns = 10 * kMillisecond;
    RateCurve rate;
    RateScope rate_scope = RateScope::whole_run;
    Arrivals arrivals = Arrivals::uniform;
    TimeNs warmup_ns = 0;  // messages due before it has passed are sent, and left out of the result
    std::optional<std::uint32_t> pipeline;  // empty: 1 in the closed loop, else unlimited
    std::optional<double> connect_rate_per_s;
    TimeNs hold_ns = 0;
    TimeNs connect_timeout_ns = 10 * kSecond;
    TimeNs answer_timeout_ns = 5 * kSecond;

    // What.
    MessageKind message_kind = MessageKind::ymera;
    std::string message_text;
    std::uint32_t message_size = 0;
    std::optional<std::string> setup;  // empty: the YMERA subscription with a YMERA message, else nothing
    MatchRule match = MatchRule::by_message;
    FieldPointers match_field;  // with MatchRule::field
    Timestamps timestamps = Timestamps::user;
    MessageOptions message{};

    // The result.
    std::optional<std::uint64_t> seed;  // empty: random
    std::string json_path;              // empty: none; "-": standard output
    std::string timeseries_path;        // empty: none, as below
    std::string hlog_path;
    std::vector<stats::SloRule> slos;
    SloPolicy slo_policy = SloPolicy::judge;
    ProgressStyle progress = ProgressStyle::shown;
    ColourChoice colour = ColourChoice::automatic;
    SaturationPolicy saturation = SaturationPolicy::fail;
    FailOn fail_on = FailOn::critical;

    // The endpoint of the built-in target, and of the default URL, that this message goes to.
    [[nodiscard]] std::string_view default_path() const {
        if (listeners > 0) return "/broadcast";
        return message_kind == MessageKind::padding ? "/echo" : "/ws";
    }

    std::vector<Setting> settings;  // all that is not the default, in the order of --help
};
}  // namespace wsblast::plan
