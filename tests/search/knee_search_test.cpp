#include "search/knee_search.hpp"

#include <functional>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

namespace wsblast::search {

namespace {

using Backend = std::function<LoadOutcome(double)>;

Backend capacity(double knee) {
    return [=](double load) { return load <= knee ? LoadOutcome::pass : LoadOutcome::fail; };
}

// Plays a search to its end; the loads in their order.
std::vector<double> play(KneeSearch& search, const Backend& backend) {
    std::vector<double> loads;
    while (const auto probe = search.next()) {
        loads.push_back(probe->load);
        REQUIRE(loads.size() < 200);
        search.note(probe->load, backend(probe->load));
    }
    return loads;
}

}  // namespace

TEST_CASE("knee_search: doubles, halves, and tries both ends again") {
    KneeSearch search({.from = 100, .precision = 0.1});
    const auto loads = play(search, capacity(1'000));
    // Between 1,000 and 1,100 the bracket is 9.1 % of its upper end.
    CHECK(loads == std::vector<double>{100, 200, 400, 800, 1'600, 1'200, 1'000, 1'100, 1'100, 1'000});
    CHECK(search.highest_pass() == 1'000);
    CHECK(search.lowest_fail() == 1'100);
}

TEST_CASE("knee_search: the bracket is as narrow as was asked for, wherever the knee is") {
    for (double knee = 101; knee < 1e6; knee *= 1.37) {
        KneeSearch search({.from = 100, .precision = 0.02});
        const auto loads = play(search, capacity(knee));
        REQUIRE(search.highest_pass());
        REQUIRE(search.lowest_fail());
        CHECK(*search.highest_pass() <= knee);
        CHECK(*search.lowest_fail() > knee);
        CHECK(*search.lowest_fail() - *search.highest_pass() <= 0.02 * *search.lowest_fail());
        CHECK(loads.size() < 25);
    }
}

TEST_CASE("knee_search: ends at the highest load that may be tried") {
    KneeSearch search({.from = 100, .to = 350.0, .precision = 0.02});
    CHECK(play(search, capacity(1e9)) == std::vector<double>{100, 200, 350});
    CHECK(search.highest_pass() == 350);
    CHECK_FALSE(search.lowest_fail());
}

TEST_CASE("knee_search: a first load that fails is tried again before it is the end") {
    KneeSearch search({.from = 100});
    CHECK(play(search, capacity(50)) == std::vector<double>{100, 100});
    CHECK_FALSE(search.highest_pass());
    CHECK(search.lowest_fail() == 100);
}

TEST_CASE("knee_search: whole numbers end side by side") {
    KneeSearch search({.from = 1, .precision = 0.0001, .numbers = LoadNumbers::whole});
    const auto loads = play(search, capacity(23.5));
    CHECK(search.highest_pass() == 23);
    CHECK(search.lowest_fail() == 24);
    for (const double load : loads) CHECK(load == static_cast<double>(static_cast<int>(load)));
}

TEST_CASE("knee_search: a fail by accident is outvoted, and the search goes on above") {
    int seen_at_200 = 0;
    KneeSearch search({.from = 100, .precision = 0.05});
    play(search, [&](double load) {
        if (load == 200 && seen_at_200++ == 0) return LoadOutcome::fail;
        return load <= 1'000 ? LoadOutcome::pass : LoadOutcome::fail;
    });
    CHECK(*search.highest_pass() <= 1'000);
    CHECK(*search.highest_pass() > 940);
    CHECK(*search.lowest_fail() > 1'000);
}

TEST_CASE("knee_search: a pass by accident is outvoted, and the search goes on below") {
    std::set<double> seen;
    KneeSearch search({.from = 100, .precision = 0.05});
    play(search, [&](double load) {
        // Between 1,000 and 1,300 the first verdict is wrong.
        const bool first = seen.insert(load).second;
        if (load > 1'000 && load < 1'300 && first) return LoadOutcome::pass;
        return load <= 1'000 ? LoadOutcome::pass : LoadOutcome::fail;
    });
    CHECK(*search.highest_pass() <= 1'000);
    CHECK(*search.highest_pass() > 940);
}

TEST_CASE("knee_search: ends near the knee when one verdict in five is wrong") {
    Prng random(5);
    int near = 0;
    for (int i = 0; i < 200; ++i) {
        KneeSearch search({.from = 100, .precision = 0.02});
        play(search, [&](double load) {
            const bool close = load > 800 && load < 1'250;
            const bool wrong = close && random.chance(1, 5);
            return (load <= 1'000) != wrong ? LoadOutcome::pass : LoadOutcome::fail;
        });
        near += *search.highest_pass() > 900 && *search.lowest_fail() < 1'100 ? 1 : 0;
    }
    CHECK(near >= 140);
}

TEST_CASE("knee_search: above where the generator gives up nothing is known") {
    KneeSearch search({.from = 100, .precision = 0.02});
    const auto loads =
        play(search, [](double load) { return load > 5'000 ? LoadOutcome::generator : LoadOutcome::pass; });
    REQUIRE(search.generator_limit());
    CHECK(*search.generator_limit() > 5'000);
    CHECK(*search.highest_pass() <= 5'000);
    CHECK(*search.highest_pass() > 0.89 * *search.generator_limit());
    CHECK_FALSE(search.lowest_fail());
    CHECK(loads.size() < 12);
}

TEST_CASE("knee_search: a knee below where the generator gives up is a knee") {
    KneeSearch search({.from = 100, .precision = 0.02});
    play(search, [](double load) {
        if (load > 5'000) return LoadOutcome::generator;
        return load > 4'000 ? LoadOutcome::fail : LoadOutcome::pass;
    });
    CHECK_FALSE(search.generator_limit());
    CHECK(*search.lowest_fail() == Approx(4'000).epsilon(0.02));
}

}  // namespace wsblast::search
