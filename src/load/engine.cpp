#include "load/engine.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"

namespace wsblast::load {

Result<std::unique_ptr<Engine>> Engine::start(const EngineInput& input) {
    std::unique_ptr<Engine> engine(new Engine());
    const auto workers = static_cast<std::uint32_t>(input.cpus.size());
    engine->program_ = &input.program;
    engine->control_.first_seat.resize(workers + 1);
    if (input.program.listeners > 0) {
        engine->board_ = std::make_unique<session::FanOutBoard>(input.program, workers);
        if (!engine->board_->ok()) return no_memory_for_tables();
    }
    for (std::uint32_t index = 0; index < workers; ++index) {
        engine->shards_.push_back(std::make_unique<stats::Shard>());
        engine->warm_shards_.push_back(std::make_unique<stats::Shard>());
        engine->reports_.push_back(std::make_unique<session::WorkerReport>());
        engine->reports_.back()->first_due_ns.set(kNever);
        if (!engine->shards_.back()->ok() || !engine->warm_shards_.back()->ok())
            return no_memory_for_tables();
    }
    if (input.script != nullptr && !engine->add_users(input.program.scenario, *input.script))
        return no_memory_for_tables();
    for (std::uint32_t index = 0; index < workers; ++index) engine->add_worker(input, index);
    for (const auto& worker : engine->workers_) {
        if (const auto ready = worker->wait_ready(); !ready) return ready.error();
    }
    return engine;
}

// False: no memory for what is counted.
bool Engine::add_users(const plan::Scenario& scenario, const EngineScript& script) {
    const auto workers = static_cast<std::uint32_t>(shards_.size());
    for (std::uint32_t index = 0; index < workers; ++index) {
        user_shards_.push_back(
            std::make_unique<stats::UserShard>(scenario.flows.size(), scenario.labels.size()));
        logs_.push_back(std::make_unique<session::UserLog>());
        if (!user_shards_.back()->ok() || !logs_.back()->ok()) return false;
    }
    for (std::uint32_t index = 0; index < workers; ++index) {
        users_inputs_.push_back(std::make_unique<session::UsersInput>(
            session::UsersInput{.arrivals = script.arrivals,
                                .shard = *user_shards_[index],
                                .all = user_shards_,
                                .log = *logs_[index],
                                .kept = script.kept,
                                .users_max = script.users_max / workers + 1,
                                .connections_max = script.connections_max / workers + 1,
                                .worker = index,
                                .workers = workers}));
    }
    return true;
}

void Engine::add_worker(const EngineInput& input, std::uint32_t index) {
    const bool led = input.script != nullptr;
    const session::RampPlan ramp{.connections = led ? 0 : input.program.connections_all(),
                                 .worker = index,
                                 .workers = static_cast<std::uint32_t>(input.cpus.size()),
                                 .rate_per_s = input.connect_rate_per_s};
    const auto stamps =
        input.timestamps == plan::Timestamps::kernel ? ring::Stamps::kernel : ring::Stamps::none;
    const EngineWorkerParts parts{.program = input.program,
                                  .targets = input.targets,
                                  .routes = input.routes,
                                  .tls = input.tls,
                                  .ramp = ramp,
                                  .features = input.features,
                                  .sources = input.sources.slice(index),
                                  .stamps = stamps,
                                  .control = control_,
                                  .report = *reports_[index],
                                  .shard = *shards_[index],
                                  .warm = *warm_shards_[index],
                                  .board = board_.get(),
                                  .redirects = input.redirects,
                                  .users = led ? users_inputs_[index].get() : nullptr,
                                  .cpu = input.cpus[index]};
    const bool direct = std::all_of(input.routes.begin(), input.routes.end(),
                                    [](const transport::Route& route) { return route.direct(); });
    workers_.push_back(direct ? make_direct_worker(parts) : make_tunnel_worker(parts));
}

void Engine::go(TimeNs start_ns) {
    control_.start_ns.store(start_ns, std::memory_order_relaxed);
    for (const auto& worker : workers_) worker->go();
}

void Engine::raise(session::Stage stage) {
    control_.raise(stage);
    wake();
}

void Engine::wake() {
    for (const auto& worker : workers_) {
        if (!worker->ended()) worker->wake();
    }
}

void Engine::raise_gate(TimeNs gate_ns) {
    std::uint64_t seats = 0;
    for (std::size_t i = 0; i < reports_.size(); ++i) {
        control_.first_seat[i] = seats;
        seats += reports_[i]->seats.get();
    }
    control_.first_seat.back() = seats;
    control_.seats.store(std::max<std::uint64_t>(1, seats), std::memory_order_relaxed);
    control_.gate_ns.store(gate_ns, std::memory_order_relaxed);
    const TimeNs warmup_ns = program_->schedule.warmup_ns;
    if (warmup_ns > 0) control_.measured_from_ns.store(gate_ns + warmup_ns, std::memory_order_relaxed);
    raise(session::Stage::opened);
}

TimeNs Engine::last_due_ns() const {
    const std::uint64_t seats = control_.seats.load(std::memory_order_relaxed);
    const plan::ScheduleSeat last{control_.gate_ns.load(std::memory_order_relaxed), seats - 1, seats};
    const std::uint64_t planned = program_->schedule.planned(last);
    plan::Schedule evenly = program_->schedule;
    evenly.arrivals = plan::Arrivals::uniform;
    return planned == 0 ? last.start_ns : evenly.next_due_ns(last, planned - 1, last.start_ns);
}

bool Engine::ended() const {
    return std::all_of(workers_.begin(), workers_.end(),
                       [](const auto& worker) { return worker->ended(); });
}

stats::CounterValues Engine::counters() const {
    stats::CounterValues sum;
    for (const auto& shard : shards_) stats::add(sum, shard->counters);
    sum.due = sum.sent + sum.unsent;
    return sum;
}

stats::Snapshot Engine::snapshot() const {
    stats::Snapshot sum;
    for (const auto& shard : shards_) sum.add(*shard);
    sum.counters.due = sum.counters.sent + sum.counters.unsent;
    return sum;
}

stats::UserSnapshot Engine::users() const {
    stats::UserSnapshot sum;
    for (const auto& shard : user_shards_) sum.add(*shard);
    return sum;
}

stats::UserGauges Engine::user_gauges() const {
    stats::UserGauges sum;
    for (const auto& shard : user_shards_) sum.add(*shard);
    return sum;
}

std::uint64_t Engine::log_lines_left_out() const {
    std::uint64_t lines = 0;
    for (const auto& log : logs_) lines += log->left_out();
    return lines;
}

stats::HistogramSnapshot Engine::sum(stats::Histogram stats::Shard::*what) const {
    stats::HistogramSnapshot sum;
    for (const auto& shard : shards_) sum.add((shard.get()->*what).snapshot());
    return sum;
}

stats::CounterValues Engine::warm_counters() const {
    stats::CounterValues sum;
    for (const auto& shard : warm_shards_) stats::add(sum, shard->counters);
    return sum;
}

std::uint64_t Engine::listening() const {
    std::uint64_t sum = 0;
    for (const auto& report : reports_) sum += report->listening.get();
    return sum;
}

std::vector<ThreadUse> Engine::thread_use() {
    std::vector<ThreadUse> use;
    for (const auto& worker : workers_) {
        ThreadUse& thread = use.emplace_back();
        thread.cpu = worker->cpu();
        thread.run_ns = worker->cpu_time_ns();
        if (const auto schedule = worker->schedule()) thread.wait_ns = schedule->wait_ns;
        thread.involuntary_switches = worker->involuntary_switches();
    }
    return use;
}

transport::TransportCounters Engine::transport_counters() const {
    transport::TransportCounters sum;
    for (const auto& worker : workers_) {
        const transport::TransportCounters& one = worker->transport_counters();
        sum.batch_wait_ns_max = std::max(sum.batch_wait_ns_max, one.batch_wait_ns_max);
        sum.cq_overflows += one.cq_overflows;
        sum.buffers_exhausted += one.buffers_exhausted;
        sum.short_sends += one.short_sends;
        sum.source_retries += one.source_retries;
        sum.enters += one.enters;
    }
    return sum;
}

}  // namespace wsblast::load
