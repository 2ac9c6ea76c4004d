#include "app/options.hpp"

#include <vector>

#include <catch2/catch.hpp>
#include <stdlib.h>

#include "tests/app/command_line.hpp"
#include "tests/support/texts.hpp"

namespace wsblast::app {

namespace {

using plan::Origin;
using plan::RunOptions;
using test::contains;

RunOptions run_of(const Arguments& arguments, const Environment& environment = {}) {
    return parsed<RunOptions>(arguments, environment);
}

// What the usage error says; empty when there was none.
std::string usage_fault(const Arguments& arguments, const Environment& environment = {}) {
    const Result<Invocation> invocation = parse(arguments, environment);
    if (invocation.ok() || invocation.error().fault != Fault::usage) return "";
    return invocation.error().what;
}

}  // namespace

TEST_CASE("options: without arguments it is run with the defaults", "[app][options]") {
    const RunOptions options = run_of({});
    CHECK(options.command == "run");
    CHECK(options.urls == std::vector<std::string>{"ws://localhost:8000/ws"});
    CHECK(options.connections == 100);
    CHECK(options.messages == 10U);
    CHECK_FALSE(options.duration_ns.has_value());
    CHECK(options.pacing == plan::Pacing::interval);
    CHECK(options.interval_ns == 10 * kMillisecond);
    CHECK_FALSE(options.pipeline.has_value());
    CHECK(options.connect_timeout_ns == 10 * kSecond);
    CHECK(options.answer_timeout_ns == 5 * kSecond);
    CHECK(options.message_kind == plan::MessageKind::ymera);
    CHECK(options.settings.empty());
}

TEST_CASE("options: a preset sets connections and messages, and says so", "[app][options]") {
    const RunOptions heavy = run_of({"heavy"});
    CHECK(heavy.command == "heavy");
    CHECK(heavy.connections == 1000);
    CHECK(heavy.messages == 50U);
    REQUIRE(heavy.settings.size() == 2);
    CHECK(heavy.settings[0].name == "connections");
    CHECK(heavy.settings[0].value == "1000");
    CHECK(heavy.settings[0].origin == Origin::preset);
    CHECK(run_of({"medium"}).connections == 500);
    CHECK(run_of({"medium"}).messages == 20U);
    CHECK(run_of({"quick"}).settings.empty());
}

TEST_CASE("options: option over environment over preset over default", "[app][options]") {
    const Environment environment{"ws://host:9000/x", "7", "3"};
    const RunOptions from_environment = run_of({"heavy"}, environment);
    CHECK(from_environment.urls == std::vector<std::string>{"ws://host:9000/x"});
    CHECK(from_environment.connections == 7);
    CHECK(from_environment.messages == 3U);
    CHECK(from_environment.settings.at(1).origin == Origin::environment);

    const RunOptions from_options =
        run_of({"heavy", "--connections", "2k", "--url=ws://a/", "--url", "ws://b/"}, environment);
    CHECK(from_options.connections == 2000);
    CHECK(from_options.messages == 3U);
    CHECK(from_options.urls == std::vector<std::string>{"ws://a/", "ws://b/"});
    CHECK(from_options.settings.at(0).origin == Origin::option);
}

TEST_CASE("options: an option silences what excludes it elsewhere, wrong or not", "[app][options]") {
    const Environment environment{"not a url", "many", "few"};
    const RunOptions options =
        run_of({"heavy", "--duration", "5s", "--with-target", "--connections", "3"}, environment);
    CHECK(options.duration_ns == 5 * kSecond);
    CHECK_FALSE(options.messages.has_value());
    CHECK(options.target == plan::TargetChoice::built_in);
    CHECK(options.urls.empty());
}

TEST_CASE("options: a bad environment variable is named", "[app][options]") {
    CHECK(contains(usage_fault({}, {std::nullopt, "many", std::nullopt}), "$CONNECTIONS: 'many'"));
    CHECK(contains(usage_fault({}, {std::nullopt, std::nullopt, "-1"}), "$MESSAGES: '-1'"));
    CHECK(contains(usage_fault({}, {"ftp://x", std::nullopt, std::nullopt}), "$WS_URL: "));
}

TEST_CASE("options: an empty environment variable is none", "[app][options]") {
    setenv("CONNECTIONS", "", 1);
    setenv("MESSAGES", "12", 1);
    CHECK_FALSE(read_environment().connections.has_value());
    CHECK(read_environment().messages == "12");
    unsetenv("CONNECTIONS");
    unsetenv("MESSAGES");
    CHECK_FALSE(read_environment().messages.has_value());
}

TEST_CASE("options: the pace is an interval, the closed loop or a rate", "[app][options]") {
    CHECK(run_of({"--interval", "2s"}).interval_ns == 2 * kSecond);
    CHECK(run_of({"--interval", "0"}).pacing == plan::Pacing::closed);
    const RunOptions rate = run_of({"--rate", "2.5k"});
    CHECK(rate.pacing == plan::Pacing::rate);
    CHECK(rate.rate.to_per_s == 2500);
}

TEST_CASE("options: a rate has a scope, a law of arrivals and may ramp", "[app][options]") {
    const RunOptions each = run_of({"--rate-per-connection", "20", "--arrivals", "poisson"});
    CHECK(each.pacing == plan::Pacing::rate);
    CHECK(each.rate_scope == plan::RateScope::per_connection);
    CHECK(each.arrivals == plan::Arrivals::poisson);
    const RunOptions ramp = run_of({"--ramp-rate", "0..1k", "--duration", "10s", "--warmup", "2s"});
    CHECK(ramp.rate.ramp_ns == 12 * kSecond);
    CHECK(ramp.warmup_ns == 2 * kSecond);
    CHECK(run_of({"--ramp-rate", "10..1k@3s", "--messages", "5"}).rate.ramp_ns == 3 * kSecond);
    CHECK(contains(usage_fault({"--ramp-rate", "0..1k"}), "--duration"));
    CHECK(contains(usage_fault({"--arrivals", "poisson"}), "--rate"));
    CHECK(contains(usage_fault({"--rate", "5", "--ramp-rate", "1..2@1s"}), "exclude"));
    CHECK(contains(usage_fault({"--rate", "5", "--arrivals", "normal"}), "uniform, poisson"));
}

TEST_CASE("options: every other value reaches its place", "[app][options]") {
    const RunOptions options = run_of({"--cores",
                                       "3",
                                       "--pipeline",
                                       "16",
                                       "--connect-rate",
                                       "5k",
                                       "--hold",
                                       "1m",
                                       "--size",
                                       "20",
                                       "--setup",
                                       "hello",
                                       "--match",
                                       "none",
                                       "--connect-timeout",
                                       "1s",
                                       "--answer-timeout",
                                       "2s",
                                       "--source-ip",
                                       "127.0.0.2",
                                       "--source-ip",
                                       "127.0.0.3",
                                       "--source-ports",
                                       "2000-3000",
                                       "--header",
                                       "A: b",
                                       "--header",
                                       "C: d",
                                       "--subprotocol",
                                       "x",
                                       "--seed",
                                       "9",
                                       "--json",
                                       "-",
                                       "--quiet",
                                       "--no-color",
                                       "--allow-saturated",
                                       "--fail-on",
                                       "never"});
    CHECK(options.cores == 3);
    CHECK(options.pipeline == 16U);
    CHECK(options.connect_rate_per_s == 5000.0);
    CHECK(options.hold_ns == kMinute);
    CHECK(options.message_kind == plan::MessageKind::padding);
    CHECK(options.message_size == 20);
    CHECK(options.setup == "hello");
    CHECK(options.match == plan::MatchRule::none);
    CHECK(options.connect_timeout_ns == kSecond);
    CHECK(options.answer_timeout_ns == 2 * kSecond);
    CHECK(options.source_addresses.size() == 2);
    CHECK(options.source_ports == PortRange{2000, 3000});
    REQUIRE(options.headers.size() == 2);
    CHECK(options.headers[1].name == "C");
    CHECK(options.subprotocols == std::vector<std::string>{"x"});
    CHECK(options.seed == 9U);
    CHECK(options.json_path == "-");
    CHECK(options.progress == plan::ProgressStyle::quiet);
    CHECK(options.colour == plan::ColourChoice::never);
    CHECK(options.saturation == plan::SaturationPolicy::allow);
    CHECK(options.fail_on == plan::FailOn::never);
}

TEST_CASE("options: padding goes to /echo unless a URL says otherwise", "[app][options]") {
    CHECK(run_of({"--size", "20"}).urls == std::vector<std::string>{"ws://localhost:8000/echo"});
    CHECK(run_of({"--size", "20", "--url", "ws://a/b"}).urls == std::vector<std::string>{"ws://a/b"});
    CHECK(run_of({"--size", "20", "--with-target"}).default_path() == "/echo");
    CHECK(run_of({"--message", "hi"}).default_path() == "/ws");
}

TEST_CASE("options: what excludes each other is refused, both named", "[app][options]") {
    const std::vector<Arguments> pairs{
        {"--duration", "1s", "--messages", "1"},   {"--rate", "1", "--interval", "1s"},
        {"--with-target", "--url", "ws://a/"},     {"--message", "a", "--size", "1"},
        {"--message", "a", "--message-file", "b"}, {"--size", "1", "--message-file", "b"}};
    for (const Arguments& pair : pairs) CHECK(contains(usage_fault(pair), "exclude each other"));
    CHECK(contains(usage_fault({"--size", "1", "--match", "ymera"}), "--match ymera"));
}

TEST_CASE("options: a bad value is refused, named with its option and what is allowed", "[app][options]") {
    CHECK(contains(usage_fault({"--connections", "0"}), "--connections: '0' is not between 1 and"));
    CHECK(contains(usage_fault({"--connections", "11M"}), "--connections: '11M'"));
    CHECK(contains(usage_fault({"--connections", "ten"}), "--connections: 'ten'"));
    CHECK(contains(usage_fault({"--cores", "0"}), "--cores: '0'"));
    CHECK(contains(usage_fault({"--pipeline", "0"}), "--pipeline: '0'"));
    CHECK(contains(usage_fault({"--interval", "10"}), "--interval: '10' has no unit"));
    CHECK(contains(usage_fault({"--rate", "0"}), "--rate: '0'"));
    CHECK(contains(usage_fault({"--size", "1M"}), "--size: '1M'"));
    CHECK(contains(usage_fault({"--match", "lifo"}), "--match: 'lifo' is none of ymera, seq, fifo, none"));
    CHECK(contains(usage_fault({"--fail-on", "x"}), "warning, critical, never"));
    CHECK(contains(usage_fault({"--tls-insecure"}), "wss://"));
    CHECK(contains(usage_fault({"--url", "wss://a/", "--tls-min-version", "1.1"}), "1.2, 1.3"));
    CHECK(contains(usage_fault({"--url", "wss://a/", "--tls-ca", "/no/ca"}), "/no/ca"));
    CHECK(contains(usage_fault({"--message-file", "/no/such/file"}), "'/no/such/file'"));
    CHECK(contains(usage_fault({"--header", "Upgrade: h2c"}), "Upgrade"));
    CHECK(contains(usage_fault({"--header", "A b: c"}), "Name: value"));
    CHECK(contains(usage_fault({"--subprotocol", "a b"}), "a b"));
    CHECK(contains(usage_fault({"--json", "a", "--json", "b"}), "--json is given 2 times"));
    CHECK(contains(usage_fault({"--connections"}), "connections"));
    CHECK(contains(usage_fault({"--quiet=yes"}), "quiet"));
}

TEST_CASE("options: an unknown option, argument or command is named, the nearest suggested",
          "[app][options]") {
    CHECK(contains(usage_fault({"--conections", "5"}),
                   "unknown option '--conections' (did you mean '--connections'?"));
    CHECK(contains(usage_fault({"--conections=5"}), "'--connections'"));
    CHECK(contains(usage_fault({"-c", "5"}), "unknown option '-c'"));
    CHECK(contains(usage_fault({"run", "fast"}), "unexpected argument 'fast'"));
    CHECK(contains(usage_fault({"hevy"}), "did you mean 'heavy'"));
    CHECK(contains(usage_fault({"script"}), "wsblast script FILE.yml"));
    CHECK(contains(usage_fault({"script", "file.yml", "--rate", "5"}), "unknown option '--rate'"));
    CHECK(contains(usage_fault({"validate", "file.yml", "-o", "x"}), "unknown option '-o'"));
    CHECK(contains(usage_fault({"compare"}), "not there yet"));
}

TEST_CASE("options: an unwritable result path is found before the run", "[app][options]") {
    const Result<Invocation> invocation = parse({"--json", "/no/such/folder/result.json"});
    REQUIRE_FALSE(invocation.ok());
    CHECK(invocation.error().fault == Fault::environment);
    CHECK(contains(invocation.error().what, "--json: the result file '/no/such/folder/result.json'"));
}

TEST_CASE("options: help and version are text, whatever else is written", "[app][options]") {
    const auto text_of = [](const Arguments& arguments) {
        const Result<Invocation> invocation = parse(arguments);
        REQUIRE(invocation.ok());
        return std::get<PrintText>(*invocation).text;
    };
    CHECK(contains(text_of({"--help"}), "usage: wsblast [COMMAND]"));
    CHECK(contains(text_of({"--connections", "0", "--help"}), "--connections N"));
    CHECK(contains(text_of({"serve", "--help"}), "--max-connections"));
    CHECK(contains(text_of({"doctor", "--help"}), "--explain"));
    CHECK(contains(text_of({"doctor", "--help"}), "--source-ip"));
    CHECK(contains(text_of({"script", "--help"}), "usage: wsblast script FILE... [options]"));
    CHECK(contains(text_of({"script", "--help"}), "--scenario-name NAME"));
    CHECK(contains(text_of({"validate", "--help"}), "--overrides JSON"));
    CHECK(contains(text_of({"compare", "--help"}), "not there yet"));
    CHECK(contains(text_of({"--version"}), "wsblast "));
}

TEST_CASE("options: serve has its own", "[app][options]") {
    const Result<Invocation> defaults = parse({"serve"});
    REQUIRE(defaults.ok());
    const auto& served = std::get<plan::ServeOptions>(*defaults);
    CHECK(served.hosts == std::vector<std::string>{"127.0.0.1", "::1"});
    CHECK(served.port == 8000);

    const Result<Invocation> chosen = parse({"serve", "--host", "0.0.0.0", "--host", "::", "--port", "0",
                                             "--cores", "1", "--max-connections", "5k"});
    REQUIRE(chosen.ok());
    const auto& options = std::get<plan::ServeOptions>(*chosen);
    CHECK(options.hosts == std::vector<std::string>{"0.0.0.0", "::"});
    CHECK(options.port == 0);
    CHECK(options.cores == 1);
    CHECK(options.connections_max == 5000);
    CHECK_FALSE(options.faults.any());
    CHECK(contains(usage_fault({"serve", "--port", "65536"}), "--port: '65536'"));
    CHECK(contains(usage_fault({"serve", "--connections", "5"}), "unknown option '--connections'"));
}

TEST_CASE("options: doctor has its own, and those of run that say what is to be run", "[app][options]") {
    const Result<Invocation> defaults = parse({"doctor"});
    REQUIRE(defaults.ok());
    const auto& examined = std::get<plan::DoctorOptions>(*defaults);
    CHECK(examined.action == plan::DoctorAction::examine);
    CHECK(examined.explanation == plan::Explanation::none);
    CHECK(examined.state_path == "/var/lib/wsblast/doctor-undo.conf");
    CHECK(examined.run.connections == 100);
    CHECK(examined.run.urls == std::vector<std::string>{"ws://localhost:8000/ws"});

    const Result<Invocation> chosen =
        parse({"doctor", "--connections", "1M", "--url", "ws://a/", "--url", "ws://b/", "--apply",
               "--explain", "--state", "kept.conf", "--source-ports", "20000-21999"});
    REQUIRE(chosen.ok());
    const auto& options = std::get<plan::DoctorOptions>(*chosen);
    CHECK(options.run.connections == 1'000'000);
    CHECK(options.run.urls.size() == 2);
    CHECK(options.run.source_ports == PortRange{20'000, 21'999});
    CHECK(options.action == plan::DoctorAction::apply);
    CHECK(options.explanation == plan::Explanation::arithmetic);
    CHECK(options.state_path == "kept.conf");
    const Result<Invocation> set = parse({"doctor"}, Environment{"ws://host/x", "7", "3"});
    REQUIRE(set.ok());
    CHECK(std::get<plan::DoctorOptions>(*set).run.connections == 7);

    CHECK(contains(usage_fault({"doctor", "--fix", "--undo"}), "exclude each other"));
    CHECK(contains(usage_fault({"doctor", "--messages", "5"}), "unknown option '--messages'"));
    CHECK(contains(usage_fault({"doctor", "--connections", "0"}), "--connections: '0'"));
    CHECK(contains(usage_fault({"doctor", "--state", ""}), "--state"));
}

TEST_CASE("options: every fault of serve reaches its place", "[app][options]") {
    const Result<Invocation> chosen =
        parse({"serve", "--delay=exp:5ms", "--stall=1s/10s", "--drop=1%", "--duplicate=2%", "--reorder=3%",
               "--reject=503:1%", "--reject=429:2%", "--close-after=10", "--push-rate=5", "--seed=9"});
    REQUIRE(chosen.ok());
    const auto& options = std::get<plan::ServeOptions>(*chosen);
    const plan::FaultPlan& faults = options.faults;
    CHECK(faults.any());
    CHECK(faults.delay.law == plan::DelayLaw::exponential);
    CHECK(faults.stall.period_ns == 10 * kSecond);
    CHECK(faults.drop == Approx(0.01));
    CHECK(faults.duplicate == Approx(0.02));
    CHECK(faults.reorder == Approx(0.03));
    REQUIRE(faults.rejections.size() == 2);
    CHECK(faults.rejections[1].status == 429);
    CHECK(faults.close_after_answers == 10U);
    CHECK(faults.pushes_per_s == 5);
    CHECK(options.seed == 9U);
}

TEST_CASE("options: what a known capacity takes reaches its place", "[app][options]") {
    const Result<Invocation> chosen =
        parse({"serve", "--service-time=exp:100us", "--servers=4", "--burn=30us:5k", "--accept-rate=2k",
               "--backlog=16", "--at-limit=wait"});
    REQUIRE(chosen);
    const auto& options = std::get<plan::ServeOptions>(*chosen);
    CHECK(options.faults.service.time.law == plan::DelayLaw::exponential);
    CHECK(options.faults.service.time.first_ns == 100 * kMicrosecond);
    CHECK(options.faults.service.servers == 4);
    CHECK(options.faults.burn.cpu_ns == 30 * kMicrosecond);
    CHECK(options.faults.burn.above_per_s == 5'000);
    CHECK(options.faults.accepts_per_s == 2'000);
    CHECK(options.backlog == 16);
    CHECK(options.at_limit == plan::AtLimit::wait);
}

TEST_CASE("options: a capacity that cannot be is refused, with the reason and a remedy", "[app][options]") {
    const std::string cores = usage_fault({"serve", "--service-time", "fixed:100us", "--cores", "2"});
    CHECK(contains(cores, "--cores 2 and --service-time exclude each other"));
    CHECK(contains(cores, "--servers 2"));
    CHECK(parse({"serve", "--service-time", "fixed:100us", "--cores", "1"}));
    CHECK(contains(usage_fault({"serve", "--servers", "4"}), "--servers needs --service-time"));
    CHECK(contains(usage_fault({"serve", "--service-time", "100us"}), "--service-time: '100us' is no law"));
    CHECK(contains(usage_fault({"serve", "--servers", "0"}), "--servers: '0'"));
    CHECK(contains(usage_fault({"serve", "--burn", "30us"}), "as in 30us:5k"));
    CHECK(contains(usage_fault({"serve", "--burn", "1s:5k"}), "at most 100ms"));
    CHECK(contains(usage_fault({"serve", "--burn", "0:5k"}), "--burn: it must be longer than 0"));
    CHECK(contains(usage_fault({"serve", "--accept-rate", "60k"}), "50,000 connections/s"));
    CHECK(contains(usage_fault({"serve", "--backlog", "0"}), "--backlog: '0'"));
    CHECK(contains(usage_fault({"serve", "--at-limit", "429"}), "--at-limit: '429' is none of 503, reset"));
}

TEST_CASE("options: a bad fault of serve is refused, named with its option", "[app][options]") {
    CHECK(contains(usage_fault({"serve", "--delay", "2ms"}), "--delay: '2ms'"));
    CHECK(contains(usage_fault({"serve", "--stall", "2s/1s"}), "--stall: '2s/1s'"));
    CHECK(contains(usage_fault({"serve", "--drop", "0.1"}), "--drop: '0.1'"));
    CHECK(contains(usage_fault({"serve", "--reject", "101:1%"}), "--reject: '101:1%'"));
    CHECK(contains(usage_fault({"serve", "--close-after", "0"}), "--close-after: '0'"));
    CHECK(contains(usage_fault({"serve", "--push-rate", "0"}), "--push-rate: '0'"));
    CHECK(contains(usage_fault({"serve", "--seed", "x"}), "--seed: 'x'"));
    CHECK(contains(usage_fault({"serve", "--drop", "60%", "--reorder", "50%"}), "110%"));
    CHECK(contains(usage_fault({"serve", "--reject", "503:60%", "--reject", "429:50%"}), "110%"));
}

TEST_CASE("options: what would make no result is refused", "[app][options]") {
    CHECK(
        contains(usage_fault({"--json", "a", "--hlog", "a"}), "--json and --hlog name the same file 'a'"));
    CHECK(contains(usage_fault({"--timeseries", "-"}), "--timeseries: it needs the path of a file"));
    CHECK(contains(usage_fault({"--abort-on-slo"}), "--abort-on-slo needs an --slo"));
    CHECK(contains(usage_fault({"--ramp-rate", "100..0@1s", "--messages", "5"}), "give it a --duration"));
}

}  // namespace wsblast::app
