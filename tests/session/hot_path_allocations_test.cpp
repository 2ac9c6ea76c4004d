// After the ramp nothing is allocated: every call of malloc(3) and operator new on the measured thread is
// counted here, while the generator and the built-in target exchange messages.
#include <cerrno>
#include <cstdlib>
#include <memory>

#include <catch2/catch.hpp>

#include "host/cpus.hpp"
#include "ring/features.hpp"
#include "session/clients.hpp"
#include "target/connections.hpp"
#include "target/server.hpp"
#include "tests/support/client_run.hpp"
#include "tests/support/tls_ends.hpp"
#include "transport/memory_transport.hpp"
#include "transport/tunnel.hpp"
#include "transport/uring_transport.hpp"

namespace {

thread_local std::uint64_t allocations = 0;

}  // namespace

// A sanitizer brings its own malloc, and tells of each call.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

// Of sanitizer/allocator_interface.h, which GCC does not install.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           std::size_t),
                                                         void (*on_free)(const volatile void*));

namespace {

[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { ++allocations; }, [](const volatile void*) {});

}  // namespace

#else

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
    return ++allocations, __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    return ++allocations, __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
    return ++allocations, __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
    return ++allocations, __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
    *memory = memalign(alignment, size);
    return *memory == nullptr ? ENOMEM : 0;
}
}

#endif

using namespace wsblast;
using namespace wsblast::test;

