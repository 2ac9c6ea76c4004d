#include "session/offenders.hpp"

#include <catch2/catch.hpp>

#include "tests/support/client_run.hpp"

using namespace wsblast;
using namespace wsblast::test;
using plan::Misbehaviour;
using stats::BadEnd;

namespace {

plan::RunOptions with(Misbehaviour kind) {
    plan::RunOptions options = echo_options();
    options.connections = 8;
    options.messages = 20;
    options.misbehave = {{kind, 0.25}};
    return options;
}

std::uint64_t ended(const ClientRun& run, Misbehaviour kind, BadEnd end, std::uint16_t code = 0) {
    stats::KeyCountValues ends;
    run.shard.bad_ends.add_to(ends);
    return ends[stats::BadEndKey{static_cast<std::uint8_t>(kind), end, code}.pack()];
}

// The others are not to notice anything.
void check_the_good(const ClientRun& run) {
    const stats::CounterValues counters = run.counters();
    CHECK(counters.attempted == 6);
    CHECK(counters.successful == 6);
    CHECK(counters.received == 120);
    CHECK(counters.unexpected == 0);
    CHECK(stats::errors_total(counters) == 0);
    CHECK(run.shard.connect_total.snapshot().count() == 6);
    stats::KeyCountValues statuses;
    run.shard.upgrade_status.add_to(statuses);
    CHECK(statuses == stats::KeyCountValues{{101, 6}});
}

}  // namespace

TEST_CASE("offenders: what a server does not end is open when the run is over", "[session][offenders]") {
    const Misbehaviour kind = GENERATE(Misbehaviour::half_open, Misbehaviour::no_pong, Misbehaviour::stall,
                                       Misbehaviour::byte_sender, Misbehaviour::slow_reader);
    CAPTURE(to_text(kind));
    ClientRun run(with(kind));
    run.finish();
    check_the_good(run);
    CHECK(ended(run, kind, BadEnd::open) == 2);
}

TEST_CASE("offenders: a frame of the server ends them with its code", "[session][offenders]") {
    ClientRun run(with(Misbehaviour::no_pong));
    std::uint32_t upgraded = 0;
    run.server.script.on_upgraded = [&](ConnectionId cid) {
        // Those that misbehave are upgraded like all others: the first message tells them apart.
        ++upgraded;
        run.server.later(100 * kMillisecond, cid, [&run, cid] {
            run.server.send(cid, {{proto::Opcode::ping, "?"}});
        });
    };
    run.finish();
    CHECK(upgraded == 8);
    check_the_good(run);
    CHECK(ended(run, Misbehaviour::no_pong, BadEnd::open) == 2);
}

TEST_CASE("offenders: a server that fails the connection is believed", "[session][offenders]") {
    const auto [kind, violation] =
        GENERATE(table<Misbehaviour, std::uint16_t>({{Misbehaviour::invalid_utf8, std::uint16_t{1007}},
                                                     {Misbehaviour::oversized, std::uint16_t{1009}}}));
    CAPTURE(to_text(kind));
    ClientRun run(with(kind));
    run.finish();
    check_the_good(run);
    const std::uint64_t all = ended(run, kind, BadEnd::closed, violation) +
                              ended(run, kind, BadEnd::dropped) + ended(run, kind, BadEnd::reset) +
                              ended(run, kind, BadEnd::open);
    CHECK(all == 2);
}

TEST_CASE("offenders: a refused upgrade is no error of the run", "[session][offenders]") {
    ClientRun run(with(Misbehaviour::stall));
    run.server.script.upgrade = ScriptedServer::Upgrade::answer_text;
    run.server.script.upgrade_text = "HTTP/1.1 503 No\r\n\r\n";
    run.finish();
    CHECK(run.counters().failed == 6);
    CHECK(run.error(stats::ErrorKind::upgrade_status) == 6);
    CHECK(ended(run, Misbehaviour::stall, BadEnd::failed) == 2);
}

TEST_CASE("offenders: they stay while the others are held", "[session][offenders]") {
    plan::RunOptions options = with(Misbehaviour::no_pong);
    options.hold_ns = 5 * kSecond;
    ClientRun run(options);
    run.server.script.on_upgraded = [&](ConnectionId cid) {
        run.server.later(4 * kSecond, cid, [&run, cid] { run.server.send_close(cid, 1001); });
    };
    run.finish();
    CHECK(ended(run, Misbehaviour::no_pong, BadEnd::closed, 1001) == 2);
}

TEST_CASE("offenders: an interrupt ends them too", "[session][offenders]") {
    ClientRun run(with(Misbehaviour::half_open));
    run.run_until(50 * kMillisecond);
    run.interrupt();
    run.finish();
    CHECK(ended(run, Misbehaviour::half_open, BadEnd::open) == 2);
}

TEST_CASE("offenders: so many of each kind, at least one, whom the seed draws", "[session][offenders]") {
    plan::RunOptions options = echo_options();
    options.connections = 100;
    options.misbehave = {{Misbehaviour::stall, 0.1}, {Misbehaviour::no_pong, 0.001}};
    const auto one = plan::compile(options, 1).value();
    CHECK(one.connections == 89);
    CHECK(std::count(one.offenders.begin(), one.offenders.end(), Misbehaviour::stall) == 10);
    CHECK(std::count(one.offenders.begin(), one.offenders.end(), Misbehaviour::no_pong) == 1);
    CHECK(plan::compile(options, 1).value().offenders == one.offenders);
    bool differs = false;
    for (std::uint64_t seed = 2; seed < 6; ++seed)
        differs = differs || plan::compile(options, seed).value().offenders != one.offenders;
    CHECK(differs);
    options.misbehave = {{Misbehaviour::stall, 1.0}};
    CHECK_FALSE(plan::compile(options, 1).ok());
}
