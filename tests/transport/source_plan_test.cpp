#include "transport/source_plan.hpp"

#include <map>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::transport;

namespace {

const Endpoint kLocal4 = make_ipv4(0x7f000001, 8000);
const Endpoint kLocal6 = parse_ip("::1", 8000).value();
const Endpoint kRemote = make_ipv4(0x0a000001, 9000);
const Endpoint kOwn = make_ipv4(0x0a000002, 0);

// The kernel's own range: 28,232 ports.
constexpr PortRange kKernelPorts{32'768, 60'999};

SourcePlanInput input_for(std::vector<Destination> addresses, std::uint64_t connections) {
    SourcePlanInput input;
    input.targets = {std::move(addresses)};
    input.ports = kKernelPorts;
    input.connections = connections;
    input.seed = 1;
    return input;
}

std::string pair_text(const SourcePair& pair) {
    return to_text(pair.source) + " > " + to_text(pair.destination);
}

// Lets every worker take its share of the connections; counts the distinct pairs.
std::set<std::string> all_pairs(const SourcePlan& plan, const SourcePlanInput& input) {
    std::set<std::string> seen;
    for (std::uint32_t worker = 0; worker < input.workers; ++worker) {
        SourceSlice slice = plan.slice(worker);
        for (std::uint64_t i = worker; i < input.connections; i += input.workers) {
            const auto target = static_cast<TargetId>(i / input.workers % input.targets.size());
            seen.insert(pair_text(slice.next(target)));
        }
    }
    return seen;
}

}  // namespace

