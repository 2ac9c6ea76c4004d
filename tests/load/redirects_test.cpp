#include "load/redirects.hpp"

#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "tests/support/http_server.hpp"

using namespace wsblast;
using namespace wsblast::load;
using test::http_answer;
using test::HttpServer;

namespace {

plan::RunOptions options_to(const HttpServer& server) {
    plan::RunOptions options;
    options.urls = {"ws://127.0.0.1:" + std::to_string(server.port()) + "/door"};
    options.access.redirects = plan::Redirects::follow;
    return options;
}

std::string redirect_to(const std::string& place) {
    return "HTTP/1.1 307 Go\r\nLocation: " + place + "\r\nContent-Length: 0\r\n\r\n";
}

constexpr auto kNoInterrupt = [] { return false; };

ResolvedTargets found(const plan::RunOptions& options,
                      const std::function<bool()>& stop_requested = kNoInterrupt) {
    auto targets = resolve_targets(options);
    REQUIRE(targets.ok());
    find_redirects(options, *targets, stop_requested);
    REQUIRE(targets->redirects);
    CHECK(targets->clients.size() == 1);
    CHECK(targets->destinations.size() == targets->routes.size());
    return std::move(*targets);
}

}  // namespace

TEST_CASE("redirects: hosts that they name become destinations, once each", "[load][redirects]") {
    const HttpServer room(http_answer(""));
    const HttpServer hall(redirect_to("http://127.0.0.1:" + std::to_string(room.port()) + "/room"));
    const HttpServer door(redirect_to("http://127.0.0.1:" + std::to_string(hall.port()) + "/hall"));
    const ResolvedTargets targets = found(options_to(door));
    REQUIRE(targets.destinations.size() == 3);
    CHECK(targets.destinations[1].at(0).address.port() == hall.port());
    CHECK(targets.destinations[2].at(0).address.port() == room.port());
    CHECK(targets.redirects->places.size() == 3);
    CHECK(door.requests() == 4);
    CHECK(door.last_request().find("\r\nUpgrade: websocket\r\n") != std::string::npos);
    const auto client = targets.redirects->make_target(proto::parse_url("ws://127.0.0.1:1/x").value());
    REQUIRE(client.ok());
    CHECK(client->request.text().starts_with("GET /x HTTP/1.1\r\n"));
}

TEST_CASE("redirects: a loop ends, and adds nothing", "[load][redirects]") {
    const HttpServer door(redirect_to("/door"));
    CHECK(found(options_to(door)).destinations.size() == 1);
}

TEST_CASE("redirects: a target that does not answer is left to the run", "[load][redirects]") {
    plan::RunOptions options;
    options.urls = {"ws://127.0.0.1:1/"};
    options.access.redirects = plan::Redirects::follow;
    const ResolvedTargets targets = found(options);
    CHECK(targets.destinations.size() == 1);
    CHECK(targets.warnings.empty());
}

TEST_CASE("redirects: a host that cannot be looked up is a warning", "[load][redirects]") {
    const HttpServer door(redirect_to("http://no-such-host.invalid/"));
    const ResolvedTargets targets = found(options_to(door));
    CHECK(targets.destinations.size() == 1);
    REQUIRE(targets.warnings.size() == 1);
    CHECK(targets.warnings.front().find("no-such-host.invalid") != std::string::npos);
}

TEST_CASE("redirects: all looks together have the connect timeout", "[load][redirects]") {
    const HttpServer silent("");
    plan::RunOptions options = options_to(silent);
    options.connect_timeout_ns = 200 * kMillisecond;
    const TimeNs start_ns = monotonic_now();
    const ResolvedTargets targets = found(options);
    CHECK(monotonic_now() - start_ns < 10 * kSecond);  // of the default
    REQUIRE(targets.warnings.size() == 1);
    CHECK(targets.warnings.front().find("--connect-timeout") != std::string::npos);
}

TEST_CASE("redirects: an interrupt ends the looks", "[load][redirects]") {
    const HttpServer silent("");
    const TimeNs start_ns = monotonic_now();
    CHECK(found(options_to(silent), [&] { return silent.requests() > 0; }).warnings.empty());
    CHECK(monotonic_now() - start_ns < limits::kRedirectLookNs);
    CHECK(silent.requests() == 1);
}
