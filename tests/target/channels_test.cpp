#include "target/channels.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

namespace wsblast::target {

namespace {

using Ids = std::set<transport::ConnectionId>;

Ids members_of(const Channels& channels, ChannelNumber channel) {
    const auto members = channels.members(channel);
    return {members.begin(), members.end()};
}

TEST_CASE("channels: a name keeps its number, and no two have the same", "[target][channels]") {
    ChannelRegistry registry(1);
    REQUIRE(registry.ok());
    const auto first = registry.number_of("/broadcast");
    const auto second = registry.number_of("/broadcast/a");
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(first != second);
    CHECK(registry.number_of("/broadcast") == first);
    CHECK(registry.number_of("/broadcast/a") == second);
}

TEST_CASE("channels: there are so many names, and those that are known stay", "[target][channels]") {
    ChannelRegistry registry(1);
    for (std::uint32_t i = 0; i < limits::kChannelsMax; ++i) {
        REQUIRE(registry.number_of(std::to_string(i)) == i);
    }
    CHECK_FALSE(registry.number_of("one more").has_value());
    CHECK(registry.number_of("7") == 7U);
}

TEST_CASE("channels: members join and leave, in any order", "[target][channels]") {
    constexpr std::uint32_t kConnections = 200;
    constexpr std::uint32_t kChannels = 3;
    ChannelRegistry registry(1);
    Channels channels(registry, 0, kConnections);
    REQUIRE(channels.ok());
    CHECK(channels.members(kChannels - 1).empty());
    std::array<Ids, kChannels> expected;
    std::array<std::uint32_t, kConnections> channel_of{};  // + 1
    Prng random(3);
    for (int i = 0; i < 20'000; ++i) {
        const auto cid = static_cast<transport::ConnectionId>(random.next_below(kConnections));
        if (channel_of[cid] == 0) {
            const auto channel = static_cast<ChannelNumber>(random.next_below(kChannels));
            channels.join(cid, channel);
            channel_of[cid] = channel + 1;
            expected[channel].insert(cid);
            REQUIRE(channels.channel_of(cid) == channel);
        } else {
            channels.leave(cid);
            expected[std::exchange(channel_of[cid], 0) - 1].erase(cid);
        }
    }
    for (ChannelNumber channel = 0; channel < kChannels; ++channel) {
        CHECK(members_of(channels, channel) == expected[channel]);
        CHECK(channels.members(channel).size() == expected[channel].size());
        CHECK(channels.members_on(0, channel) == expected[channel].size());
    }
}

TEST_CASE("channels: a worker knows how many members the others have", "[target][channels]") {
    ChannelRegistry registry(2);
    Channels first(registry, 0, 8);
    Channels second(registry, 1, 8);
    first.join(3, 1);
    first.join(4, 1);
    second.join(3, 0);
    CHECK(second.members_on(0, 1) == 2);
    CHECK(second.members_on(0, 0) == 0);
    CHECK(first.members_on(1, 0) == 1);
    CHECK(members_of(second, 1).empty());
    first.leave(3);
    CHECK(second.members_on(0, 1) == 1);
}

}  // namespace

}  // namespace wsblast::target
