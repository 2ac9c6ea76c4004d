#include "script/connection.hpp"

#include <catch2/catch.hpp>

#include "tests/script/config_tree.hpp"

using namespace wsblast;

namespace {

struct ReadConnection {
    script::FlowContext context;
    plan::RunOptions run;
    std::string error;

    explicit ReadConnection(const std::string& config) {
        const auto read = script::read_connection(test::tree_of(config), context, run);
        if (!read) error = read.error().what;
    }
};

std::string connection_fault(const std::string& ws) {
    return ReadConnection("ws: {" + ws + "}").error;
}

}  // namespace

TEST_CASE("connection: headers and subprotocols, a header of that name appended", "[script][connection]") {
    const ReadConnection made(
        "ws: {headers: {X-Id: 5, sec-websocket-protocol: c, A: '{{ t }}'}, subprotocols: [a, b], origin: "
        "o}");
    CHECK(made.error.empty());
    CHECK(made.context.subprotocols == std::vector<std::string>{"a", "b", "c"});
    REQUIRE(made.context.headers.size() == 3);
    CHECK(made.context.headers[0].value == "5");
    CHECK(made.context.headers[1].value == "{{ t }}");
    CHECK(made.context.headers[2].name == "Origin");
}

TEST_CASE("connection: compression is offered as Node's client offers it", "[script][connection]") {
    const auto offer = [](const std::string& value) {
        const ReadConnection made("ws: {perMessageDeflate: " + value + "}");
        INFO(made.error);
        REQUIRE(made.run.message.deflate.has_value());
        return proto::to_offer(*made.run.message.deflate);
    };
    const std::string usual = "permessage-deflate; client_max_window_bits";
    CHECK(offer("true") == usual);
    CHECK(offer("{}") == usual);
    CHECK(offer("{clientMaxWindowBits: true}") == usual);
    CHECK(offer("{clientMaxWindowBits: 11}") == usual + "=11");
    CHECK(offer("{clientMaxWindowBits: false}") == "permessage-deflate");
    CHECK(offer("{serverNoContextTakeover: true}") ==
          "permessage-deflate; server_no_context_takeover; client_max_window_bits");
}

TEST_CASE("connection: what Node's client takes, in the terms of run", "[script][connection]") {
    const ReadConnection made(
        "ws: {handshakeTimeout: 1500, maxPayload: 1000, perMessageDeflate: {clientMaxWindowBits: 10, "
        "serverNoContextTakeover: true}, localAddress: 127.0.0.9, auth: 'u:p', followRedirects: true, "
        "proxy: "
        "{url: 'http://p:3128'}, protocolVersion: 13, rejectUnauthorized: false, servername: n}");
    INFO(made.error);
    CHECK(made.error.empty());
    CHECK(made.context.warnings.empty());
    CHECK(made.run.connect_timeout_ns == 1500 * kMillisecond);
    CHECK(made.run.message.size_max == 1000);
    CHECK(made.run.message.deflate->client_max_window_bits == 10);
    CHECK(made.run.message.deflate->server_no_context_takeover);
    CHECK(address_text(made.run.source_addresses.at(0)) == "127.0.0.9");
    CHECK(made.run.access.authorization == "Basic dTpw");
    CHECK(made.run.access.redirects == plan::Redirects::follow);
    CHECK(made.run.access.proxy->host == "p");
    CHECK(made.run.tls.check == crypto::PeerCheck::none);
    CHECK(made.run.tls.server_name == "n");
    CHECK_FALSE(ReadConnection("ws: {perMessageDeflate: false}").run.message.deflate.has_value());
}

TEST_CASE("connection: config.ws wins over config.tls, config.timeout over ws.timeout",
          "[script][connection]") {
    const ReadConnection made(
        "tls: {rejectUnauthorized: false}\nws: {rejectUnauthorized: true, timeout: 7}\ntimeout: 3");
    CHECK(made.run.tls.check == crypto::PeerCheck::full);
    CHECK(made.context.answer_timeout_ns == 3 * kSecond);
    CHECK(made.run.answer_timeout_ns == 3 * kSecond);
    CHECK(ReadConnection("ws: {timeout: 7}").context.answer_timeout_ns == 7 * kSecond);
    CHECK(ReadConnection("{}").context.answer_timeout_ns == 10 * kSecond);
}

TEST_CASE("connection: keys without a meaning here are told", "[script][connection]") {
    const ReadConnection made(
        "ws: {agent: x, header: {}, proxy: {url: 'http://p:1', timeout: 5}}\ntls: {pfx: x}");
    CHECK(made.context.warnings ==
          std::vector<std::string>{"s.yml:2: config.tls.pfx: has no meaning here",
                                   "s.yml:1: config.ws.agent: has no meaning here",
                                   "s.yml:1: config.ws.header: has no meaning here; did you mean headers?",
                                   "s.yml:1: config.ws.proxy.timeout: has no meaning here"});
}

TEST_CASE("connection: each fault names its key, and no secret", "[script][connection]") {
    CHECK(ReadConnection("ws: 5").error ==
          "s.yml:1: config.ws: must be a map of keys, and is a number (5)");
    CHECK(ReadConnection("tls: []").error == "s.yml:1: config.tls: must be a map of keys, and is a list");
    CHECK(ReadConnection("timeout: soon")
              .error.find("s.yml:1: config.timeout: must be a number of seconds") == 0);
    CHECK(connection_fault("timeout: -1").find("config.ws.timeout") != std::string::npos);
    CHECK(connection_fault("headers: [a]").find("config.ws.headers: must be a map") != std::string::npos);
    CHECK(connection_fault("headers: {a: {}}").find("config.ws.headers.a: must be a text") !=
          std::string::npos);
    CHECK(connection_fault("subprotocols: 5").find("config.ws.subprotocols: must be a list") !=
          std::string::npos);
    CHECK(connection_fault("subprotocols: [5]").find("config.ws.subprotocols[0]: must be a text") !=
          std::string::npos);
    CHECK(connection_fault("proxy: {}").find("config.ws.proxy: url") != std::string::npos);
    CHECK(connection_fault("proxy: {url: 'http://u:secret@'}").find("config.ws.proxy.url") !=
          std::string::npos);
    CHECK(connection_fault("proxy: {url: 'http://u:secret@'}").find("secret") == std::string::npos);
    CHECK(connection_fault("auth: secret").find("secret") == std::string::npos);
    CHECK(connection_fault("auth: secret").find("config.ws.auth: must be a text USER:PASSWORD") !=
          std::string::npos);
    CHECK(connection_fault("localAddress: somewhere").find("config.ws.localAddress") != std::string::npos);
    CHECK(connection_fault("handshakeTimeout: 0").find("config.ws.handshakeTimeout") != std::string::npos);
    CHECK(connection_fault("maxPayload: -5").find("config.ws.maxPayload") != std::string::npos);
    CHECK(connection_fault("maxPayload: 1e15").find("config.ws.maxPayload") != std::string::npos);
    CHECK(connection_fault("perMessageDeflate: 5").find("must be true, false, or a map") !=
          std::string::npos);
    CHECK(connection_fault("perMessageDeflate: {serverMaxWindowBits: 16}").find("must be 8 to 15") !=
          std::string::npos);
    CHECK(connection_fault("followRedirects: 5").find("must be true or false") != std::string::npos);
    CHECK(connection_fault("protocolVersion: 8").find("must be 13") != std::string::npos);
}
