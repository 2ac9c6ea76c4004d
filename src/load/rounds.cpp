#include "load/rounds.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace wsblast::load {

namespace {

using session::RoundControl;
using session::RoundReport;

// The next number: what was written before it is there for who reads it.
std::uint32_t raise(std::atomic<std::uint32_t>& number) {
    const std::uint32_t next = number.load(std::memory_order_relaxed) + 1;
    number.store(next, std::memory_order_release);
    return next;
}

}  // namespace

void Rounds::open_to(std::uint64_t connections, TimeNs now_ns) {
    if (connections <= control_.opens.load(std::memory_order_relaxed)) return;
    control_.start_ns.store(now_ns, std::memory_order_relaxed);
    control_.opens.store(connections, std::memory_order_release);
    engine_.wake();
}

void Rounds::stop_opening() {
    control_.opens.store(0, std::memory_order_release);
    engine_.wake();
}

std::uint64_t Rounds::call_roll(std::uint32_t every) {
    control_.rounds.every = std::max(1u, every);
    const std::uint32_t number = raise(control_.rounds.roll_call);
    engine_.wake();
    wait_for(&RoundReport::roll_called, number);
    std::uint64_t seats = 0;
    const auto& reports = engine_.reports();
    for (std::size_t i = 0; i < reports.size(); ++i) {
        control_.first_seat[i] = seats;
        seats += reports[i]->rounds.chosen.get();
    }
    control_.first_seat.back() = seats;
    control_.seats.store(std::max<std::uint64_t>(1, seats), std::memory_order_relaxed);
    return seats;
}

void Rounds::begin(TimeNs gate_ns, TimeNs measured_from_ns) {
    control_.gate_ns.store(gate_ns, std::memory_order_relaxed);
    control_.measured_from_ns.store(measured_from_ns, std::memory_order_relaxed);
    const std::uint32_t number = raise(control_.rounds.round);
    engine_.wake();
    wait_for(&RoundReport::round_begun, number);
}

void Rounds::cut() {
    const std::uint32_t round = control_.rounds.round.load(std::memory_order_relaxed);
    control_.rounds.cut.store(round, std::memory_order_release);
    engine_.wake();
}

bool Rounds::over() const {
    const auto& reports = engine_.reports();
    return std::all_of(reports.begin(), reports.end(), [](const auto& report) {
        return report->rounds.playing.load(std::memory_order_acquire) == 0;
    });
}

void Rounds::drop(const plan::Storm& storm) {
    control_.rounds.storm = storm;
    const std::uint32_t number = raise(control_.rounds.storm_number);
    engine_.wake();
    wait_for(&RoundReport::storms_done, number);
}

void Rounds::churn(double share_per_s) {
    control_.rounds.churn_per_s.store(share_per_s, std::memory_order_relaxed);
    engine_.wake();
}

std::uint64_t Rounds::sum(stats::Cell RoundReport::*cell) const {
    std::uint64_t sum = 0;
    for (const auto& report : engine_.reports()) sum += (report->rounds.*cell).get();
    return sum;
}

std::uint64_t Rounds::sum(stats::Cell session::WorkerReport::*cell) const {
    std::uint64_t sum = 0;
    for (const auto& report : engine_.reports()) sum += (report.get()->*cell).get();
    return sum;
}

bool Rounds::all_have(Acknowledged what, std::uint32_t number) const {
    const auto& reports = engine_.reports();
    return std::all_of(reports.begin(), reports.end(), [&](const auto& report) {
        return (report->rounds.*what).load(std::memory_order_acquire) == number;
    });
}

void Rounds::wait_for(Acknowledged what, std::uint32_t number) const {
    while (!all_have(what, number) && !engine_.ended())
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace wsblast::load