namespace {

constexpr std::uint32_t kConnections = 50;

plan::RunOptions endless(plan::MessageKind kind, plan::Pacing pacing) {
    plan::RunOptions options = echo_options();
    options.connections = kConnections;
    options.message_kind = kind;
    options.messages.reset();
    options.duration_ns = kHour;
    options.pacing = pacing;
    options.interval_ns = kMillisecond;
    options.rate = plan::RateCurve::at(20'000);
    return options;
}

// The generator's part of a run, over any transport.
template <class Transport>
struct Generator {
    Generator(Transport& over, const plan::RunOptions& options, TimeNs now_ns)
        : transport(over), program(std::move(*plan::compile(options, 1))) {
        const auto request = proto::UpgradeRequest::build({.host = "test",
                                                           .path = std::string(options.default_path()),
                                                           .deflate = options.message.deflate});
        targets.push_back({*request, {}, options.message.deflate});
        control.start_ns.store(now_ns);
        control.first_seat.resize(2);
        report.first_due_ns.set(kNever);
        const session::RampPlan ramp{.connections = options.connections, .rate_per_s = {}};
        clients = std::make_unique<session::Clients<Transport>>(
            transport,
            session::ClientsInput{program, targets, ramp, control, report, shard, warm, nullptr, now_ns});
    }
    void tick(TimeNs now_ns) { transport.poll(*clients, clients->tick(now_ns)); }
    void raise_gate(TimeNs now_ns) {
        control.seats.store(report.seats.get());
        control.gate_ns.store(now_ns);
        control.raise(session::Stage::opened);
    }

    Transport& transport;
    plan::Program program;
    std::vector<session::ClientTarget> targets;
    session::RunControl control;
    session::WorkerReport report;
    stats::Shard shard;
    stats::Shard warm;
    std::unique_ptr<session::Clients<Transport>> clients;
};

// Runs rounds until so many answers have come; the allocations of those after the first half.
template <class Round, class Received>
std::uint64_t count_allocations(Round&& round, Received&& received, std::uint64_t answers) {
    constexpr int kRoundsMax = 1'000'000;
    int rounds = 0;
    for (; received() < answers / 2 && rounds < kRoundsMax; ++rounds) round();
    const std::uint64_t before = allocations;
    for (; received() < answers && rounds < kRoundsMax; ++rounds) round();
    const std::uint64_t counted = allocations - before;
    CHECK(received() >= answers);
    return counted;
}

auto all_workloads() {
    return GENERATE(
        table<plan::MessageKind, plan::Pacing>({{plan::MessageKind::ymera, plan::Pacing::interval},
                                                {plan::MessageKind::ymera, plan::Pacing::closed},
                                                {plan::MessageKind::ymera, plan::Pacing::rate},
                                                {plan::MessageKind::padding, plan::Pacing::interval},
                                                {plan::MessageKind::padding, plan::Pacing::closed},
                                                {plan::MessageKind::padding, plan::Pacing::rate}}));
}

// Generator and target over memory: every answer comes, and nothing is allocated.
template <class Transport>
void check_between(Transport& near, Transport& far, const plan::RunOptions& options,
                   transport::MemoryNetwork& network) {
    target::Board board(1, kConnections, network.now_ns());
    if (options.message.deflate) board.speak({.deflate = options.message.deflate});
    target::Connections<Transport> server(far, board, 0);
    Generator<Transport> generator(near, options, network.now_ns());
    REQUIRE((generator.clients->ok() && server.ok()));
    const auto round = [&] {
        generator.tick(network.now_ns());
        far.poll(server, server.tick(network.now_ns()));
        if (options.pacing == plan::Pacing::rate &&
            generator.control.current() == session::Stage::opening &&
            generator.report.at_gate.get() == kConnections) {
            generator.raise_gate(network.now_ns());
        }
        network.advance_to(network.now_ns() + 50 * kMicrosecond);
    };
    const auto received = [&] { return generator.shard.counters.received.get(); };
    CHECK(count_allocations(round, received, 20'000) == 0);
    CHECK(generator.shard.counters.compressed_connections.get() ==
          (options.message.deflate ? kConnections : 0));
}

void check_over_memory(const plan::RunOptions& options) {
    transport::MemoryNetwork network;
    transport::MemoryTransport near(network, transport::Side::client, kConnections);
    transport::MemoryTransport far(network, transport::Side::server, kConnections);
    check_between(near, far, options, network);
}

void check_over_tls(const plan::RunOptions& options, crypto::TlsVersion version) {
    transport::MemoryNetwork network;
    using transport::MemoryTransport;
    using Secure = transport::Tunnel<MemoryTransport>;
    const transport::Route routes[] = {{.tls_name = "localhost"}};
    crypto::TlsClientOptions client = localhost_client();
    client.terms.version_max = version;
    Secure near(std::make_unique<MemoryTransport>(network, transport::Side::client, kConnections),
                crypto::TlsContext::client(client, 1).value(), routes);
    Secure far(std::make_unique<MemoryTransport>(network, transport::Side::server, kConnections),
               crypto::TlsContext::server(localhost_server()).value(), {});
    check_between(near, far, options, network);
}

}  // namespace

TEST_CASE("allocations: an allocation is noticed", "[session][allocations]") {
    const std::uint64_t before = allocations;
    const auto memory = std::make_unique<std::vector<int>>(100);
    CHECK(allocations >= before + 2);
    CHECK(memory->size() == 100);
}

TEST_CASE("allocations: none over memory, in neither role, once all connections are open",
          "[session][allocations]") {
    const auto [kind, pacing] = all_workloads();
    check_over_memory(endless(kind, pacing));
}

TEST_CASE("allocations: none where messages are compressed, alone or with those before them",
          "[session][allocations]") {
    const auto [kind, pacing] = all_workloads();
    plan::RunOptions options = endless(kind, pacing);
    options.message.deflate = proto::DeflateParameters{.client_no_context_takeover = GENERATE(false, true)};
    check_over_memory(options);
}

TEST_CASE("allocations: none over TLS", "[session][allocations]") {
    const auto [kind, pacing] = all_workloads();
    check_over_tls(endless(kind, pacing),
                   GENERATE(crypto::TlsVersion::tls_1_2, crypto::TlsVersion::tls_1_3));
}

TEST_CASE("allocations: none over io_uring once all connections are open", "[session][allocations]") {
    const auto [kind, pacing] = all_workloads();
    const auto features = ring::probe_features();
    REQUIRE(features.ok());
    const auto cpus = host::usable_cpus();
    auto server = target::Server::start({.hosts = {"127.0.0.1"}, .port = 0, .cores = 1}, cpus);
    REQUIRE(server.ok());
    transport::SourcePlanInput input;
    input.targets = {{{make_ipv4(0x7f000001, (*server)->port()), {}}}};
    input.ports = {20'000, 60'000};
    input.connections = kConnections;
    const auto sources = transport::SourcePlan::make(input);
    REQUIRE(sources.ok());
    using Transport = transport::UringTransport<ring::Ring>;
    auto transport =
        Transport::open({.features = *features, .connections = kConnections, .sources = sources->slice(0)});
    REQUIRE(transport.ok());
    Generator<Transport> generator(**transport, endless(kind, pacing), monotonic_now());
    const auto round = [&] {
        generator.tick(monotonic_now());
        if (pacing == plan::Pacing::rate && generator.control.current() == session::Stage::opening &&
            generator.report.at_gate.get() == kConnections) {
            generator.raise_gate(monotonic_now());
        }
    };
    const auto received = [&] { return generator.shard.counters.received.get(); };
    CHECK(count_allocations(round, received, 10'000) == 0);
    CHECK(stats::errors_total([&] {
              stats::CounterValues values;
              stats::add(values, generator.shard.counters);
              return values;
          }()) == 0);
}
