#include "load/outcome.hpp"

#include <algorithm>
#include <utility>

#include "crypto/tls_options.hpp"
#include "load/ways.hpp"
#include "plan/connection_memory.hpp"
#include "proto/secrets.hpp"
#include "session/ledger.hpp"
#include "text/format.hpp"

namespace wsblast::load {

namespace {

using stats::ErrorKind;

std::string_view to_text(plan::Arrivals arrivals) {
    switch (arrivals) {
        case plan::Arrivals::uniform: return "uniform";
        case plan::Arrivals::poisson: return "poisson";
    }
    return "";
}

std::string_view to_text(plan::Matching matching) {
    switch (matching) {
        case plan::Matching::none: return "none";
        case plan::Matching::fifo: return "fifo";
        case plan::Matching::ymera_number:
        case plan::Matching::ymera_type: return "ymera";
        case plan::Matching::key: return "value";
    }
    return "";
}

}  // namespace

Outcome::Outcome(const Engine& engine, const plan::Program& program, const plan::RunOptions& options,
                 const Measured& measured)
    : engine_(engine), program_(program), options_(options), measured_(measured) {}

// When the last measured message was answered or lost; where nothing is awaited, when the last one was due;
// of a run without messages, the end of its ramp. Who interrupts a hold cuts no measurement short.
TimeNs Outcome::measured_end_ns() const {
    if (measured_.stopped_ns != 0 && measured_.settled_ns == 0) return measured_.stopped_ns;
    TimeNs end_ns = 0;
    for (const auto& report : engine_.reports()) {
        end_ns = std::max({end_ns, report->last_settled_ns.get(), report->last_due_ns.get()});
    }
    if (end_ns != 0) return end_ns;
    for (const auto& report : engine_.reports()) end_ns = std::max(end_ns, report->ramp_end_ns.get());
    return std::max({end_ns, measured_.settled_ns, measured_.start_ns + 1});
}

std::optional<stats::Ramp> Outcome::ramp(const stats::CounterValues& counters) const {
    TimeNs end_ns = 0;
    TimeNs first_ns = 0;
    TimeNs last_ns = 0;
    bool complete = true;
    for (const auto& report : engine_.reports()) {
        const auto& marks = report->ramp_cpu_ns;
        end_ns = std::max(end_ns, report->ramp_end_ns.get());
        first_ns += marks[1].get() - std::min(marks[0].get(), marks[1].get());
        last_ns += marks[3].get() - std::min(marks[2].get(), marks[3].get());
        complete = complete && marks[3].get() != 0 && marks[2].get() != 0;
    }
    if (end_ns == 0 || !complete) return std::nullopt;
    const auto workers = engine_.reports().size();
    const std::uint64_t window = std::min<std::uint64_t>(session::Ledger::kRampWindow / workers,
                                                         program_.connections_all() / workers / 2) *
                                 workers;
    stats::Ramp ramp;
    ramp.connections_per_s =
        static_cast<double>(counters.attempted) * 1e9 / static_cast<double>(end_ns - measured_.start_ns);
    ramp.window = window;
    if (window == 0) return ramp;
    ramp.cpu_us_first = static_cast<double>(first_ns) / 1e3 / static_cast<double>(window);
    ramp.cpu_us_last = static_cast<double>(last_ns) / 1e3 / static_cast<double>(window);
    return ramp;
}

std::optional<double> Outcome::offered_per_s(const stats::CounterValues& counters) const {
    TimeNs first_ns = kNever;
    TimeNs last_ns = 0;
    for (const auto& report : engine_.reports()) {
        first_ns = std::min(first_ns, report->first_due_ns.get());
        last_ns = std::max(last_ns, report->last_due_ns.get());
    }
    if (first_ns == kNever) return std::nullopt;
    const double seconds = std::max(1.0, static_cast<double>(last_ns - first_ns) / 1e9);
    // What a lost connection had still to send has no due time here; the rate before is the rate that was
    // offered.
    return static_cast<double>(counters.sent) / seconds;
}

void Outcome::warn_of_resources(stats::RunResult& result) const {
    const std::uint64_t ports = result.counters.error(ErrorKind::no_free_source_port);
    if (ports > 0) {
        result.warnings.push_back(
            text::format("{} connections found no free source port: other programs or connections in "
                         "TIME_WAIT hold them; widen "
                         "net.ipv4.ip_local_port_range, or add --source-ip",
                         ports));
    }
    const std::uint64_t memory = result.counters.error(ErrorKind::no_memory);
    if (memory > 0) {
        // Of who compresses it may be the kernel's memory, or what there is for deflaters.
        const bool deflates = options_.message.deflate.has_value();
        result.warnings.push_back(text::format(
            "{} connections failed for lack of {}memory: raise net.ipv4.tcp_mem or the memory limit{}",
            memory, deflates ? "" : "kernel ",
            plan::deflater_bytes(options_.message) > 0
                ? ", or offer client_no_context_takeover, which takes no deflater a connection"
                : ""));
    }
}

// What turns the rate of the options into that of the whole run.
double Outcome::rate_factor() const {
    if (options_.rate_scope == plan::RateScope::whole_run) return 1;
    return static_cast<double>(program_.connections);
}

// What users of a scenario do no option says: it is in the scenario.
void Outcome::fill_pace(stats::WorkloadInfo& workload) const {
    if (program_.lead == plan::Lead::users) return;
    if (!options_.duration_ns) workload.messages_per_connection = program_.schedule.messages;
    switch (options_.pacing) {
        case plan::Pacing::closed: workload.interval_s = 0; break;
        case plan::Pacing::interval: workload.interval_s = to_seconds(options_.interval_ns); break;
        case plan::Pacing::rate:
            workload.rate_per_s = options_.rate.from_per_s * rate_factor();
            workload.rate_to_per_s = options_.rate.to_per_s * rate_factor();
            workload.arrivals = to_text(options_.arrivals);
            break;
    }
    if (program_.pipeline != plan::kPipelineUnlimited) workload.pipeline = program_.pipeline;
}

stats::WorkloadInfo Outcome::workload() const {
    stats::WorkloadInfo workload;
    workload.loop = options_.pacing == plan::Pacing::closed ? stats::Loop::closed : stats::Loop::open;
    workload.cores = static_cast<std::uint32_t>(engine_.reports().size());
    workload.connections = program_.connections;
    fill_pace(workload);
    if (options_.warmup_ns > 0) workload.warmup_s = to_seconds(options_.warmup_ns);
    workload.listeners = program_.listeners;
    workload.match = to_text(program_.matching);
    if (options_.message.deflate) workload.extension_offer = proto::to_offer(*options_.message.deflate);
    if (program_.ping_interval_ns > 0) workload.ping_interval_s = to_seconds(program_.ping_interval_ns);
    workload.timestamps = options_.timestamps == plan::Timestamps::kernel ? "kernel" : "user";
    if (options_.duration_ns) workload.duration_s = to_seconds(*options_.duration_ns);
    return workload;
}

void Outcome::fill_messages(stats::RunResult& result) const {
    stats::TypeResult type{program_.message_label, result.counters, result.latency};
    result.by_type.push_back(std::move(type));
    if (options_.timestamps == plan::Timestamps::kernel) {
        result.stamps = {result.totals.receive_delay.summarize(), result.counters.stamps_shared};
    }
    fill_fan_out(result);
    if (options_.warmup_ns == 0) return;
    const stats::CounterValues& warm = measured_.warm;
    const TimeNs from_ns = engine_.measured_from_ns();
    const bool cut_short = measured_.stopped_ns != 0 && (from_ns == 0 || measured_.stopped_ns < from_ns);
    const TimeNs missed_ns = from_ns == 0 ? options_.warmup_ns : from_ns - measured_.stopped_ns;
    const TimeNs length_ns = options_.warmup_ns - (cut_short ? std::min(missed_ns, options_.warmup_ns) : 0);
    result.warm_up = {to_seconds(length_ns), warm.sent, warm.received, warm.lost};
}

// Messages that were still known at the end join those that had been forgotten by then.
void Outcome::fill_fan_out(stats::RunResult& result) const {
    const session::FanOutBoard* board = engine_.board();
    if (board == nullptr) return;
    stats::Histogram spread;
    stats::FanOut& fan_out = result.fan_out.emplace();
    fan_out.incomplete = result.counters.push_incomplete;
    board->for_each_known([&](const session::FanOutBoard::Forgotten& known) {
        if (known.delivery == session::FanOutBoard::Delivery::complete) {
            spread.record(known.spread_ns);
        } else {
            ++fan_out.incomplete;
        }
    });
    result.totals.push_spread.add(spread.snapshot());
    const auto [published, expected] = board->totals();
    fan_out.listeners = program_.listeners;
    fan_out.published = published;
    fan_out.expected = expected;
    fan_out.delivered = result.counters.pushes;
    fan_out.duplicates = result.counters.push_duplicates;
    fan_out.out_of_order = result.counters.push_out_of_order;
    fan_out.untimed = result.counters.push_untimed;
    fan_out.latency = result.totals.push_latency.summarize();
    fan_out.spread = result.totals.push_spread.summarize();
}

// By kind, in their order; those that none was asked for are left out.
void Outcome::fill_misbehaving(stats::RunResult& result) const {
    for (const plan::Misbehaviour kind : plan::kMisbehaviours) {
        const auto asked = std::count(program_.offenders.begin(), program_.offenders.end(), kind);
        if (asked == 0) continue;
        stats::Misbehaving& kept = result.misbehaving.emplace_back();
        kept.kind = to_text(kind);
        kept.connections = static_cast<std::uint64_t>(asked);
        for (const auto& [packed, count] : result.totals.bad_ends) {
            const auto key = stats::BadEndKey::unpack(packed);
            if (key.kind == static_cast<std::uint8_t>(kind)) kept.add(key, count);
        }
    }
}

void Outcome::fill_ways(stats::RunResult& result) const {
    result.tls = tls_result(measured_.totals, options_);
    result.proxy_answers = proxy_answers(measured_.totals, options_);
    result.subprotocols = subprotocols(measured_.totals, options_);
    if (!result.tls || result.tls->verified) return;
    result.warnings.push_back(std::string(crypto::kUncheckedWarning));
}

stats::RunResult Outcome::result() const {
    stats::RunResult result;
    stats::set_totals(result, measured_.totals);
    result.version = WSBLAST_VERSION;
    result.command = options_.command;
    // A warm-up is no part of what is measured.
    const TimeNs from_ns = std::max(measured_.start_ns, engine_.measured_from_ns());
    result.duration_s = to_seconds(std::max(measured_end_ns(), from_ns) - from_ns);
    result.seed = program_.seed;
    result.target.urls = proto::shown_urls(options_.urls);
    result.target.builtin = options_.target == plan::TargetChoice::built_in;
    result.workload = workload();
    result.offered_per_s = offered_per_s(result.counters);
    result.ramp = ramp(result.counters);
    fill_messages(result);
    fill_misbehaving(result);
    fill_ways(result);
    warn_of_resources(result);
    return result;
}

}  // namespace wsblast::load
