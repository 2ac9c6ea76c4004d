#include "load/targets.hpp"

#include <catch2/catch.hpp>

#include "target/listener.hpp"

using namespace wsblast;
using namespace wsblast::load;

namespace {

plan::RunOptions to_urls(std::vector<std::string> urls) {
    plan::RunOptions options;
    options.urls = std::move(urls);
    return options;
}

target::Listener listening(const std::string& host) {
    auto listener = target::Listener::open({.hosts = {host}, .port = 0, .cores = 1});
    REQUIRE(listener.ok());
    return std::move(*listener);
}

std::string ws_url(const std::string& host, std::uint16_t port) {
    return "ws://" + host + ":" + std::to_string(port) + "/ws";
}

transport::Destination at(std::uint32_t address, std::uint16_t port) {
    return {make_ipv4(address, port), {}};
}

constexpr std::uint32_t kListens = 0x7f000001;
constexpr std::uint32_t kRefuses = 0x7f000002;

}  // namespace

TEST_CASE("targets: every URL has a request and its destinations, in the order of the URLs",
          "[load][targets]") {
    plan::RunOptions options = to_urls({"ws://127.0.0.1:8001/a", "ws://127.0.0.2:8002/b?c=d"});
    options.subprotocols = {"chat"};
    options.headers = {{"X-Team", "blue"}, {"Origin", "https://example.org"}};
    const auto targets = resolve_targets(options);
    REQUIRE(targets.ok());
    REQUIRE(targets->clients.size() == 2);
    REQUIRE(targets->destinations.size() == 2);
    CHECK(to_text(targets->destinations[0].at(0).address) == "127.0.0.1:8001");
    CHECK(to_text(targets->destinations[1].at(0).address) == "127.0.0.2:8002");
    const std::string request(targets->clients[1].request.text());
    CHECK(request.starts_with("GET /b?c=d HTTP/1.1\r\nHost: 127.0.0.2:8002\r\n"));
    CHECK(request.find("\r\nX-Team: blue\r\n") != std::string::npos);
    CHECK(request.find("\r\nOrigin: https://example.org\r\n") != std::string::npos);
    CHECK(request.find("\r\nSec-WebSocket-Protocol: chat\r\n") != std::string::npos);
    CHECK(targets->clients[1].subprotocols == std::vector<std::string>{"chat"});
    REQUIRE(targets->name_lookup.has_value());
    CHECK(targets->name_lookup->count == 2);
    CHECK(targets->warnings.empty());
}

TEST_CASE("targets: a secure URL is a route into TLS, by its host or by the name that was asked for",
          "[load][targets]") {
    plan::RunOptions options = to_urls({"ws://127.0.0.1:8001/", "wss://127.0.0.1:8002/"});
    auto targets = resolve_targets(options);
    REQUIRE(targets.ok());
    REQUIRE(targets->routes.size() == 2);
    CHECK(targets->routes[0].direct());
    CHECK(targets->routes[1].tls_name == "127.0.0.1");
    options.tls.server_name = "example.org";
    targets = resolve_targets(options);
    REQUIRE(targets.ok());
    CHECK(targets->routes[0].direct());
    CHECK(targets->routes[1].tls_name == "example.org");
}

TEST_CASE("targets: a bad URL or header is the user's error", "[load][targets]") {
    plan::RunOptions options = to_urls({"ws://127.0.0.1:8000/"});
    SECTION("scheme") {
        options.urls = {"http://127.0.0.1/"};
    }
    SECTION("the second of two") {
        options.urls.emplace_back("ws://user:secret@host/");
    }
    SECTION("header of the upgrade") {
        options.headers = {{"Upgrade", "h2c"}};
    }
    const auto targets = resolve_targets(options);
    REQUIRE_FALSE(targets.ok());
    CHECK(targets.error().fault == Fault::usage);
}

TEST_CASE("targets: an unknown host is named", "[load][targets]") {
    const auto targets = resolve_targets(to_urls({"ws://no-such-host.invalid/"}));
    REQUIRE_FALSE(targets.ok());
    CHECK(targets.error().fault == Fault::environment);
    CHECK(targets.error().what.find("no-such-host.invalid") != std::string::npos);
}

