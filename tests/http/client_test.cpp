#include "http/client.hpp"

#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "tests/support/http_server.hpp"

namespace wsblast::http {

namespace {

using Catch::Contains;
using test::http_answer;
using test::HttpServer;

Client::Request request_to(const std::string& url) {
    return {.url = url, .accept = "text/plain", .timeout_ns = 5 * kSecond, .bytes_max = 64};
}

}  // namespace

TEST_CASE("http client: the body of an answer is what the server sent", "[http]") {
    const HttpServer server(http_answer("up 1\n"));
    Client client;
    const auto body = client.get(request_to(server.url()));
    REQUIRE(body.ok());
    CHECK(*body == "up 1\n");
    CHECK_THAT(server.last_request(),
               Catch::StartsWith("GET /metrics HTTP/1.1\r\n") && Contains("\r\nAccept: text/plain\r\n"));
}

TEST_CASE("http client: the connection is kept between requests", "[http]") {
    const HttpServer server(http_answer("up 1\n"));
    Client client;
    for (int i = 0; i < 3; ++i) REQUIRE(client.get(request_to(server.url())).ok());
    CHECK(server.requests() == 3);
    CHECK(server.connections() == 1);
}

TEST_CASE("http client: a status other than 200 is an error that names it", "[http]") {
    const HttpServer server(http_answer("gone elsewhere", "302 Found"));
    Client client;
    const auto body = client.get(request_to(server.url()));
    REQUIRE_FALSE(body.ok());
    CHECK_THAT(body.error().what, Contains(server.url()) && Contains("302"));
}

TEST_CASE("http client: an answer that is too long is cut off", "[http]") {
    const HttpServer server(http_answer(std::string(65, 'x')));
    Client client;
    const auto body = client.get(request_to(server.url()));
    REQUIRE_FALSE(body.ok());
    CHECK_THAT(body.error().what, Contains("more than 64 bytes"));
    auto roomier = request_to(server.url());
    roomier.bytes_max = 65;
    CHECK(client.get(roomier).ok());
}

TEST_CASE("http client: a server that is silent has only so long", "[http]") {
    const HttpServer server("");
    Client client;
    auto request = request_to(server.url());
    request.timeout_ns = 100 * kMillisecond;
    const TimeNs start_ns = monotonic_now();
    const auto body = client.get(request);
    REQUIRE_FALSE(body.ok());
    CHECK(monotonic_now() - start_ns < kMinute);
    CHECK(monotonic_now() - start_ns >= 100 * kMillisecond);
}

TEST_CASE("http client: nobody there, and a URL of another kind, are errors", "[http]") {
    std::string url;
    {
        const HttpServer server("");
        url = server.url();
    }
    Client client;
    CHECK_THAT(client.get(request_to(url)).error().what, Contains(url) && Contains("connect"));
    CHECK_FALSE(client.get(request_to("file:///proc/self/stat")).ok());
    CHECK_FALSE(client.get(request_to("no url")).ok());
}

TEST_CASE("http client: a look is the head of an answer, a 101 too", "[http]") {
    HttpServer server("HTTP/1.1 302 Found\r\nLOCATION: /room?x=1\r\nContent-Length: 100\r\n\r\n");
    Client client;
    Client::Look look{.url = server.url(), .headers = {"Upgrade: websocket", "X-Team: blue"}};
    const auto seen = client.look(look);
    REQUIRE(seen.ok());
    CHECK(seen->status == 302);
    CHECK(seen->location == " /room?x=1");
    CHECK_THAT(server.last_request(), Contains("\r\nUpgrade: websocket\r\nX-Team: blue\r\n"));
    server.answer_with("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00");
    const auto upgraded = client.look(look);
    REQUIRE(upgraded.ok());
    CHECK(upgraded->status == 101);
    CHECK(upgraded->location.empty());
}

TEST_CASE("http client: a look may go elsewhere than the URL says", "[http]") {
    const HttpServer server(http_answer("", "204 No Content"));
    Client client;
    const auto seen = client.look(
        {.url = "http://chat.example:81/ws", .connect_to = "127.0.0.1:" + std::to_string(server.port())});
    REQUIRE(seen.ok());
    CHECK(seen->status == 204);
    CHECK_THAT(server.last_request(), Contains("\r\nHost: chat.example:81\r\n"));
    CHECK_FALSE(client.look({.url = "http://127.0.0.1:1/"}).ok());
}

}  // namespace wsblast::http
