#include "proto/upgrade.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "proto/http_head.hpp"
#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

using namespace wsblast;
using namespace wsblast::proto;
using Catch::Matchers::Contains;
using test::Bytes;

namespace {

// The key and its answer of RFC 6455 1.3.
constexpr std::string_view kKeyText = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAcceptText = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::string built(const UpgradeOptions& options) {
    const auto request = UpgradeRequest::build(options);
    if (!request) FAIL(request.error().what);
    Bytes bytes(request->size());
    crypto::HandshakeKey key{};
    std::copy(kKeyText.begin(), kKeyText.end(), key.begin());
    request->write(bytes.data(), key);
    return std::string(as_text(bytes));
}

std::string response(const std::string& headers,
                     std::string_view first = "HTTP/1.1 101 Switching Protocols") {
    return std::string(first) + "\r\n" + headers + "\r\n";
}

const std::string kUpgradeLine = "upgrade: WebSocket\r\n";
const std::string kConnectionLine = "Connection: keep-alive, Upgrade\r\n";
const std::string kAcceptLine = "Sec-WebSocket-Accept: " + std::string(kAcceptText) + "\r\n";
const std::string kGoodHeaders = kUpgradeLine + kConnectionLine + kAcceptLine;

// Checks growing fronts of the response, each against a guard page, and then the whole.
UpgradeCheck check(const std::string& text, const std::vector<std::string>& offered = {}) {
    const crypto::AcceptKey expected = crypto::make_accept_key(kKeyText);
    const UpgradeCheck whole = check_upgrade_response(as_bytes(text), expected, {.subprotocols = offered});
    test::GuardedMemory memory(text.size());
    UpgradeCheck grown;
    for (std::size_t size = 0; size <= text.size() && grown.status == UpgradeStatus::need_more; ++size) {
        grown = check_upgrade_response(memory.place(as_bytes(text).first(size)), expected,
                                       {.subprotocols = offered});
    }
    CHECK(grown.status == whole.status);
    CHECK(grown.failure == whole.failure);
    return whole;
}

UpgradeFailure failure_of(const std::string& headers, const std::vector<std::string>& offered = {}) {
    const UpgradeCheck result = check(response(headers), offered);
    CHECK(result.status ==
          (result.failure == UpgradeFailure::none ? UpgradeStatus::accepted : UpgradeStatus::rejected));
    return result.failure;
}

std::string error_of(const UpgradeOptions& options) {
    const auto request = UpgradeRequest::build(options);
    REQUIRE_FALSE(request.ok());
    CHECK(request.error().fault == Fault::usage);
    return request.error().what;
}

UpgradeOptions with_header(std::string header) {
    return {.host = "a", .headers = {std::move(header)}};
}

std::string request(const std::string& headers, std::string_view first = "GET /ws?x=1 HTTP/1.1") {
    return std::string(first) + "\r\n" + headers + "\r\n";
}

const std::string kGoodRequest =
    "Host: a\r\nUpgrade: h2c, WebSocket\r\nConnection: keep-alive, upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
    std::string(kKeyText) + "\r\n";

std::string without(std::string text, std::string_view name) {
    const std::size_t begin = text.find(name);
    REQUIRE(begin != std::string::npos);
    return text.erase(begin, text.find('\n', begin) + 1 - begin);
}

}  // namespace

TEST_CASE("upgrade request: values of a connection fill the columns in headers", "[proto][upgrade]") {
    const std::vector<std::string> columns{"user", "token"};
    const UpgradeOptions options{
        .host = "a",
        .headers = {"X-User: {{user}}", "Cookie: a={{token}}; b={{user}}!", "X: {{"},
        .columns = columns};
    const auto request = UpgradeRequest::build(options);
    REQUIRE(request.ok());
    for (const auto& values :
         {std::vector<std::string>{"ann", "12345"}, std::vector<std::string>{"", "x"}}) {
        test::GuardedMemory memory(1024);
        const ByteSpan room = memory.tail(request->size(values));
        crypto::HandshakeKey key{};
        std::copy(kKeyText.begin(), kKeyText.end(), key.begin());
        request->write(room.data(), key, values);
        const std::string plain =
            built({.host = "a",
                   .headers = {"X-User: " + values[0], "Cookie: a=" + values[1] + "; b=" + values[0] + "!",
                               "X: {{"}});
        CHECK(as_text(room) == plain);
    }
    CHECK(built(with_header("X: {{user}}")).find("X: {{user}}\r\n") != std::string::npos);
    const auto unknown =
        UpgradeRequest::build({.host = "a", .headers = {"X: {{name}}"}, .columns = columns});
    REQUIRE_FALSE(unknown.ok());
    CHECK_THAT(unknown.error().what, Contains("{{name}}"));
}

