#include "app/remedies.hpp"

#include <catch2/catch.hpp>

namespace wsblast::app {

namespace {

using Catch::Contains;
using stats::ErrorKind;

std::string text_of(ErrorKind kind, const plan::RunOptions& options) {
    stats::RunResult result;
    result.counters.error(kind) = 3;
    return failure_text(result, options);
}

plan::RunOptions options_to(const std::string& url) {
    plan::RunOptions options;
    options.urls = {url};
    return options;
}

}  // namespace

TEST_CASE("remedies: what was refused is named, whatever the URL says", "[app][remedies]") {
    plan::RunOptions options = options_to("ws://chat.example:81/ws");
    CHECK_THAT(text_of(ErrorKind::refused, options),
               Contains("Connection refused") && Contains("chat.example:81") && Contains("--url"));
    options.access.connect_to = plan::HostPort{"::1", 82};
    CHECK_THAT(text_of(ErrorKind::refused, options),
               Contains("at [::1]:82:") && Contains("--connect-to") && !Contains("chat.example"));
    options.access.proxy = proto::ProxyUrl{.host = "proxy.example", .port = 3128};
    CHECK_THAT(text_of(ErrorKind::refused, options),
               Contains("the proxy proxy.example:3128:") && Contains("--proxy") && !Contains("::1"));
    options = options_to("ws://a.example:1/x");
    options.urls = {"ws://a.example:1/x", "ws://a.example:1/y", "ws://b.example:2/"};
    CHECK_THAT(text_of(ErrorKind::refused, options), Contains("at a.example:1, b.example:2:"));
}

TEST_CASE("remedies: a proxy of the other kind is thought of", "[app][remedies]") {
    plan::RunOptions options = options_to("ws://chat.example:81/ws");
    options.access.proxy =
        proto::ProxyUrl{.kind = proto::ProxyKind::socks5, .host = "proxy.example", .port = 3128};
    for (const auto kind : {ErrorKind::proxy_broken, ErrorKind::closed_in_handshake,
                            ErrorKind::reset_in_handshake, ErrorKind::connect_timeout}) {
        CHECK_THAT(text_of(kind, options),
                   Contains("proxy.example:3128") && Contains("if it speaks HTTP give http://"));
    }
    options.access.proxy->kind = proto::ProxyKind::http_connect;
    CHECK_THAT(text_of(ErrorKind::proxy_broken, options), Contains("if it speaks SOCKS5 give socks5://"));
    CHECK_THAT(text_of(ErrorKind::tls_broken, options), !Contains("socks5"));
    options.access.proxy.reset();
    CHECK_THAT(text_of(ErrorKind::connect_timeout, options), !Contains("socks5"));
}

TEST_CASE("remedies: a Unix socket that is not there is not one that refuses", "[app][remedies]") {
    const plan::RunOptions options = options_to("ws+unix:/run/app.sock:/ws");
    CHECK_THAT(text_of(ErrorKind::refused, options),
               Contains("nobody listens at the socket /run/app.sock"));
    CHECK_THAT(text_of(ErrorKind::no_such_socket, options),
               Contains("nothing is at the socket /run/app.sock"));
    CHECK_THAT(text_of(ErrorKind::not_permitted, options),
               Contains("may not connect to the socket /run/app.sock"));
}

TEST_CASE("remedies: where a redirect led is named, and not where it began", "[app][remedies]") {
    plan::RunOptions options = options_to("ws://door.example:81/ws");
    options.access.redirects = plan::Redirects::follow;
    stats::RunResult result;
    result.counters.error(ErrorKind::refused) = 3;
    result.redirect_failures = {{static_cast<std::uint16_t>(ErrorKind::refused), "hall.example:82"}};
    CHECK_THAT(
        failure_text(result, options),
        Contains("nobody listens at hall.example:82, where a redirect led:") && !Contains("door.example"));
}

TEST_CASE("remedies: a redirect that is not followed is shown, with what follows it", "[app][remedies]") {
    plan::RunOptions options = options_to("ws://door.example:81/ws");
    stats::RunResult result;
    result.counters.error(ErrorKind::upgrade_status) = 3;
    CHECK_THAT(failure_text(result, options), Contains("check the path of --url"));
    result.excerpts = {{302, "Location: https://hall.example/\xff; it has moved"}};
    CHECK_THAT(failure_text(result, options),
               Contains("it redirects to https://hall.example/.: ") && Contains("--follow-redirects"));
    options.access.redirects = plan::Redirects::follow;
    CHECK_THAT(failure_text(result, options), Contains("check the path of --url"));
}

TEST_CASE("remedies: a redirect that cannot be followed is shown", "[app][remedies]") {
    const auto kind = GENERATE(ErrorKind::redirect_refused, ErrorKind::redirect_loop);
    plan::RunOptions options = options_to("ws://door.example:81/ws");
    options.access.redirects = plan::Redirects::follow;
    stats::RunResult result;
    result.counters.error(kind) = 3;
    result.redirect_failures = {{static_cast<std::uint16_t>(kind), "ws+unix:/run/a:/"}};
    CHECK_THAT(failure_text(result, options), Contains(": to ws+unix:/run/a:/: "));
}

TEST_CASE("remedies: a redirect that cannot be followed has its cause named", "[app][remedies]") {
    const auto told = [](const char* url, const char* location) {
        plan::RunOptions options = options_to(url);
        options.access.redirects = plan::Redirects::follow;
        stats::RunResult result;
        result.counters.error(ErrorKind::redirect_refused) = 3;
        result.redirect_failures = {{static_cast<std::uint16_t>(ErrorKind::redirect_refused), location}};
        return failure_text(result, options);
    };
    CHECK_THAT(told("ws://a/", "gopher://x"),
               Contains("no place of a WebSocket") && !Contains("--url") && !Contains("--allow-downgrade"));
    CHECK_THAT(told("ws://a/", "ws://nosuchhost.invalid:31811/ws"),
               Contains("no address of nosuchhost.invalid") && Contains("resolved") &&
                   !Contains("--allow-downgrade"));
    CHECK_THAT(told("wss://a/", "http://a/plain"), Contains("--allow-downgrade follows it, or"));
    CHECK_THAT(told("wss://a/", "https://b.example/"), Contains("no address of b.example"));
}

TEST_CASE("remedies: where TLS failed the option for it is named", "[app][remedies]") {
    const plan::RunOptions options = options_to("wss://chat.example/ws");
    CHECK_THAT(text_of(ErrorKind::tls_untrusted, options),
               Contains("--tls-ca") && Contains("--tls-insecure"));
    CHECK_THAT(text_of(ErrorKind::tls_wrong_name, options), Contains("--tls-server-name"));
    CHECK_THAT(text_of(ErrorKind::tls_expired, options), Contains("renew it"));
    CHECK_THAT(text_of(ErrorKind::tls_missing, options), Contains("ws:// instead of wss://"));
}

TEST_CASE("remedies: an offer of compression that is refused is looked at first", "[app][remedies]") {
    stats::RunResult result;
    result.counters.error(ErrorKind::upgrade_status) = 3;
    result.excerpts = {{400, "Invalid or unacceptable Sec-WebSocket-Extensions header"}};
    CHECK_THAT(failure_text(result, options_to("ws://chat.example/ws")),
               Contains("what --compress-parameters offers"));
}

TEST_CASE("remedies: a scenario's target is config.target", "[app][remedies]") {
    plan::RunOptions options = options_to("ws://chat.example:81/ws");
    options.command = "script";
    CHECK_THAT(text_of(ErrorKind::refused, options),
               Contains("at chat.example:81: start it, or check config.target"));
}

TEST_CASE("remedies: what a proxy answered is told", "[app][remedies]") {
    plan::RunOptions options = options_to("ws://a.example/");
    options.access.proxy = proto::ProxyUrl{.host = "proxy.example", .port = 3128};
    stats::RunResult result;
    CHECK(failure_text(result, options).empty());
    result.counters.error(ErrorKind::proxy_refused) = 6;
    result.proxy_answers = {{403, "HTTP status 403", 6}};
    CHECK_THAT(failure_text(result, options),
               Contains("the proxy proxy.example:3128 answered with HTTP status 403"));
}

}  // namespace wsblast::app
