// Who hears whom: connections are members of channels, which have names.
//
// The names are the server's, and a number stands for each. Of each channel a worker knows its own members,
// and how many there are on the other workers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "base/mapped_array.hpp"
#include "stats/cell.hpp"
#include "transport/transport.hpp"

namespace wsblast::target {

using ChannelNumber = std::uint32_t;

// Of the whole server. A name that was ever used keeps its number.
class ChannelRegistry {
  public:
    explicit ChannelRegistry(std::uint32_t workers)
        : workers_(workers), members_(std::size_t{limits::kChannelsMax} * workers) {}

    // False: no address space.
    [[nodiscard]] bool ok() const { return members_.ok(); }

    // The number of a name; nothing where it is new and limits::kChannelsMax have one. Any thread; it takes
    // a lock: once a connection, not once a message.
    [[nodiscard]] std::optional<ChannelNumber> number_of(std::string_view name) {
        const std::lock_guard lock(mutex_);
        if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
        if (numbers_.size() == limits::kChannelsMax) return std::nullopt;
        const auto number = static_cast<ChannelNumber>(numbers_.size());
        numbers_.emplace(name, number);
        return number;
    }

    // How many members a worker has: written by that worker, read by all. A reader sees a member before
    // that client can tell anybody that it is there: the count is written before the answer to its upgrade.
    [[nodiscard]] stats::Cell& members(ChannelNumber channel, std::uint32_t worker) {
        return members_[std::size_t{channel} * workers_ + worker];
    }

  private:
    std::uint32_t workers_;
    MappedArray<stats::Cell> members_;
    std::mutex mutex_;
    std::map<std::string, ChannelNumber, std::less<>> numbers_;
};

// The members on one worker. Its thread; memory grows when one joins, and with nothing else.
class Channels {
  public:
    using ConnectionId = transport::ConnectionId;

    // The registry lives longer. Connections are below `connections_max`.
    Channels(ChannelRegistry& registry, std::uint32_t worker, std::uint32_t connections_max)
        : registry_(registry), worker_(worker), seats_(connections_max) {}

    [[nodiscard]] bool ok() const { return registry_.ok() && seats_.ok(); }

    // The connection must be no member of any channel.
    void join(ConnectionId cid, ChannelNumber channel) {
        if (channel >= members_.size()) members_.resize(channel + 1);
        std::vector<ConnectionId>& members = members_[channel];
        seats_[cid] = {channel, static_cast<std::uint32_t>(members.size())};
        members.push_back(cid);
        registry_.members(channel, worker_).add();
    }

    // The connection must be a member.
    void leave(ConnectionId cid) {
        const Seat seat = seats_[cid];
        std::vector<ConnectionId>& members = members_[seat.channel];
        members[seat.place] = members.back();
        seats_[members.back()].place = seat.place;
        members.pop_back();
        registry_.members(seat.channel, worker_).subtract();
    }

    // Of a member.
    [[nodiscard]] ChannelNumber channel_of(ConnectionId cid) const { return seats_[cid].channel; }
    // In no order. Valid until the next one joins or leaves.
    [[nodiscard]] std::span<const ConnectionId> members(ChannelNumber channel) const {
        if (channel >= members_.size()) return {};
        return members_[channel];
    }
    // How many another worker has, as far as is known.
    [[nodiscard]] std::uint64_t members_on(std::uint32_t worker, ChannelNumber channel) const {
        return registry_.members(channel, worker).get();
    }

  private:
    // Of a member: members_[channel][place] is its connection.
    struct Seat {
        ChannelNumber channel;
        std::uint32_t place;
    };

    ChannelRegistry& registry_;
    std::uint32_t worker_;
    MappedArray<Seat> seats_;                         // by connection
    std::vector<std::vector<ConnectionId>> members_;  // by channel
};

}  // namespace wsblast::target
