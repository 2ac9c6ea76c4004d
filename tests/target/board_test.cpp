#include "target/board.hpp"

#include <set>

#include <catch2/catch.hpp>

namespace wsblast::target {

namespace {

TEST_CASE("board: a total is the sum over the workers", "[target][board]") {
    Board board(2, 10, 0);
    board.of(0)[Count::connections_open].add(3);
    board.of(1)[Count::connections_open].add(4);
    board.of(1)[Count::connections_open].subtract();
    CHECK(board.total(Count::connections_open) == 6);
    CHECK(board.total(Count::connections_present) == 0);
}

TEST_CASE("board: as many places as allowed are taken, and one that is given back once more",
          "[target][board]") {
    Board board(2, 3, 0);
    for (int i = 0; i < 3; ++i) CHECK(board.take_place());
    CHECK_FALSE(board.take_place());
    CHECK_FALSE(board.take_place());
    board.give_place();
    CHECK(board.take_place());
    CHECK_FALSE(board.take_place());
}

TEST_CASE("board: it serves until it is told to stop", "[target][board]") {
    Board board(1, 1, 0);
    CHECK(board.stage() == Stage::serving);
    board.stop();
    CHECK(board.stage() == Stage::stopping);
}

TEST_CASE("counters: every count has a name of its own, and every worker lines of its own",
          "[target][counters]") {
    const std::set<std::string_view> names(kCountNames.begin(), kCountNames.end());
    CHECK(names.size() == kCountNames.size());
    CHECK(kCountNames[kFirstType] == "ping");
    Board board(2, 1, 0);
    const auto* first = reinterpret_cast<const char*>(&board.of(0));
    const auto* second = reinterpret_cast<const char*>(&board.of(1));
    CHECK((second - first) % limits::kCacheLineBytes == 0);
}

}  // namespace

}  // namespace wsblast::target
