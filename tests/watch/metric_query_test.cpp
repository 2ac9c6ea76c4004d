#include "watch/metric_query.hpp"

#include <catch2/catch.hpp>

namespace wsblast::watch {

namespace {

using Catch::Contains;

Exposition example() {
    auto exposition = parse_exposition(
        "# TYPE messages_total counter\n"
        "messages_total{room=\"a\",kind=\"text\"} 10\n"
        "messages_total{room=\"a\",kind=\"binary\"} 5\n"
        "messages_total{room=\"b\",kind=\"text\"} 1\n"
        "# TYPE connections gauge\n"
        "connections 7\n"
        "# TYPE delay_seconds histogram\n"
        "delay_seconds_bucket{le=\"+Inf\"} 3\n"
        "delay_seconds_sum 0.5\n"
        "delay_seconds_count 3\n"
        "# TYPE queue_count gauge\n"
        "queue_count 2\n"
        "bytes_total 99\n");
    REQUIRE(exposition.ok());
    return std::move(*exposition);
}

MetricValue ask(std::string_view text) {
    const auto query = parse_metric_query(text);
    REQUIRE(query.ok());
    return value_of(*query, example());
}

}  // namespace

TEST_CASE("metric query: series of one name are summed", "[watch][prometheus]") {
    CHECK(ask("messages_total").value == 16.0);
    CHECK(ask("messages_total{room=\"a\"}").value == 15.0);
    CHECK(ask("messages_total{kind=\"text\",room=\"a\"}").value == 10.0);
    CHECK(ask("connections").value == 7.0);
    CHECK(ask("messages_total{room=\"a\"}").name == "messages_total{room=\"a\"}");
}

TEST_CASE("metric query: what no series has is no value, not zero", "[watch][prometheus]") {
    CHECK_FALSE(ask("messages").value.has_value());
    CHECK_FALSE(ask("messages_total{room=\"c\"}").value.has_value());
    CHECK_FALSE(ask("connections{room=\"a\"}").value.has_value());
}

TEST_CASE("metric query: counters are known by type, then by name", "[watch][prometheus]") {
    CHECK(ask("messages_total").kind == MetricKind::counter);
    CHECK(ask("connections").kind == MetricKind::gauge);
    CHECK(ask("delay_seconds_count").kind == MetricKind::counter);
    CHECK(ask("delay_seconds_bucket").kind == MetricKind::counter);
    CHECK(ask("queue_count").kind == MetricKind::gauge);
    CHECK(ask("bytes_total").kind == MetricKind::counter);
}

TEST_CASE("metric query: what is no name with labels is told with an example", "[watch][prometheus]") {
    for (const char* wrong :
         {"", "a b", "9a", "a{", "a{b}", "a{b=c}", "a{b=\"c\"", "a{b=\"c\"} ", "{b=\"c\"}"}) {
        const auto query = parse_metric_query(wrong);
        CAPTURE(wrong);
        REQUIRE_FALSE(query.ok());
        CHECK(query.error().fault == Fault::usage);
        CHECK_THAT(query.error().what, Contains("NAME{label=\"value\"}"));
    }
}

TEST_CASE("metric query: names that come near are told", "[watch][prometheus]") {
    CHECK(names_like("messages", example()) == std::vector<std::string>{"messages_total"});
    CHECK(names_like("chat_connections", example()) == std::vector<std::string>{"connections"});
    CHECK(names_like("zzz", example()).empty());
}

}  // namespace wsblast::watch
