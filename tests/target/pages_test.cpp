#include "target/pages.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "base/clock.hpp"

namespace wsblast::target {

namespace {

Page page_for(std::string_view method, std::string_view path) {
    const Board board(1, 10, 0);
    return answer_plainly({.kind = proto::RequestKind::plain, .method = method, .path = path}, board);
}

// The number behind a key of a JSON object.
std::string value_of(const std::string& json, const std::string& key) {
    const std::size_t at = json.find('"' + key + "\":");
    if (at == std::string::npos) return "none";
    const std::size_t begin = at + key.size() + 3;
    return json.substr(begin, json.find_first_of(",}", begin) - begin);
}

TEST_CASE("pages: each route and method has its status", "[target][pages]") {
    CHECK(page_for("GET", "/health").status == 200);
    CHECK(page_for("GET", "/stats").status == 200);
    CHECK(page_for("GET", "/ws").status == 426);
    CHECK(page_for("GET", "/echo").status == 426);
    CHECK(page_for("GET", "/broadcast").status == 426);
    CHECK(page_for("GET", "/broadcast/name").status == 426);
    CHECK(page_for("GET", "/").status == 404);
    CHECK(page_for("POST", "/other").status == 404);
    for (const std::string_view path :
         {"/ws", "/echo", "/broadcast", "/broadcast/name", "/health", "/stats"}) {
        CHECK(page_for("POST", path).status == 405);
    }
    CHECK(oversized_page().status == 431);
    CHECK(overcrowded_page(7).status == 503);
    CHECK(no_channel_page().text.starts_with("HTTP/1.1 503 "));
    CHECK(rejected_page(429).text.starts_with("HTTP/1.1 429 "));
}

TEST_CASE("pages: a broadcast has a name of its own, or none", "[target][pages]") {
    const std::string longest = "/broadcast/" + std::string(limits::kChannelNameMax, 'n');
    for (const std::string& path : {std::string("/broadcast"), std::string("/broadcast/"), longest})
        CHECK(route_of(path) == Route::broadcast);
    for (const std::string& path : {std::string("/broadcasts"), std::string("/broad"), longest + 'n'})
        CHECK(route_of(path) == Route::unknown);
    CHECK(page_for("GET", "/nowhere").text.find("/broadcast") != std::string::npos);
}

TEST_CASE("pages: a page is a whole response that ends the connection", "[target][pages]") {
    const std::string text = page_for("GET", "/health").text;
    CHECK(text.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(text.find("Connection: close\r\n") != std::string::npos);
    CHECK(text.find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(text.ends_with("\r\n\r\n{\"status\":\"healthy\"}\n"));
    CHECK(page_for("POST", "/health").text.find("Allow: GET\r\n") != std::string::npos);
    CHECK(page_for("GET", "/ws").text.find("Upgrade: websocket\r\n") != std::string::npos);
}

TEST_CASE("pages: a bad request has the status that it was read with", "[target][pages]") {
    const Board board(1, 10, 0);
    const Page page = answer_plainly({.kind = proto::RequestKind::bad, .http_status = 400}, board);
    CHECK(page.status == 400);
    CHECK(page.text.starts_with("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_CASE("pages: the counters are those of all workers together", "[target][pages]") {
    Board board(3, 10, 0);
    board.of(0)[Count::messages_received].add(2);
    board.of(2)[Count::messages_received].add(5);
    board.of(1)[Count::echo].add(4);
    const std::string json = stats_json(board);
    CHECK(json.front() == '{');
    CHECK(json.ends_with("}\n"));
    CHECK(value_of(json, "messages_received") == "7");
    CHECK(value_of(json, "echo") == "4");
    CHECK(value_of(json, "cores") == "3");
    CHECK(value_of(json, "rss_bytes").size() >= 6);
    CHECK(std::stod(value_of(json, "cpu_user_s")) >= 0);
    for (const std::string_view name : kCountNames) CHECK(value_of(json, std::string(name)) != "none");
}

TEST_CASE("pages: the queue's busy share is of all its servers", "[target][pages]") {
    plan::FaultPlan faults;
    faults.service = {.time = {plan::DelayLaw::fixed, kMillisecond, 0, 0}, .servers = 4};
    constexpr TimeNs kUp = 100 * kSecond;
    Board board(1, 10, monotonic_now() - kUp, faults);
    board.of(0)[Count::busy_ns].add(kUp);
    CHECK(value_of(stats_json(board), "servers") == "4");
    CHECK(std::stod(value_of(stats_json(board), "busy_share")) == Approx(0.25).epsilon(0.01));
    CHECK(value_of(stats_json(Board(1, 10, 0)), "busy_share") == "0.000000");
}

}  // namespace

}  // namespace wsblast::target
