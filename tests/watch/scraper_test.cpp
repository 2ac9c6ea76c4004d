#include "watch/scraper.hpp"

#include <functional>

#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "tests/support/http_server.hpp"

namespace wsblast::watch {

namespace {

using Catch::Contains;
using test::http_answer;
using test::HttpServer;

std::vector<MetricQuery> queries(std::initializer_list<const char*> texts) {
    std::vector<MetricQuery> parsed;
    for (const char* text : texts) {
        auto query = parse_metric_query(text);
        REQUIRE(query.ok());
        parsed.push_back(std::move(*query));
    }
    return parsed;
}

// What the scraper has at last, when it has what is waited for.
Scrape wait_for(const Scraper& scraper, const std::function<bool(const Scrape&)>& reached) {
    const TimeNs end_ns = monotonic_now() + 10 * kSecond;
    while (!reached(scraper.last()) && monotonic_now() < end_ns)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return scraper.last();
}

}  // namespace

TEST_CASE("scraper: the first answer is there at once, later ones by themselves", "[watch][prometheus]") {
    HttpServer server(http_answer("up 1\nrooms 4\n"));
    const auto scraper = Scraper::start(server.url(), queries({"rooms", "up"}));
    REQUIRE(scraper.ok());
    const Scrape first = (*scraper)->last();
    REQUIRE(first.values.size() == 2);
    CHECK(first.values[0].value == 4.0);
    CHECK(first.values[1].value == 1.0);
    CHECK((*scraper)->warnings().empty());
    server.answer_with(http_answer("up 1\nrooms 5\n"));
    const Scrape second = wait_for(
        **scraper, [](const Scrape& last) { return !last.values.empty() && last.values[0].value == 5.0; });
    REQUIRE(second.values.size() == 2);
    CHECK(second.values[0].value == 5.0);
    CHECK(second.at_ns > first.at_ns);
    CHECK_THAT(server.last_request(), Contains("version=0.0.4"));
}

TEST_CASE("scraper: a failure is a gap with its reason, and passes", "[watch][prometheus]") {
    HttpServer server(http_answer("up 1\n"));
    const auto scraper = Scraper::start(server.url(), queries({"up"}));
    REQUIRE(scraper.ok());
    server.answer_with(http_answer("", "503 Service Unavailable"));
    const Scrape failed = wait_for(**scraper, [](const Scrape& last) { return !last.gap.empty(); });
    CHECK(failed.values.empty());
    CHECK_THAT(failed.gap, Contains("503"));
    server.answer_with(http_answer("up 2\n"));
    const Scrape back = wait_for(**scraper, [](const Scrape& last) { return last.gap.empty(); });
    REQUIRE(back.values.size() == 1);
    CHECK(back.values[0].value == 2.0);
}

TEST_CASE("scraper: an endpoint that is none is an error with the remedy", "[watch][prometheus]") {
    const HttpServer page(http_answer("<html>Not here</html>"));
    const HttpServer missing(http_answer("", "404 Not Found"));
    for (const std::string& url : {page.url(), missing.url(), std::string("http://127.0.0.1:1/metrics")}) {
        const auto scraper = Scraper::start(url, queries({"up"}));
        REQUIRE_FALSE(scraper.ok());
        CHECK(scraper.error().fault == Fault::usage);
        CHECK_THAT(scraper.error().what,
                   Contains("--watch-prometheus: ") && Contains(url) && Contains("as in http://"));
    }
}

TEST_CASE("scraper: a metric that is not there yet is a warning, and comes", "[watch][prometheus]") {
    HttpServer server(http_answer("messages_total 3\n"));
    const auto scraper = Scraper::start(server.url(), queries({"messages"}));
    REQUIRE(scraper.ok());
    REQUIRE((*scraper)->warnings().size() == 1);
    CHECK_THAT((*scraper)->warnings().front(), Contains("has no messages yet; it has messages_total"));
    CHECK_FALSE((*scraper)->last().values.at(0).value.has_value());
    server.answer_with(http_answer("messages 3\n"));
    const Scrape later = wait_for(
        **scraper, [](const Scrape& last) { return !last.values.empty() && last.values[0].value; });
    CHECK(later.values.at(0).value == 3.0);
}

TEST_CASE("scraper: reading the last answer does not wait for a backend that hangs",
          "[watch][prometheus]") {
    HttpServer server(http_answer("up 1\n"));
    const auto scraper = Scraper::start(server.url(), queries({"up"}));
    REQUIRE(scraper.ok());
    server.answer_with("");
    const int before = server.requests();
    const TimeNs end_ns = monotonic_now() + 10 * kSecond;
    while (server.requests() == before && monotonic_now() < end_ns)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    REQUIRE(server.requests() > before);  // a request hangs now
    const TimeNs start_ns = monotonic_now();
    CHECK((*scraper)->last().values.size() == 1);
    CHECK(monotonic_now() - start_ns < limits::kScrapeTimeoutNs / 2);
}

}  // namespace wsblast::watch
