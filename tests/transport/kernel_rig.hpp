// The transport over the real io_uring, in the test's own thread, and what it calls.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "base/prng.hpp"
#include "ring/ring.hpp"
#include "tests/support/sockets.hpp"
#include "transport/source_plan.hpp"
#include "transport/uring_transport.hpp"

namespace wsblast::transport {

using KernelTransport = UringTransport<ring::Ring>;

// What one connection id was told in its last life, and how often over all.
struct Heard {
    std::uint32_t opens = 0;
    std::uint32_t rooms = 0;
    std::uint32_t ends = 0;
    std::string received;  // in this life
    std::vector<Arrival> arrivals;
    std::vector<TcpInfo> inspections;
    CloseEvent last;  // of the life before
};

// A handler that remembers everything.
class Ears {
  public:
    explicit Ears(std::uint32_t capacity) : heard_(capacity) {}

    void on_open(ConnectionId cid, TimeNs) {
        heard_[cid].received.clear();
        ++heard_[cid].opens;
        ++opens_;
    }
    void on_bytes(ConnectionId cid, ByteView bytes, Arrival at) {
        heard_[cid].received += as_text(bytes);
        heard_[cid].arrivals.push_back(at);
    }
    void on_inspected(ConnectionId cid, const TcpInfo& info) { heard_[cid].inspections.push_back(info); }
    void on_room(ConnectionId cid) { ++heard_[cid].rooms; }
    void on_close(ConnectionId cid, CloseEvent event, TimeNs) {
        heard_[cid].last = event;
        ++heard_[cid].ends;
        ++ends_;
    }
    void on_burst_end(TimeNs) {}

    [[nodiscard]] const Heard& operator[](ConnectionId cid) const { return heard_[cid]; }
    [[nodiscard]] std::uint32_t opens() const { return opens_; }
    [[nodiscard]] std::uint32_t ends() const { return ends_; }

  private:
    std::vector<Heard> heard_;
    std::uint32_t opens_ = 0;
    std::uint32_t ends_ = 0;
};

struct RigOptions {
    std::uint32_t connections = 4;
    std::string_view without{};   // an override of what the kernel can do
    std::uint64_t pairs = 1'000;  // that a client is to have
    ring::Stamps stamps = ring::Stamps::none;
};

// A test that waits ends when its condition holds, or fails after this.
constexpr TimeNs kPatienceNs = 20 * kSecond;

// A transport with a handler.
class KernelRig {
  public:
    KernelRig(UringTransportOptions options, const RigOptions& rig) {
        const auto features = ring::probe_features(rig.without);
        REQUIRE(features.ok());
        options.features = *features;
        options.connections = rig.connections;
        options.stamps = rig.stamps;
        auto opened = KernelTransport::open(std::move(options));
        REQUIRE(opened.ok());
        transport = std::move(opened.value());
        ears = Ears(transport->capacity());
    }

    void tick(TimeNs wait_ns = 0) {
        const TimeNs now_ns = monotonic_now();
        transport->poll(ears, PollWait{now_ns, now_ns + wait_ns, 0});
    }
    template <class Condition>
    void run_until(Condition&& condition) {
        const TimeNs end_ns = monotonic_now() + kPatienceNs;
        while (!condition()) {
            const bool in_time = monotonic_now() < end_ns;
            REQUIRE(in_time);
            tick(kMillisecond);
        }
    }
    // Some ticks at least, however late they come.
    void run_for(TimeNs duration_ns) {
        constexpr int kTicksMin = 5;
        const TimeNs end_ns = monotonic_now() + duration_ns;
        for (int ticks = 0; ticks < kTicksMin || monotonic_now() < end_ns; ++ticks) tick(kMillisecond);
    }

    // An open connection.
    [[nodiscard]] ConnectionId connect() {
        const ConnectionId cid = transport->open(0);
        REQUIRE(cid != kNoConnection);
        const std::uint32_t opens = ears[cid].opens;
        run_until([&] { return ears[cid].opens > opens; });
        return cid;
    }
    // In one piece; false when there is no room.
    bool send(ConnectionId cid, std::string_view text) {
        const ByteSpan room = transport->reserve(cid, text.size());
        if (room.empty()) return false;
        std::ranges::copy(text, room.begin());
        transport->commit(cid, text.size());
        return true;
    }

    std::unique_ptr<KernelTransport> transport;
    Ears ears{0};
};

// Loopback addresses and ports toward `to`, others in each run.
[[nodiscard]] inline SourceSlice make_sources(const Endpoint& to, std::uint64_t pairs) {
    SourcePlanInput input;
    input.targets = {{{to, {}}}};
    input.ports = {10'000, 30'000};
    input.connections = pairs;
    input.seed = random_seed();
    const auto plan = SourcePlan::make(input);
    REQUIRE(plan.ok());
    return plan->slice(0);
}

// Connects to `to`.
[[nodiscard]] inline KernelRig make_client(const Endpoint& to, const RigOptions& rig = {}) {
    UringTransportOptions options;
    options.sources = make_sources(to, rig.pairs);
    return KernelRig(std::move(options), rig);
}

// Accepts from `listener`.
[[nodiscard]] inline KernelRig make_server(int listener, const RigOptions& rig = {}) {
    UringTransportOptions options;
    options.listen_descriptors = {listener};
    return KernelRig(std::move(options), rig);
}

}  // namespace wsblast::transport