TEST_CASE("upgrade request: the defaults, and the key in its place", "[proto][upgrade]") {
    CHECK(built({.host = "example.com:8000", .path = "/ws"}) ==
          "GET /ws HTTP/1.1\r\nHost: example.com:8000\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
}

TEST_CASE("upgrade request: origin, subprotocols and further headers", "[proto][upgrade]") {
    const std::string text = built({.host = "a",
                                    .origin = "http://b",
                                    .subprotocols = {"chat", "v2.json"},
                                    .headers = {"Cookie:  x=1 ", "X-Empty:"}});
    CHECK_THAT(text, Contains("\r\nOrigin: http://b\r\n"));
    CHECK_THAT(text, Contains("\r\nSec-WebSocket-Protocol: chat, v2.json\r\n"));
    CHECK_THAT(text, Contains("\r\nCookie: x=1\r\nX-Empty: \r\n\r\n"));
}

TEST_CASE("upgrade request: a header replaces a default one of its name", "[proto][upgrade]") {
    const std::string text =
        built({.host = "a", .origin = "http://b", .headers = {"host: c", "ORIGIN: http://d"}});
    CHECK_THAT(text, Contains("host: c\r\nORIGIN: http://d\r\n"));
    CHECK_THAT(text, !Contains("Host: a") && !Contains("http://b"));
}

TEST_CASE("upgrade request: headers of the upgrade itself cannot be replaced", "[proto][upgrade]") {
    for (const std::string name : {"upgrade", "Connection", "Sec-WebSocket-Key", "sec-websocket-version",
                                   "Sec-WebSocket-Extensions"}) {
        CHECK_THAT(error_of(with_header(name + ": x")), Contains("'" + name + "'"));
    }
    CHECK_THAT(error_of(with_header("Sec-WebSocket-Protocol: x")), Contains("--subprotocol"));
}

TEST_CASE("upgrade request: what would break the head is refused", "[proto][upgrade]") {
    CHECK_THAT(error_of(with_header("no colon")), Contains("Name: value"));
    CHECK_THAT(error_of(with_header("bad name: x")), Contains("Name: value"));
    CHECK_THAT(error_of(with_header(": x")), Contains("Name: value"));
    CHECK_THAT(error_of(with_header("A: b\r\nEvil: c")), Contains("line break"));
    CHECK_THAT(error_of(with_header("A: b\nc")), Contains("line break"));
    CHECK_THAT(error_of(with_header("A: " + std::string(limits::kHttpHeadMax, 'x'))), Contains("bytes"));
    CHECK_THAT(error_of({.host = "a", .headers = {"Host: b", "host: c"}}), Contains("twice"));
    CHECK_THAT(error_of({.host = "a\r\n"}), Contains("host"));
    CHECK_THAT(error_of({.host = "a", .path = "ws"}), Contains("'ws'"));
    CHECK_THAT(error_of({.host = "a", .path = "/a b"}), Contains("'/a b'"));
    CHECK_THAT(error_of({.host = "a", .origin = "b\r\n"}), Contains("origin"));
    CHECK_THAT(error_of({.host = "a", .subprotocols = {"a,b"}}), Contains("'a,b'"));
    CHECK_THAT(error_of({.host = "a", .subprotocols = {""}}), Contains("subprotocol"));
}

TEST_CASE("upgrade response: a proper one is accepted, what follows the head is left", "[proto][upgrade]") {
    const std::string text = response(kGoodHeaders);
    const UpgradeCheck result = check(text + "\x81\x02hi");
    CHECK(result.status == UpgradeStatus::accepted);
    CHECK(result.http_status == 101);
    CHECK(result.head_size == text.size());
    CHECK(failure_of(kGoodHeaders + "Sec-WebSocket-Extensions:\r\n") == UpgradeFailure::none);
}

TEST_CASE("upgrade response: accept and subprotocol stand there once", "[proto][upgrade]") {
    CHECK(failure_of(kGoodHeaders + kAcceptLine) == UpgradeFailure::wrong_accept);
    const std::string chat = "Sec-WebSocket-Protocol: chat\r\n";
    CHECK(failure_of(kGoodHeaders + chat, {"chat"}) == UpgradeFailure::none);
    CHECK(failure_of(kGoodHeaders + chat + chat, {"chat"}) == UpgradeFailure::unrequested_subprotocol);
}

TEST_CASE("upgrade response: interim answers are read over", "[proto][upgrade]") {
    const std::string hint = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    const std::string text = "HTTP/1.1 100 Continue\r\n\r\n" + hint + response(kGoodHeaders);
    const UpgradeCheck result = check(text + "\x81\x02hi");
    CHECK(result.status == UpgradeStatus::accepted);
    CHECK(result.head_size == text.size());
    CHECK(check(hint).status == UpgradeStatus::need_more);
    CHECK(check(hint + response("", "HTTP/1.1 503 Busy") + "later").body_excerpt == "later");
}

TEST_CASE("upgrade response: each rule has its failure", "[proto][upgrade]") {
    CHECK(failure_of(kConnectionLine + kAcceptLine) == UpgradeFailure::missing_upgrade);
    CHECK(failure_of("Upgrade: h2c\r\n" + kConnectionLine + kAcceptLine) == UpgradeFailure::wrong_upgrade);
    CHECK(failure_of(kUpgradeLine + kAcceptLine) == UpgradeFailure::missing_connection);
    CHECK(failure_of(kUpgradeLine + "Connection: close\r\n" + kAcceptLine) ==
          UpgradeFailure::wrong_connection);
    CHECK(failure_of(kUpgradeLine + kConnectionLine) == UpgradeFailure::missing_accept);
    CHECK(failure_of(kUpgradeLine + kConnectionLine +
                     "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") ==
          UpgradeFailure::wrong_accept);
    CHECK(failure_of(kGoodHeaders + "Sec-WebSocket-Extensions: permessage-deflate\r\n") ==
          UpgradeFailure::unrequested_extension);
}

TEST_CASE("upgrade response: only an offered subprotocol may be chosen, or none", "[proto][upgrade]") {
    const std::string chosen = kGoodHeaders + "Sec-WebSocket-Protocol: chat\r\n";
    CHECK(failure_of(chosen) == UpgradeFailure::unrequested_subprotocol);
    CHECK(failure_of(chosen, {"v2"}) == UpgradeFailure::unrequested_subprotocol);
    CHECK(failure_of(chosen, {"v2", "chat"}) == UpgradeFailure::none);
    CHECK(failure_of(kGoodHeaders, {"chat"}) == UpgradeFailure::none);
}

TEST_CASE("upgrade response: another status is told with the front of its body", "[proto][upgrade]") {
    const std::string refusal = response("", "HTTP/1.1 403 Forbidden") + std::string(300, 'b');
    const UpgradeCheck result = check(refusal);
    CHECK(result.failure == UpgradeFailure::status);
    CHECK(result.http_status == 403);
    CHECK(result.body_excerpt == std::string(limits::kBodyExcerptMax, 'b'));
    CHECK(check(response("", "HTTP/1.0 404 Not Found")).http_status == 404);
}

TEST_CASE("upgrade response: what is not HTTP/1.1, or has no end", "[proto][upgrade]") {
    CHECK(check("SSH-2.0-OpenSSH\r\n").failure == UpgradeFailure::not_http);
    CHECK(check(response(kGoodHeaders, "HTTP/1.0 101 X")).failure == UpgradeFailure::not_http);
    CHECK(check(response(kGoodHeaders, "HTTP/2.0 101 X")).failure == UpgradeFailure::not_http);
    CHECK(check(response("folded:\r\n x\r\n")).failure == UpgradeFailure::not_http);
    CHECK(check("HTTP/1.1 101 X\r\nA: " + std::string(limits::kHttpHeadMax, 'x')).failure ==
          UpgradeFailure::oversized_head);
}

TEST_CASE("upgrade failures: each has words of its own", "[proto][upgrade]") {
    std::set<std::string_view> texts;
    constexpr int kCount = static_cast<int>(UpgradeFailure::unrequested_subprotocol) + 1;
    for (int i = 0; i < kCount; ++i) texts.insert(to_text(static_cast<UpgradeFailure>(i)));
    CHECK(texts.size() == kCount);
}

TEST_CASE("upgrade on the server: a proper request is one, complete with its last byte",
          "[proto][upgrade]") {
    const std::string text = request(kGoodRequest);
    test::GuardedMemory memory(text.size());
    for (std::size_t size = 0; size < text.size(); ++size) {
        REQUIRE(read_upgrade_request(memory.place(as_bytes(text).first(size))).kind ==
                RequestKind::need_more);
    }
    const std::string with_frame = text + "\x81";
    const UpgradeRead read = read_upgrade_request(as_bytes(with_frame));
    CHECK(read.kind == RequestKind::upgrade);
    CHECK(read.path == "/ws");
    CHECK(read.key == kKeyText);
    CHECK(read.head_size == text.size());
}

TEST_CASE("upgrade on the server: what is no upgrade is a plain request", "[proto][upgrade]") {
    const UpgradeRead health = read_upgrade_request(as_bytes("GET /health HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK(health.kind == RequestKind::plain);
    CHECK(health.method == "GET");
    CHECK(health.path == "/health");
    for (const std::string& text :
         {request(without(kGoodRequest, "Upgrade:")), request(without(kGoodRequest, "Connection:")),
          request(kGoodRequest, "POST /ws HTTP/1.1"), request(kGoodRequest, "GET /ws HTTP/1.0")}) {
        CHECK(read_upgrade_request(as_bytes(text)).kind == RequestKind::plain);
    }
}

TEST_CASE("upgrade on the server: a bad request has the status to answer", "[proto][upgrade]") {
    const auto status_of = [](const std::string& text) {
        const UpgradeRead read = read_upgrade_request(as_bytes(text));
        CHECK(read.kind == RequestKind::bad);
        return read.http_status;
    };
    const std::string no_key = without(kGoodRequest, "Sec-WebSocket-Key");
    const std::string no_version = without(kGoodRequest, "Sec-WebSocket-Version");
    CHECK(status_of("nonsense\r\n") == 400);
    CHECK(status_of(request(without(kGoodRequest, "Host"))) == 400);
    CHECK(status_of(request(no_key)) == 400);
    for (const char* key : {"", "short==", "dGhlIHNhbXBsZSBub25jZQ=A", "dGhlIHNhbXBsZSBub25j!Q=="}) {
        CHECK(status_of(request(no_key + "Sec-WebSocket-Key: " + key + "\r\n")) == 400);
    }
    CHECK(status_of(request(no_version)) == 426);
    CHECK(status_of(request(no_version + "Sec-WebSocket-Version: 8\r\n")) == 426);
    CHECK(status_of(request(kGoodRequest + "A: " + std::string(limits::kHttpHeadMax, 'x') + "\r\n")) ==
          431);
    CHECK(status_of(request(kGoodRequest, "GET / HTTP/2.0")) == 505);
}

TEST_CASE("upgrade: both roles agree with each other", "[proto][upgrade]") {
    const std::string asked = built({.host = "a", .path = "/echo"});
    const UpgradeRead read = read_upgrade_request(as_bytes(asked));
    REQUIRE(read.kind == RequestKind::upgrade);
    Bytes answer(kUpgradeResponseSize);
    REQUIRE(write_upgrade_response(answer, read) == answer.size());
    const UpgradeCheck result = check(std::string(as_text(answer)));
    CHECK(result.status == UpgradeStatus::accepted);
    CHECK(result.head_size == answer.size());
}

TEST_CASE("upgrade: the first subprotocol that both speak is agreed on", "[proto][upgrade]") {
    const std::string asked = built({.host = "a", .subprotocols = {"chat", "superchat"}});
    const auto agreed = [&](const std::vector<std::string>& spoken) {
        const UpgradeRead read = read_upgrade_request(as_bytes(asked), {.subprotocols = spoken});
        Bytes answer(kUpgradeResponseMax);
        answer.resize(write_upgrade_response(answer, read));
        const std::vector<std::string> offered{"chat", "superchat"};
        const UpgradeCheck made = check_upgrade_response(answer, crypto::make_accept_key(read.key),
                                                         {.subprotocols = offered, .deflate = nullptr});
        CHECK(made.status == UpgradeStatus::accepted);
        return made.subprotocol;
    };
    CHECK(agreed({}) == 0);
    CHECK(agreed({"superchat", "mqtt"}) == 1);
    CHECK(agreed({"superchat", "chat"}) == 0);
    CHECK_FALSE(agreed({"mqtt"}));
}

TEST_CASE("upgrade: what is no name of a subprotocol is not taken up", "[proto][upgrade]") {
    const auto chosen = [](const std::string& offers) {
        const std::string text = request(kGoodRequest + offers);
        return std::string(read_upgrade_request(as_bytes(text)).subprotocol);
    };
    CHECK(chosen("Sec-WebSocket-Protocol: , a b, ok\r\n") == "ok");
    CHECK(chosen("Sec-WebSocket-Protocol: a b\r\nSec-WebSocket-Protocol: next\r\n") == "next");
    CHECK(chosen("Sec-WebSocket-Protocol: " + std::string(kSubprotocolMax + 1, 'x') + "\r\n").empty());
    CHECK(chosen("").empty());
}

TEST_CASE("http response: the whole of it, and what 426 adds", "[proto][upgrade]") {
    CHECK(make_http_response({.status = 200, .content_type = "application/json", .body = "{}"}) ==
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: "
          "2\r\n\r\n{}");
    const std::string required = make_http_response({.status = 426, .extra_header = "Allow: GET"});
    ResponseHead head;
    REQUIRE(parse_response_head(as_bytes(required), head) == HeadStatus::complete);
    CHECK(head.reason == "Upgrade Required");
    CHECK(head.headers.find("Sec-WebSocket-Version") == "13");
    CHECK(head.headers.find("Upgrade") == "websocket");
    CHECK(head.headers.has_token("Connection", "upgrade"));
    CHECK(head.headers.find("Allow") == "GET");
}

TEST_CASE("upgrade: permessage-deflate is offered, answered and read", "[upgrade]") {
    UpgradeOptions options{.host = "h"};
    options.deflate = DeflateParameters{.client_max_window_bits = 12};
    const std::string request = built(options);
    CHECK_THAT(request,
               Contains("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=12\r\n"));
    CHECK_FALSE(read_upgrade_request(as_bytes(request)).deflate);
    const DeflateParameters wanted{.server_no_context_takeover = true};
    const UpgradeRead read = read_upgrade_request(as_bytes(request), {.deflate = &wanted});
    REQUIRE(read.deflate);
    std::string answer(kUpgradeResponseMax, '\0');
    answer.resize(
        write_upgrade_response({reinterpret_cast<std::uint8_t*>(answer.data()), answer.size()}, read));
    const crypto::AcceptKey expected = crypto::make_accept_key(kKeyText);
    const UpgradeCheck made =
        check_upgrade_response(as_bytes(answer), expected, {.deflate = &*options.deflate});
    CHECK(made.status == UpgradeStatus::accepted);
    CHECK(made.head_size == answer.size());
    REQUIRE(made.deflate);
    CHECK(*made.deflate == read.deflate->terms);
    CHECK(made.deflate->client_window_bits == 12);
    CHECK(check_upgrade_response(as_bytes(answer), expected, {}).failure ==
          UpgradeFailure::unrequested_extension);
    const DeflateParameters bare{};
    CHECK(check_upgrade_response(as_bytes(answer), expected, {.deflate = &bare}).failure ==
          UpgradeFailure::unsound_extension);
}