TEST_CASE("source plan: every connection of every worker has its own pair", "[transport][source_plan]") {
    for (std::uint32_t workers : {1u, 2u, 3u, 7u}) {
        auto input = input_for({{kLocal4, {}}}, 60'000);
        input.workers = workers;
        const auto plan = SourcePlan::make(input);
        REQUIRE(plan);
        CHECK(plan->warnings().empty());
        CHECK(all_pairs(*plan, input).size() == input.connections);
    }
}

TEST_CASE("source plan: loopback takes as many addresses as it needs, away from 127.0.0.1",
          "[transport][source_plan]") {
    for (std::uint64_t connections : {1u, 28'000u, 50'000u, 200'000u}) {
        const auto plan = SourcePlan::make(input_for({{kLocal4, {}}}, connections));
        REQUIRE(plan);
        SourceSlice slice = plan->slice(0);
        const std::uint64_t pairs = slice.pairs(0);
        CHECK(pairs >= connections + connections / 100);
        CHECK(pairs >= connections + limits::kSourceTriesMax);
        CHECK(pairs < connections + connections / 100 + limits::kSourceTriesMax + kKernelPorts.size());
        for (int i = 0; i < 1'000; ++i) {
            const std::uint32_t address = ipv4_address(slice.next(0).source);
            REQUIRE(address >> 24 == 127);
            REQUIRE((address >> 16 & 0xff) != 0);
            REQUIRE((address >> 16 & 0xff) != 255);
        }
    }
}

TEST_CASE("source plan: the ports vary fastest, then the addresses, then it goes round",
          "[transport][source_plan]") {
    auto input = input_for({{kRemote, kOwn}}, 10);
    input.ports = {40'000, 40'006};
    input.reserved = {{40'001, 40'002}, {1, 5}};
    input.sources = {kOwn, make_ipv4(0x0a000003, 0), kOwn, kLocal6};
    const auto plan = SourcePlan::make(input);
    REQUIRE(plan);
    SourceSlice slice = plan->slice(0);
    REQUIRE(slice.pairs(0) == 10);
    std::vector<SourcePair> pairs;
    for (int i = 0; i < 20; ++i) pairs.push_back(slice.next(0));
    std::map<std::uint16_t, int> ports;
    for (std::size_t i = 0; i < 10; ++i) {
        CHECK(pairs[i].source == pairs[i + 10].source);
        CHECK(pairs[i].source.port() != pairs[i + 1].source.port());
        CHECK(pairs[i].destination == kRemote);
        ++ports[pairs[i].source.port()];
    }
    CHECK(ports ==
          std::map<std::uint16_t, int>{{40'000, 2}, {40'003, 2}, {40'004, 2}, {40'005, 2}, {40'006, 2}});
}

TEST_CASE("source plan: the port of a destination is no source port", "[transport][source_plan]") {
    auto input = input_for({{make_ipv4(0x7f000001, 40'001), {}}}, 2);
    input.ports = {40'000, 40'002};
    const auto plan = SourcePlan::make(input);
    REQUIRE(plan);
    SourceSlice slice = plan->slice(0);
    for (int i = 0; i < 10; ++i) CHECK(slice.next(0).source.port() != 40'001);
}

TEST_CASE("source plan: a plan that cannot carry the run says so with the arithmetic",
          "[transport][source_plan]") {
    const auto plan = SourcePlan::make(input_for({{kRemote, kOwn}}, 50'000));
    REQUIRE_FALSE(plan);
    CHECK(plan.error().fault == Fault::environment);
    CHECK(plan.error().what ==
          "10.0.0.1:9000: 1 source address x 28,232 ports = 28,232 pairs < 50,000 connections; "
          "add addresses with --source-ip, widen --source-ports, or lower --connections");
    const auto unreachable = SourcePlan::make(input_for({{kRemote, {}}}, 1));
    REQUIRE_FALSE(unreachable);
    CHECK(unreachable.error().what.find("no local address") != std::string::npos);
    auto closed = input_for({{kRemote, kOwn}}, 1);
    closed.reserved = {kKernelPorts};
    REQUIRE_FALSE(SourcePlan::make(closed));
    CHECK(SourcePlan::make(closed).error().what.find("--source-ports") != std::string::npos);
}

TEST_CASE("source plan: exactly as many pairs as connections suffice", "[transport][source_plan]") {
    CHECK(SourcePlan::make(input_for({{kRemote, kOwn}}, kKernelPorts.size())).ok());
    CHECK_FALSE(SourcePlan::make(input_for({{kRemote, kOwn}}, kKernelPorts.size() + 1)).ok());
}

TEST_CASE("source plan: a target's addresses are used in turn", "[transport][source_plan]") {
    auto input = input_for({{kLocal6, kLocal6}, {kLocal4, {}}}, 50'000);
    const auto plan = SourcePlan::make(input);
    REQUIRE(plan);
    CHECK(plan->warnings().empty());
    SourceSlice slice = plan->slice(0);
    for (int i = 0; i < 10; ++i) {
        const SourcePair six = slice.next(0);
        CHECK(six.destination == kLocal6);
        CHECK(address_text(six.source) == "::1");
        CHECK(slice.next(0).destination == kLocal4);
    }
    CHECK(all_pairs(*plan, input).size() == input.connections);
}

TEST_CASE("source plan: a family that is too small is left out with a warning",
          "[transport][source_plan]") {
    auto input = input_for({{kLocal6, kLocal6}, {kLocal4, {}}}, 100'000);
    const auto plan = SourcePlan::make(input);
    REQUIRE(plan);
    REQUIRE(plan->warnings().size() == 1);
    CHECK(plan->warnings()[0] ==
          "IPv6 is left out: [::1]:8000: 1 source address x 28,232 ports = 28,232 pairs < 50,000 "
          "connections");
    SourceSlice slice = plan->slice(0);
    for (int i = 0; i < 10; ++i) CHECK(slice.next(0).destination == kLocal4);
    CHECK(all_pairs(*plan, input).size() == input.connections);
}

TEST_CASE("source plan: a pair may serve two destinations, two targets share one",
          "[transport][source_plan]") {
    auto input = input_for({{kRemote, kOwn}}, 2 * kKernelPorts.size());
    input.targets.push_back({{make_ipv4(0x0a000009, 9000), kOwn}});
    const auto plan = SourcePlan::make(input);
    REQUIRE(plan);
    CHECK(all_pairs(*plan, input).size() == input.connections);
    input.targets[1] = input.targets[0];
    CHECK_FALSE(SourcePlan::make(input));
    input.connections = kKernelPorts.size();
    const auto shared = SourcePlan::make(input);
    REQUIRE(shared);
    CHECK(all_pairs(*shared, input).size() == input.connections);
}

TEST_CASE("source plan: a Unix socket takes no pairs, and any number of connections",
          "[transport][source_plan]") {
    const Endpoint socket = make_unix("/run/chat.sock");
    auto input = input_for({{socket, {}}}, 1'000'000);
    input.targets.push_back({{kLocal4, {}}});
    const auto plan = SourcePlan::make(input);
    REQUIRE(plan);
    SourceSlice slice = plan->slice(0);
    CHECK(slice.next(0).destination == socket);
    CHECK(slice.next(0).source.length == 0);
    CHECK(slice.next(1).destination == kLocal4);
    CHECK(slice.next(1).source.length != 0);
}

TEST_CASE("source plan: the seed decides where it begins", "[transport][source_plan]") {
    auto input = input_for({{kLocal4, {}}}, 100);
    const auto first_pair = [&](std::uint64_t seed) {
        input.seed = seed;
        const auto plan = SourcePlan::make(input);
        return pair_text(plan->slice(0).next(0));
    };
    CHECK(first_pair(5) == first_pair(5));
    std::set<std::string> begins;
    for (std::uint64_t seed = 0; seed < 50; ++seed) begins.insert(first_pair(seed));
    CHECK(begins.size() == 50);
}