TEST_CASE("targets: an address that refuses while another one answers is left out, with a warning",
          "[load][targets]") {
    const target::Listener listener = listening("127.0.0.1");
    const std::uint16_t port = listener.port();
    std::vector<transport::Destination> destinations{at(kRefuses, port), at(kListens, port)};
    std::vector<std::string> warnings;
    leave_out_silent(destinations, warnings);
    REQUIRE(destinations.size() == 1);
    CHECK(to_text(destinations[0].address) == "127.0.0.1:" + std::to_string(port));
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].starts_with("127.0.0.2:" + std::to_string(port) + ": Connection refused"));
}

TEST_CASE("targets: all addresses that answer are used", "[load][targets]") {
    const target::Listener first = listening("127.0.0.1");
    const target::Listener second = listening("127.0.0.2");
    std::vector<transport::Destination> destinations{at(kListens, first.port()),
                                                     at(kListens + 1, second.port())};
    std::vector<std::string> warnings;
    leave_out_silent(destinations, warnings);
    CHECK(destinations.size() == 2);
    CHECK(warnings.empty());
}

TEST_CASE("targets: when no address answers all stay, and the run will say why", "[load][targets]") {
    const target::Listener listener = listening("127.0.0.1");
    const std::uint16_t port = listener.port();
    std::vector<transport::Destination> destinations{at(kRefuses, port), at(kRefuses + 1, port)};
    std::vector<std::string> warnings;
    leave_out_silent(destinations, warnings);
    CHECK(destinations.size() == 2);
    CHECK(warnings.empty());
}

TEST_CASE("targets: TCP goes to the proxy or to --connect-to, and the request stays", "[load][targets]") {
    plan::RunOptions options = to_urls({"ws://chat.example:81/a"});
    options.access.connect_to = plan::HostPort{"127.0.0.3", 9000};
    auto targets = resolve_targets(options);
    REQUIRE(targets.ok());
    CHECK(to_text(targets->destinations[0].at(0).address) == "127.0.0.3:9000");
    CHECK(targets->routes[0].direct());
    options.access.proxy = proto::ProxyUrl{proto::ProxyKind::socks5, "127.0.0.4", 1080, "me", "pass"};
    targets = resolve_targets(options);
    REQUIRE(targets.ok());
    CHECK(to_text(targets->destinations[0].at(0).address) == "127.0.0.4:1080");
    REQUIRE(targets->routes[0].proxy);
    CHECK(targets->routes[0].proxy->host == "127.0.0.3");
    CHECK(targets->routes[0].proxy->user == "me");
    options.access.connect_to.reset();
    targets = resolve_targets(options);
    REQUIRE(targets.ok());
    CHECK(targets->routes[0].proxy->host == "chat.example");
    CHECK(targets->routes[0].proxy->port == 81);
    CHECK(targets->clients[0].request.text().find("\r\nHost: chat.example:81\r\n") != std::string::npos);
}

TEST_CASE("targets: a Unix socket is its own destination", "[load][targets]") {
    const auto targets = resolve_targets(to_urls({"ws+unix:/run/chat.sock:/a"}));
    REQUIRE(targets.ok());
    CHECK(to_text(targets->destinations[0].at(0).address) == "/run/chat.sock");
    CHECK(targets->clients[0].request.text().starts_with("GET /a HTTP/1.1\r\nHost: localhost\r\n"));
}

TEST_CASE("targets: a row of values that makes the request too large is refused", "[load][targets]") {
    plan::RunOptions options = to_urls({"ws://127.0.0.1:8000/"});
    options.headers = {{"X-User", "{{user}}"}};
    const std::string text = "user\nann\n" + std::string(limits::kHttpHeadMax, 'x') + "\n";
    options.access.values = std::make_shared<const plan::ValueTable>(plan::ValueTable::parse(text).value());
    const auto targets = resolve_targets(options);
    REQUIRE_FALSE(targets.ok());
    CHECK(targets.error().what.find("row 2") != std::string::npos);
}

TEST_CASE("targets: the only address of a name stays, answering or not", "[load][targets]") {
    const target::Listener listener = listening("127.0.0.1");
    const auto targets = resolve_targets(to_urls({ws_url("127.0.0.2", listener.port())}));
    REQUIRE(targets.ok());
    CHECK(targets->destinations[0].size() == 1);
    CHECK(targets->warnings.empty());
}
