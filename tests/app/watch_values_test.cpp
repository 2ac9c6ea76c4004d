#include "app/watch_values.hpp"

#include <catch2/catch.hpp>

#include "tests/app/command_line.hpp"

namespace wsblast::app {

TEST_CASE("watch values: a process is a number that a process may have", "[app][watch]") {
    CHECK(*parse_watch_pid("1") == 1);
    CHECK(*parse_watch_pid("4194304") == 4'194'304);
    for (const char* wrong : {"", "0", "-1", "4194305", "12a", " 12", "1k", "99999999999999"})
        CHECK(refuses_naming(parse_watch_pid(wrong), "pgrep"));
}

TEST_CASE("watch values: a port is a number from 1 to 65535", "[app][watch]") {
    CHECK(*parse_watch_port("1") == 1);
    CHECK(*parse_watch_port("65535") == 65'535);
    for (const char* wrong : {"", "0", "65536", "http", "80-90", "-80"})
        CHECK(refuses_naming(parse_watch_port(wrong), "1 to 65535"));
}

TEST_CASE("watch values: a control group is a path that does not climb", "[app][watch]") {
    CHECK(*parse_watch_cgroup("system.slice/chat.service") == "system.slice/chat.service");
    CHECK(*parse_watch_cgroup("/sys/fs/cgroup/a..b") == "/sys/fs/cgroup/a..b");
    for (const char* wrong : {"", "..", "../a", "a/../b", "a/.."})
        CHECK(refuses_naming(parse_watch_cgroup(wrong), "system.slice"));
}

TEST_CASE("watch values: Prometheus is asked over HTTP", "[app][watch]") {
    for (const char* right : {"http://127.0.0.1:9100/metrics", "https://[::1]:9100", "http://host?a=b"})
        CHECK(*parse_watch_prometheus(right) == right);
    for (const char* wrong : {"", "127.0.0.1:9100", "ftp://host/", "http://", "http:///metrics",
                              "http://:80/", "http://a b/", "HTTP"}) {
        CHECK(refuses_naming(parse_watch_prometheus(wrong), "http://127.0.0.1:9100/metrics"));
    }
}

TEST_CASE("watch values: a metric may have labels", "[app][watch]") {
    CHECK(*parse_watch_metric("up") == "up");
    CHECK(*parse_watch_metric("up{job=\"chat\"}") == "up{job=\"chat\"}");
    CHECK(refuses_naming(parse_watch_metric("up{job=chat}"), "NAME{label=\"value\"}"));
    CHECK(refuses_naming(parse_watch_metric("a,b"), "'a,b'"));
}

}  // namespace wsblast::app
