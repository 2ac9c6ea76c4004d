#include "report/backend_json.hpp"

#include <limits>

#include <catch2/catch.hpp>

namespace wsblast::report {

using stats::BackendPresence;
using stats::BackendUse;

TEST_CASE("backend json: what is known is told unrounded, by its unit", "[report][backend]") {
    BackendUse use;
    use.presence = BackendPresence::alive;
    use.seconds = 2.5;
    use.processes = 2;
    use.cpu_user = 0.125;
    use.cpu_system = 0.5;
    use.by_thread = {{7, 8, "worker", 0.1, 0.2}};
    use.threads = 3;
    use.rss_bytes = 4'096;
    use.files = stats::BackendFiles{10, 6, 1'024};
    use.voluntary_switches_per_s = 7.5;
    use.cgroup = stats::BackendCgroup{{}, 0.25, 5, {}};
    use.metrics = {{"up", 1.0, {}, ""}};
    const auto json = backend_json(use);
    CHECK(json.dump() ==
          R"({"presence":"alive","why":null,"seconds":2.5,"processes":2,"cpu_user":0.125,"cpu_system":0.5,)"
          R"("by_thread":[{"pid":7,"tid":8,"name":"worker","cpu_user":0.1,"cpu_system":0.2}],"threads":3,)"
          R"("rss_bytes":4096,"anonymous_bytes":null,)"
          R"("files":{"open":10,"fullest_open":6,"fullest_limit":1024},)"
          R"("voluntary_switches_per_s":7.5,"involuntary_switches_per_s":null,)"
          R"("cgroup":{"cpu":null,"throttled_share":0.25,"memory_bytes":5,"memory_max_bytes":null},)"
          R"("metrics":[{"name":"up","value":1.0,"rate_per_s":null,"gap":null}]})");
}

TEST_CASE("backend json: a backend that nobody watched is told, all else is null", "[report][backend]") {
    BackendUse use;
    use.why = "the target is not on this machine";
    const auto json = backend_json(use);
    CHECK(json["presence"] == "unwatched");
    CHECK(json["why"] == "the target is not on this machine");
    CHECK(json["by_thread"].empty());
    for (const char* key : {"cpu_user", "cpu_system", "threads", "rss_bytes", "files", "cgroup"})
        CHECK(json[key].is_null());
}

TEST_CASE("backend json: values that JSON does not have are null", "[report][backend]") {
    BackendUse use;
    use.metrics = {{"a", std::numeric_limits<double>::quiet_NaN(), {}, ""},
                   {"b", std::numeric_limits<double>::infinity(), {}, ""}};
    use.files = stats::BackendFiles{10, 0, 0};
    const auto json = backend_json(use);
    CHECK(json["metrics"][0]["value"].is_null());
    CHECK(json["metrics"][1]["value"].is_null());
    CHECK(json["files"]["fullest_limit"].is_null());
    CHECK(json["files"]["open"] == 10);
}

}  // namespace wsblast::report
