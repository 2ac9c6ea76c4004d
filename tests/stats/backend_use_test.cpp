#include "stats/backend_use.hpp"

#include <catch2/catch.hpp>

namespace wsblast::stats {

namespace {

BackendUse with_cpu(double user, double system, double seconds) {
    BackendUse use;
    use.cpu_user = user;
    use.cpu_system = system;
    use.seconds = seconds;
    return use;
}

}  // namespace

TEST_CASE("backend use: CPU is user and system together, or unknown", "[stats][backend]") {
    CHECK(with_cpu(0.25, 0.5, 1).cpu() == 0.75);
    BackendUse half;
    half.cpu_user = 0.25;
    CHECK_FALSE(half.cpu().has_value());
}

TEST_CASE("backend use: bytes a connection are the slope between two readings", "[stats][backend]") {
    const auto bytes =
        bytes_per_connection({1'000, 50'000'000, 10'000'000}, {3'000, 90'000'000, 16'000'000});
    CHECK(bytes.process == 20'000.0);
    CHECK(bytes.kernel == 3'000.0);
    const auto given_back = bytes_per_connection({1'000, 5'000, {}}, {2'000, 3'000, 7});
    CHECK(given_back.process == -2.0);
    CHECK_FALSE(given_back.kernel.has_value());
}

TEST_CASE("backend use: without more connections there is no slope", "[stats][backend]") {
    CHECK_FALSE(bytes_per_connection({2'000, 1, 1}, {2'000, 2, 2}).process.has_value());
    CHECK_FALSE(bytes_per_connection({2'001, 1, 1}, {2'000, 2, 2}).kernel.has_value());
}

TEST_CASE("backend use: messages a CPU-second need CPU that can be told", "[stats][backend]") {
    CHECK(messages_per_cpu_second(90'000, with_cpu(0.4, 0.5, 10)) == Approx(10'000));
    CHECK_FALSE(messages_per_cpu_second(90'000, with_cpu(0.004, 0.005, 10)).has_value());
    CHECK_FALSE(messages_per_cpu_second(90'000, BackendUse{}).has_value());
}

TEST_CASE("backend use: every presence has a name", "[stats][backend]") {
    CHECK(to_text(BackendPresence::unwatched) == "unwatched");
    CHECK(to_text(BackendPresence::alive) == "alive");
    CHECK(to_text(BackendPresence::partly_gone) == "partly gone");
    CHECK(to_text(BackendPresence::gone) == "gone");
}

}  // namespace wsblast::stats
