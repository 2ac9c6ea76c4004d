#include "search/pace.hpp"

#include <catch2/catch.hpp>

namespace wsblast::search {

using stats::Pacemaker;

namespace {

PaceInput steady() {
    PaceInput input;
    input.connections_per_s = 500;
    input.opening_mean = 48;
    input.own_cores_busy = 0.2;
    input.cores = 2;
    input.tcp.emplace().mean = 0.2 * kMillisecond;
    input.upgrade.emplace().mean = 95 * kMillisecond;
    return input;
}

Pacemaker pacemaker(const PaceInput& input) {
    const auto pace = pace_of(input);
    REQUIRE(pace.has_value());
    CHECK(pace->connections_per_s == input.connections_per_s);
    return pace->pacemaker;
}

}  // namespace

TEST_CASE("pace: handshakes that wait for their upgrade are the target's", "[search][pace]") {
    CHECK(pacemaker(steady()) == Pacemaker::target);
    const auto pace = pace_of(steady());
    REQUIRE(pace.has_value());
    REQUIRE_FALSE(pace->evidence.empty());
    CHECK(pace->evidence[0].find("48 handshakes") != std::string::npos);
}

TEST_CASE("pace: handshakes that wait for TCP are the path's", "[search][pace]") {
    PaceInput input = steady();
    input.tcp->mean = kSecond;
    CHECK(pacemaker(input) == Pacemaker::path);
}

TEST_CASE("pace: without CPU left it is the generator's", "[search][pace]") {
    PaceInput input = steady();
    input.own_cores_busy = 1.85;
    CHECK(pacemaker(input) == Pacemaker::generator);
    input.cores = 4;
    CHECK(pacemaker(input) == Pacemaker::target);
}

TEST_CASE("pace: a rate that was asked for, and came", "[search][pace]") {
    PaceInput input = steady();
    input.asked_per_s = 510;
    CHECK(pacemaker(input) == Pacemaker::asked);
    input.asked_per_s = 5'000;
    CHECK(pacemaker(input) == Pacemaker::target);
}

TEST_CASE("pace: nothing is known where nothing opened", "[search][pace]") {
    CHECK_FALSE(pace_of({}).has_value());
}

}  // namespace wsblast::search
