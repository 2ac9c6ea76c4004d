// Everything that a run counts. A worker writes Counters; readers add CounterValues over all workers.
//
// The sums that hold whenever a result is written (at the end, or when interrupted; in between the workers
// are at work and a reader may be a few events behind):
//   attempted = successful + failed      due = sent + unsent      sent = received + lost + in flight
//   errors of a connection before the upgrade = failed            errors of a message = lost
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "stats/cell.hpp"
#include "stats/error_kind.hpp"

namespace wsblast::stats {

// One list of fields for both: Number is a Cell (one writer) or a plain number (a reader's copy).
template <class Number>
struct CounterFields {
    // Connections.
    Number attempted{};
    Number successful{};  // the upgrade was done
    Number failed{};      // the upgrade was not done
    Number open{};        // a gauge: upgraded and not yet closed
    Number open_peak{};   // of each worker: their sum is at least the peak of the whole run
    Number closed_by_peer{};
    Number redirects{};  // that were followed, of all attempts
    Number settled{};    // has nothing more to send or to await, or failed, or was lost
    // Setup messages, which are in no other counter.
    Number setup_sent{};
    Number setup_answered{};
    // Measured messages.
    Number due{};
    Number sent{};            // handed to the kernel in full
    Number unsent{};          // due, and given up before it was sent
    Number received{};        // answered in time
    Number lost{};            // its timeout passed, or its connection ended first
    Number late{};            // an answer after its timeout: the message stays lost
    Number unexpected{};      // a data message that answers nothing
    Number blocked{};         // due, and its connection had no free place or no room
    Number censored{};        // of the lost: the timeout passed; recorded at its deadline
    Number duplicates{};      // a second answer to a message that was answered or came late
    Number out_of_order{};    // answered in time, after the answer to a later message of its connection
    Number stamps_shared{};   // answers that came in one piece with a later one, whose kernel stamp it is
    Number bytes_sent{};      // of measured messages: whole frames, headers included
    Number bytes_received{};  // while open, whatever it was: headers, control frames and pushes included

    // Messages that came to listening connections.
    Number pushes{};             // with a stamp of this run, each once
    Number push_duplicates{};    // the same message again, on the same connection
    Number push_out_of_order{};  // after a later message of its publisher
    Number push_untimed{};       // of `pushes`: came when it was forgotten when they had been due
    Number push_incomplete{};    // published, and forgotten before it had come to all

    // permessage-deflate: payloads of data messages that were compressed.
    Number compressed_connections{};  // it was agreed on
    Number deflated_from{};           // bytes of measured messages before, ...
    Number deflated_to{};             // ... and as they were sent
    Number inflated_from{};           // bytes as they came, while open, ...
    Number inflated_to{};             // ... and after
    // Of --ping-interval.
    Number pings_sent{};
    Number pings_answered{};  // by the pong that belongs to the last one

    // Connections that TCP was asked about (TCP_INFO).
    Number tcp_sampled{};          // before they closed
    Number tcp_retransmits{};      // segments, of those, SYNs included
    Number tcp_syn_retransmits{};  // until the connection was established

    std::array<Number, kErrorKinds> errors{};

