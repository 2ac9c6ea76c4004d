// Whole runs over a network that splits, delays, loses, resets, closes and refuses, from seeds: whatever
// happens, a run comes to its end and its sums hold.
#include "tests/support/fault_seeds.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "deflate/stream.hpp"
#include "tests/support/client_run.hpp"

using namespace wsblast;
using namespace wsblast::test;

namespace {

constexpr std::uint64_t kFaultSeeds = 300;

// In fragments, compressed, with pings between.
void add_form(plan::MessageOptions& form, std::uint64_t seed) {
    Prng random(mix(seed) + 1);
    if (random.chance(1, 3)) form.fragment_bytes = 1 + static_cast<std::uint32_t>(random.next_below(30));
    if (random.chance(1, 3))
        form.deflate = proto::DeflateParameters{.client_no_context_takeover = random.chance(1, 3),
                                                .client_max_window_bits = 15};
    if (random.chance(1, 4)) form.ping_interval_ns = (1 + random.next_below(100)) * kMillisecond;
    form.pong_timeout_ns = (1 + random.next_below(500)) * kMillisecond;
    if (random.chance(1, 4)) form.close_reason = "the end";
}

plan::RunOptions options_of(std::uint64_t seed) {
    Prng random(mix(seed));
    plan::RunOptions options = echo_options();
    options.seed = seed;
    add_form(options.message, seed);
    options.connections = 1 + static_cast<std::uint32_t>(random.next_below(20));
    options.messages = 1 + random.next_below(20);
    options.connect_timeout_ns = kSecond;
    options.answer_timeout_ns = (1 + random.next_below(1000)) * kMillisecond;
    if (random.chance(1, 2)) options.message_kind = plan::MessageKind::ymera;
    if (random.chance(1, 2)) options.pipeline = 1 + static_cast<std::uint32_t>(random.next_below(8));
    if (random.chance(1, 3)) options.hold_ns = kSecond;
    if (random.chance(1, 4)) options.connect_rate_per_s = 100;
    constexpr plan::Pacing kPacings[] = {plan::Pacing::interval, plan::Pacing::closed, plan::Pacing::rate};
    options.pacing = kPacings[random.next_below(3)];
    options.rate = plan::RateCurve::at(200);
    if (random.chance(1, 4)) {
        options.messages.reset();
        options.duration_ns = 200 * kMillisecond;
    }
    if (random.chance(1, 4)) options.warmup_ns = (1 + random.next_below(150)) * kMillisecond;
    if (random.chance(1, 3)) options.arrivals = plan::Arrivals::poisson;
    if (random.chance(1, 3)) options.rate = {0, 200, 500 * kMillisecond};
    if (random.chance(1, 4)) options.rate_scope = plan::RateScope::per_connection;
    if (random.chance(1, 4)) {
        options.message_kind = plan::MessageKind::text;
        options.message_text = R"({"c":{{$connection}},"seq":{{$seq}}})";
        if (random.chance(1, 2)) options.listeners = 1 + static_cast<std::uint32_t>(random.next_below(5));
        // Who awaits nothing and is not paced sends on for as long as time stands still.
        if (options.pacing == plan::Pacing::closed) options.listeners = 0;
    }
    return options;
}

// Compressed, or damaged.
FrameSpec deflated(const std::string& message, bool damaged) {
    Bytes out(deflate::Deflater::size_max(message.size()));
    deflate::Deflater deflater(deflate::kWindowBitsMax, 1);
    out.resize(deflater.deflate(as_bytes(message), deflate::DeflateEnd::message, out).size);
    if (damaged) out.front() ^= 0x07;
    return {proto::Opcode::binary, std::string(as_text(out)), true, true};
}

// Answers, or now and then pings, pushes, errs, is silent, or closes.
void misbehave(ClientRun& run, std::uint64_t seed, bool ymera) {
    auto random = std::make_shared<Prng>(seed + 1);
    if (seed % 4 != 0)
        run.server.script.deflate = proto::DeflateParameters{
            .client_max_window_bits = static_cast<std::uint8_t>(proto::kDeflateBitsMin + seed % 8)};
    run.server.script.on_ping = [&run, random](ConnectionId cid, const std::string& payload) {
        if (random->chance(9, 10)) run.server.send(cid, {{proto::Opcode::pong, payload}});
    };
    run.server.script.on_message = [&run, random, ymera](ConnectionId cid, const std::string& message) {
        switch (random->next_below(40)) {
            case 0: run.server.send(cid, {{proto::Opcode::ping, "?"}}); break;
            case 1: run.server.send_text(cid, R"({"type":"error"})"); break;
            case 2: run.server.send_text(cid, "push"); break;
            case 3: return;
            case 4:
                if (random->chance(1, 10)) return run.server.send_close(cid, 1011);
                break;
            case 5:
                if (random->chance(1, 20)) return run.server.send_bytes(cid, Bytes{0xff, 0xff});
                break;
        }
        if (ymera) return run.server.answer_ymera(cid, message);
        if (random->chance(1, 3) && run.server.agreed(cid))
            return run.server.send(cid, {deflated(message, random->chance(1, 20))});
        run.server.send(cid, {{proto::Opcode::binary, message}});
        if (run.board() == nullptr) return;
        for (ConnectionId other = 0; other < run.server.open_peak(); ++other)
            if (other != cid) run.server.send(other, {{proto::Opcode::text, message}});
    };
}

// By a rate and a duration it is known to the message how many are due, whoever is lost: nobody sends
// without a seat, and what a lost connection had still to send is unsent.
void check_rate(const plan::RunOptions& options, const ClientRun& run, const stats::CounterValues& sum) {
    if (options.pacing != plan::Pacing::rate || !options.duration_ns || run.seats == 0) return;
    const bool each = options.rate_scope == plan::RateScope::per_connection;
    const auto rate = options.rate.times(each ? static_cast<double>(run.seats) : 1.0);
    const double due =
        rate.count_at(options.warmup_ns + *options.duration_ns) - rate.count_at(options.warmup_ns);
    CHECK(sum.due == static_cast<std::uint64_t>(due + 1e-6));
}

enum class Ending : std::uint8_t { natural, interrupted };

void check_run(std::uint64_t seed, Ending ending) {
    const plan::RunOptions options = options_of(seed);
    ClientRun run(options, faults_of(seed));
    misbehave(run, seed, options.message_kind == plan::MessageKind::ymera);
    if (ending == Ending::interrupted) {
        run.run_until(mix(seed) % (300 * kMillisecond));
        run.interrupt();
    }
    run.finish();
    // Whatever finds no room: the order of what is compressed is the order of what is sent.
    CHECK(run.server.violations() == 0);
    if (ending == Ending::natural) check_rate(options, run, run.counters());
}

}  // namespace

TEST_CASE("clients: every run over a faulty network ends, and its sums hold", "[session][faults]") {
    for (std::uint64_t seed = 1; seed <= kFaultSeeds; ++seed) {
        INFO("seed " << seed);
        check_run(seed, Ending::natural);
    }
}

TEST_CASE("clients: so does every one that is interrupted", "[session][faults]") {
    for (std::uint64_t seed = 1; seed <= kFaultSeeds; ++seed) {
        INFO("seed " << seed);
        check_run(seed, Ending::interrupted);
    }
}

TEST_CASE("clients: a seed gives the same run again", "[session][faults]") {
    const auto outcome = [](std::uint64_t seed) {
        const plan::RunOptions options = options_of(seed);
        ClientRun run(options, faults_of(seed));
        misbehave(run, seed, options.message_kind == plan::MessageKind::ymera);
        run.finish();
        const stats::CounterValues sum = run.counters();
        return std::vector{run.elapsed_ns(), sum.sent, sum.received,  sum.lost,
                           sum.unsent,       sum.late, sum.unexpected};
    };
    for (std::uint64_t seed = 1; seed <= 20; ++seed) CHECK(outcome(seed) == outcome(seed));
}
