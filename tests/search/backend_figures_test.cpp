#include "search/backend_figures.hpp"

#include <catch2/catch.hpp>

namespace wsblast::search {

namespace {

stats::StepRow watched_row(double load, double cpu, std::uint64_t rss_bytes) {
    stats::StepRow row{.load = load, .achieved_per_s = load, .length_s = 10};
    row.verdict = stats::StepVerdict::pass;
    stats::BackendUse& use = row.backend.emplace();
    use.presence = stats::BackendPresence::alive;
    use.seconds = 10;
    use.cpu_user = cpu;
    use.cpu_system = 0;
    use.rss_bytes = rss_bytes;
    return row;
}

}  // namespace

TEST_CASE("backend_figures: messages a CPU-second are those of the highest step that passed") {
    stats::LoadSearch search;
    search.steps = {watched_row(1'000, 0.1, 0), watched_row(5'000, 0.5, 0), watched_row(9'000, 1, 0)};
    search.steps.back().verdict = stats::StepVerdict::fail;
    add_backend_figures(search, stats::LoadAxis::rate);
    REQUIRE(search.messages_per_cpu_s);
    CHECK(*search.messages_per_cpu_s == Approx(10'000));
    CHECK_FALSE(search.bytes_per_connection);
}

TEST_CASE("backend_figures: bytes a connection are the slope between the fewest and the most") {
    stats::LoadSearch search;
    search.steps = {watched_row(100, 0.1, 1'000'000), watched_row(400, 0.1, 2'000'000),
                    watched_row(1'100, 0.1, 6'000'000)};
    add_backend_figures(search, stats::LoadAxis::connections);
    REQUIRE(search.bytes_per_connection);
    CHECK(*search.bytes_per_connection == Approx(5'000));
}

TEST_CASE("backend_figures: a thread without time left is told from a backend that waits") {
    stats::StepRow row = watched_row(100, 1.1, 0);
    row.backend->by_thread.push_back({.pid = 1, .tid = 1, .name = "worker", .user = 0.3, .system = 0.1});
    row.cause = stats::StepCause::growth;
    CHECK_THAT(cpu_evidence(row), Catch::Contains("waited for something else than CPU"));
    // A latency that breaks its check may be the queue of a thread that is half idle.
    row.cause = stats::StepCause::check;
    CHECK(cpu_evidence(row) == "the backend used 1.10 cores, its busiest thread 0.40");
    row.cause = stats::StepCause::growth;
    row.backend->by_thread.front().user = 0.7;
    CHECK(cpu_evidence(row) == "the backend used 1.10 cores, its busiest thread 0.80");
    row.backend->by_thread.front().user = 0.89;
    CHECK(cpu_evidence(row) == "the backend's thread 'worker' used 0.99 of a core");
    row.backend.reset();
    CHECK(cpu_evidence(row).empty());
}

}  // namespace wsblast::search
