#include "watch/exposition.hpp"

#include <cmath>

#include <catch2/catch.hpp>

namespace wsblast::watch {

namespace {

using Catch::Contains;

Sample only_sample(std::string_view text) {
    const auto exposition = parse_exposition(text);
    REQUIRE(exposition.ok());
    REQUIRE(exposition->samples.size() == 1);
    return exposition->samples.front();
}

std::string error_of(std::string_view text) {
    const auto exposition = parse_exposition(text);
    REQUIRE_FALSE(exposition.ok());
    return exposition.error().what;
}

}  // namespace

TEST_CASE("exposition: a sample is a name with a value", "[watch][prometheus]") {
    const Sample sample = only_sample("process:open_fds 17\n");
    CHECK(sample.name == "process:open_fds");
    CHECK(sample.value == 17);
    CHECK(sample.labels.empty());
    CHECK_FALSE(sample.time_ms.has_value());
}

TEST_CASE("exposition: labels are read in any order, with blanks and a last comma", "[watch][prometheus]") {
    const Sample sample =
        only_sample("http_requests_total{method=\"post\", code = \"200\" , } 1027 1395066363000");
    CHECK(sample.labels == std::vector<Label>{{"method", "post"}, {"code", "200"}});
    CHECK(sample.value == 1'027);
    CHECK(sample.time_ms == 1'395'066'363'000);
    CHECK(only_sample("up{} 1").labels.empty());
    CHECK(only_sample("up {a=\"}\"} 1").labels == std::vector<Label>{{"a", "}"}});
}

TEST_CASE("exposition: escapes in a label's value stand for what they mean", "[watch][prometheus]") {
    const Sample sample = only_sample(R"(error{path="C:\\DIR\\a.txt",text="not \"found\"\n"} 1)");
    CHECK(sample.labels == std::vector<Label>{{"path", "C:\\DIR\\a.txt"}, {"text", "not \"found\"\n"}});
    CHECK_THAT(error_of(R"(error{path="\t"} 1)"), Contains("line 1"));
}

TEST_CASE("exposition: values are numbers, infinities or none", "[watch][prometheus]") {
    CHECK(only_sample("a 1.458255915e9").value == 1'458'255'915);
    CHECK(only_sample("a -0.5").value == -0.5);
    CHECK(only_sample("a +3").value == 3);
    CHECK(std::isnan(only_sample("a NaN").value));
    CHECK(only_sample("a +Inf").value == INFINITY);
    CHECK(only_sample("a -Inf").value == -INFINITY);
    for (const char* wrong : {"a", "a ", "a x", "a 1x", "a +-1", "a inf", "a 1 2 3", "a 1 2.5"})
        CHECK_FALSE(parse_exposition(wrong).ok());
}

TEST_CASE("exposition: types are kept, other comments are skipped", "[watch][prometheus]") {
    const auto exposition = parse_exposition(
        "# HELP http_requests_total The total { of \" requests.\n"
        "# TYPE http_requests_total counter\n"
        "http_requests_total{code=\"200\"} 5\r\n"
        "\n"
        "#TYPE size gauge\n"
        "#\n"
        "# whatever it is\n"
        "  size 3\n");
    REQUIRE(exposition.ok());
    REQUIRE(exposition->families.size() == 2);
    CHECK(exposition->families[0].name == "http_requests_total");
    CHECK(exposition->families[0].type == FamilyType::counter);
    CHECK(exposition->families[1].type == FamilyType::gauge);
    REQUIRE(exposition->samples.size() == 2);
    CHECK(exposition->samples[1].name == "size");
    CHECK(parse_exposition("")->samples.empty());
}

TEST_CASE("exposition: a wrong line is named, and makes all of it wrong", "[watch][prometheus]") {
    CHECK_THAT(error_of("a 1\n\n9lives 2\n"), Contains("line 3") && Contains("'9lives'"));
    CHECK_THAT(error_of("<!DOCTYPE html>\n"), Contains("line 1") && Contains("no metric name"));
    CHECK_THAT(error_of("a{b=\"c\" d=\"e\"} 1"), Contains("} or ,"));
    CHECK_THAT(error_of("a{b=\"c} 1"), Contains("ends with \""));
    CHECK_THAT(error_of("a{b=\"c\\"), Contains("ends with \""));
    CHECK_THAT(error_of("a{b=c} 1"), Contains("begins with \""));
    CHECK_THAT(error_of("a{b:c=\"d\"} 1"), Contains("'b:c'"));
    CHECK_THAT(error_of("a{b=\"c\""), Contains("} or ,"));
    CHECK_THAT(error_of("a{,} 1"), Contains("label name"));
    CHECK_THAT(error_of("# TYPE a speed\n"), Contains("'speed'"));
}

TEST_CASE("exposition: names have letters, digits, _ and, but for labels, colons", "[watch][prometheus]") {
    CHECK(is_metric_name("_a:b9"));
    CHECK_FALSE(is_metric_name(""));
    CHECK_FALSE(is_metric_name("9a"));
    CHECK_FALSE(is_metric_name("a-b"));
    CHECK(is_label_name("_a9"));
    CHECK_FALSE(is_label_name("a:b"));
}

}  // namespace wsblast::watch
