// The whole server on the real kernel, with clients that block.
#include "target/server.hpp"

#include <cerrno>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "host/cpus.hpp"
#include "tests/target/memory_server.hpp"

namespace wsblast::target {

namespace {

// A blocking client. Every wait ends after some seconds, as if the server had said nothing.
class Client {
  public:
    explicit Client(const Endpoint& endpoint)
        : descriptor_(socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        constexpr timeval kPatience{.tv_sec = 30, .tv_usec = 0};
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
        connected_ = connect(descriptor_, endpoint.address(), endpoint.length) == 0;
    }
    ~Client() { close(descriptor_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }
    void say(std::string_view bytes) {
        CHECK(send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0);
    }
    void say(const std::vector<test::FrameSpec>& specs) {
        const test::Bytes bytes = test::frames(specs, proto::Role::client);
        say(as_text(bytes));
    }
    // A wait with a timeout is not resumed when the kernel interrupts it (signal(7)), and it does where
    // this thread had a ring that is being taken down.
    std::string hear(std::size_t size) {
        std::string bytes(size, '\0');
        std::size_t heard = 0;
        while (heard < size) {
            const ssize_t received = recv(descriptor_, &bytes[heard], size - heard, MSG_WAITALL);
            if (received < 0 && errno == EINTR) continue;
            if (received <= 0) break;
            heard += static_cast<std::size_t>(received);
        }
        bytes.resize(heard);
        return bytes;
    }

  private:
    int descriptor_;
    bool connected_ = false;
};

std::string as_server(const test::FrameSpec& spec) {
    const test::Bytes bytes = test::frames({spec}, proto::Role::server);
    return std::string(as_text(bytes));
}

plan::ServeOptions options() {
    return {.hosts = {"127.0.0.1", "127.0.0.2"}, .port = 0, .cores = 0, .connections_max = 100};
}

Endpoint endpoint_of(const Server& server, const char* host) {
    return *parse_ip(host, server.port());
}

TEST_CASE("server: every address is served, on every core", "[target][server]") {
    const auto server = Server::start(options(), host::usable_cpus());
    REQUIRE(server);
    const std::string echo = as_server({proto::Opcode::text, "hello"});
    for (int i = 0; i < 40; ++i) {
        Client client(endpoint_of(**server, i % 2 == 0 ? "127.0.0.1" : "127.0.0.2"));
        REQUIRE(client.connected());
        client.say(upgrade_request("/echo"));
        REQUIRE(client.hear(proto::kUpgradeResponseSize) == upgrade_response());
        client.say({{proto::Opcode::text, "hello"}});
        REQUIRE(client.hear(echo.size()) == echo);
    }
    CHECK((**server).board().total(Count::echo) == 40);
}

TEST_CASE("server: a large echo to a client that reads late arrives whole", "[target][server]") {
    const auto server = Server::start(options(), host::usable_cpus());
    REQUIRE(server);
    Client client(endpoint_of(**server, "127.0.0.1"));
    client.say(upgrade_request("/echo"));
    REQUIRE(client.hear(proto::kUpgradeResponseSize) == upgrade_response());
    std::string large;
    while (large.size() < 1'000'000) large += std::to_string(large.size());
    client.say({{proto::Opcode::text, large}});
    const std::string echo = as_server({proto::Opcode::text, large});
    CHECK(client.hear(echo.size()) == echo);
}

TEST_CASE("server: a stop closes with 1001 and frees the port", "[target][server]") {
    const auto server = Server::start(options(), host::usable_cpus());
    REQUIRE(server);
    const Endpoint endpoint = endpoint_of(**server, "127.0.0.1");
    Client client(endpoint);
    client.say(upgrade_request("/ws"));
    REQUIRE(client.hear(proto::kUpgradeResponseSize) == upgrade_response());
    const TimeNs begin_ns = monotonic_now();
    std::thread closing([&] { (**server).stop(); });
    const std::string close = as_server({proto::Opcode::close, "\x03\xe9"});
    CHECK(client.hear(close.size()) == close);
    client.say({{proto::Opcode::close, "\x03\xe9"}});
    CHECK(client.hear(1).empty());
    closing.join();
    CHECK(monotonic_now() - begin_ns < limits::kCloseTimeoutNs);
    CHECK_FALSE(Client(endpoint).connected());
}

TEST_CASE("server: more cores than there are is a warning, and as many run", "[target][server]") {
    const std::vector<std::uint32_t> cpus = host::usable_cpus();
    plan::ServeOptions many = options();
    many.cores = static_cast<std::uint32_t>(cpus.size()) + 1;
    const auto server = Server::start(many, cpus);
    REQUIRE(server);
    CHECK((**server).cores() == cpus.size());
    CHECK((**server).warnings().size() == 1);
}

TEST_CASE("server: what it says of itself names addresses and cores", "[target][server]") {
    plan::ServeOptions one = options();
    one.cores = 1;
    const auto server = Server::start(one, host::usable_cpus());
    REQUIRE(server);
    const std::string port = std::to_string((**server).port());
    CHECK((**server).description() ==
          "ws://127.0.0.1:" + port + ", ws://127.0.0.2:" + port + " (/ws, /echo, /broadcast), 1 core");
}

TEST_CASE("server: the lack of a free port is an error", "[target][server]") {
    const auto first = Server::start(options(), host::usable_cpus());
    REQUIRE(first);
    plan::ServeOptions same = options();
    same.port = (**first).port();
    const auto second = Server::start(same, host::usable_cpus());
    REQUIRE_FALSE(second);
    CHECK(second.error().fault == Fault::environment);
}

}  // namespace

}  // namespace wsblast::target
