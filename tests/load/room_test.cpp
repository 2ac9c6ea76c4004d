#include "load/room.hpp"

#include <catch2/catch.hpp>

namespace wsblast::load {

namespace {

plan::RunOptions options_to(std::string url, std::uint32_t connections) {
    plan::RunOptions options;
    options.urls = {std::move(url)};
    options.connections = connections;
    options.cores = 1;
    options.seed = 1;
    return options;
}

}  // namespace

TEST_CASE("room: what this host carries is what was asked for", "[load][room]") {
    const auto room = find_room(options_to("ws://127.0.0.1:9000/ws", 5'000));
    REQUIRE(room.ok());
    CHECK(room->connections == 5'000);
    CHECK(room->limit == RoomLimit::none);
    CHECK(room->cores == 1);
    REQUIRE(room->targets.size() == 1);
    CHECK(to_text(room->targets[0]) == "127.0.0.1:9000");
}

TEST_CASE("room: pairs of source address and port bound it, exactly", "[load][room]") {
    plan::RunOptions options = options_to("ws://127.0.0.1:9000/ws", 5'000);
    options.source_addresses = {make_ipv4(0x7f4d0001, 0)};
    options.source_ports = PortRange{40'000, 41'999};
    const auto room = find_room(options);
    REQUIRE(room.ok());
    CHECK(room->connections == 2'000);
    CHECK(room->limit == RoomLimit::source_pairs);
    CHECK(room->arithmetic.find("1 source address x 2,000 ports") != std::string::npos);
}

TEST_CASE("room: each ring takes two descriptors, and holds its table", "[load][room]") {
    CHECK(connections_for(20'000, 3, 20'000, 1) == 9'994ULL * 20'000);
    CHECK(connections_for(128, 10, 128, 1) == 54 * 128);
    CHECK(connections_for(128, 10, 128, 2) == 2 * 27 * 128);
    CHECK(connections_for(16, 10, 16, 1) == 0);
    CHECK(connections_for(128, 10, 128, 0) == 0);
}

TEST_CASE("room: a host that is not known is an error", "[load][room]") {
    CHECK_FALSE(find_room(options_to("ws://no-such-host.invalid/ws", 10)).ok());
}

}  // namespace wsblast::load
