// Everything that a run counts. A worker writes Counters; readers add CounterValues over all workers.
//
// The sums that hold whenever a result is written (at the end, or when interrupted; in between the workers
// are at work and a reader may be a few events behind):
//   attempted = successful + failed      due = sent + unsent      sent = received + lost + in flight
//   errors of a connection before the upgrade = failed            errors of a message = lost
#pragma once

#include <array>
#include <cstdint>

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
    Number settled{};  // has nothing more to send or to await, or failed, or was lost
    // Setup messages, which are in no other counter.
    Number setup_sent{};
    Number setup_answered{};
    // Measured messages.
    Number due{};
    Number sent{};        // handed to the kernel in full
    Number unsent{};      // due, and given up before it was sent
    Number received{};    // answered in time
    Number lost{};        // its timeout passed, or its connection ended first
    Number late{};        // an answer after its timeout: the message stays lost
    Number unexpected{};  // a data message that answers nothing
    Number bytes_sent{};      // of measured messages: whole frames, headers included
    Number bytes_received{};  // while open, whatever it was: headers, control frames and pushes included

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
    field(&To::bytes_sent, &From::bytes_sent);
    field(&To::bytes_received, &From::bytes_received);
    for (std::size_t kind = 0; kind < kErrorKinds; ++kind) sum.errors[kind] += read(more.errors[kind]);
    constexpr std::size_t kListed = 18;
    static_assert(sizeof(CounterValues) == (kListed + kErrorKinds) * sizeof(std::uint64_t),
                  "a field is not added");
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