    [[nodiscard]] Number& error(ErrorKind kind) { return errors[static_cast<std::size_t>(kind)]; }
    [[nodiscard]] const Number& error(ErrorKind kind) const {
        return errors[static_cast<std::size_t>(kind)];
    }
};

using Counters = CounterFields<Cell>;
using CounterValues = CounterFields<std::uint64_t>;

// Adds each field of `more` to that of `sum`. Any thread.
template <class Number>
void add(CounterValues& sum, const CounterFields<Number>& more) {
    const auto field = [&](std::uint64_t CounterValues::*to, Number CounterFields<Number>::*from) {
        sum.*to += read(more.*from);
    };
    using From = CounterFields<Number>;
    using To = CounterValues;
    field(&To::attempted, &From::attempted);
    field(&To::successful, &From::successful);
    field(&To::failed, &From::failed);
    field(&To::open, &From::open);
    field(&To::open_peak, &From::open_peak);
    field(&To::closed_by_peer, &From::closed_by_peer);
    field(&To::redirects, &From::redirects);
    field(&To::settled, &From::settled);
    field(&To::setup_sent, &From::setup_sent);
    field(&To::setup_answered, &From::setup_answered);
    field(&To::due, &From::due);
    field(&To::sent, &From::sent);
    field(&To::unsent, &From::unsent);
    field(&To::received, &From::received);
    field(&To::lost, &From::lost);
    field(&To::late, &From::late);
    field(&To::unexpected, &From::unexpected);
    field(&To::blocked, &From::blocked);
    field(&To::censored, &From::censored);
    field(&To::duplicates, &From::duplicates);
    field(&To::out_of_order, &From::out_of_order);
    field(&To::stamps_shared, &From::stamps_shared);
    field(&To::bytes_sent, &From::bytes_sent);
    field(&To::bytes_received, &From::bytes_received);
    field(&To::pushes, &From::pushes);
    field(&To::push_duplicates, &From::push_duplicates);
    field(&To::push_out_of_order, &From::push_out_of_order);
    field(&To::push_untimed, &From::push_untimed);
    field(&To::push_incomplete, &From::push_incomplete);
    field(&To::compressed_connections, &From::compressed_connections);
    field(&To::deflated_from, &From::deflated_from);
    field(&To::deflated_to, &From::deflated_to);
    field(&To::inflated_from, &From::inflated_from);
    field(&To::inflated_to, &From::inflated_to);
    field(&To::pings_sent, &From::pings_sent);
    field(&To::pings_answered, &From::pings_answered);
    field(&To::tcp_sampled, &From::tcp_sampled);
    field(&To::tcp_retransmits, &From::tcp_retransmits);
    field(&To::tcp_syn_retransmits, &From::tcp_syn_retransmits);
    for (std::size_t kind = 0; kind < kErrorKinds; ++kind) sum.errors[kind] += read(more.errors[kind]);
    constexpr std::size_t kListed = 39;
    static_assert(sizeof(CounterValues) == (kListed + kErrorKinds) * sizeof(std::uint64_t),
                  "a field is not added");
}

// Multiplied first: 1 of 1,000 is then exactly the 0.1 that it is compared with.
[[nodiscard]] inline std::optional<double> percent(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return std::nullopt;
    return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// What was counted between two copies of the same counters. Gauges and peaks are then without meaning.
[[nodiscard]] inline CounterValues difference(const CounterValues& later, const CounterValues& earlier) {
    using Plain = std::array<std::uint64_t, sizeof(CounterValues) / sizeof(std::uint64_t)>;
    auto values = std::bit_cast<Plain>(later);
    const auto before = std::bit_cast<Plain>(earlier);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= before[i];
    return std::bit_cast<CounterValues>(values);
}

// Connections that are open or have failed or ended: the ramp is over when all are.
[[nodiscard]] inline std::uint64_t connections_done(const CounterValues& values) {
    return values.successful + values.failed;
}

// Messages that are sent and neither answered nor lost. Never below 0, though a live copy may be behind.
[[nodiscard]] inline std::uint64_t in_flight(const CounterValues& values) {
    const std::uint64_t ended = values.received + values.lost;
    return values.sent > ended ? values.sent - ended : 0;
}

// Errors of all kinds.
[[nodiscard]] inline std::uint64_t errors_total(const CounterValues& values) {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : values.errors) sum += count;
    return sum;
}

[[nodiscard]] inline std::uint64_t protocol_errors(const CounterValues& values) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kErrorKinds; ++i) {
        if (is_protocol_error(static_cast<ErrorKind>(i))) sum += values.errors[i];
    }
    return sum;
}

}  // namespace wsblast::stats
