#include "session/stalls.hpp"

#include <catch2/catch.hpp>

#include "tests/support/client_run.hpp"

using namespace wsblast;
using namespace wsblast::test;
using session::Stalls;
using session::Taking;
using stats::ErrorKind;

namespace {

constexpr TimeNs kPatience = 4 * kSecond;

// What Stalls needs of a transport.
struct AskedTransport {
    int asked = 0;
    [[nodiscard]] std::uint32_t capacity() const { return 4; }
    void inspect(transport::ConnectionId) { ++asked; }
};

plan::Program patient_program() {
    plan::Program program;
    program.answer_timeout_ns = kPatience;
    return program;
}

transport::TcpInfo acked(std::uint64_t bytes) {
    transport::TcpInfo info;
    info.bytes_acked = bytes;
    return info;
}

// Ten messages, of which the server reads the first two.
plan::RunOptions ten_messages() {
    plan::RunOptions options = echo_options();
    options.connections = 1;
    options.messages = 10;
    options.answer_timeout_ns = kSecond;
    return options;
}
void read_two(ClientRun& run) {
    run.server.script.on_message = [&run](ConnectionId cid, const std::string& message) {
        run.server.send(cid, {{proto::Opcode::binary, message}});
        if (run.server.messages().size() == 2) run.stop_reading(cid);
    };
}

}  // namespace

TEST_CASE("stalls: who takes nothing has as long as an answer", "[session][stalls]") {
    AskedTransport transport;
    Stalls stalls(transport, patient_program());
    CHECK(stalls.refused(1, 10 * kSecond) == Taking::perhaps);
    CHECK(stalls.next_ns(1) == 11 * kSecond);
    CHECK(stalls.refused(1, 14 * kSecond - 1) == Taking::perhaps);
    CHECK(stalls.refused(1, 14 * kSecond) == Taking::nothing);
}

TEST_CASE("stalls: who has had room begins anew", "[session][stalls]") {
    AskedTransport transport;
    Stalls stalls(transport, patient_program());
    CHECK(stalls.refused(1, 10 * kSecond) == Taking::perhaps);
    stalls.over(1);
    CHECK(stalls.refused(1, 14 * kSecond) == Taking::perhaps);
    CHECK(stalls.refused(2, 18 * kSecond) == Taking::perhaps);
    CHECK(stalls.refused(1, 18 * kSecond) == Taking::nothing);
}

TEST_CASE("stalls: what TCP has had acknowledged is taken, slow as it is", "[session][stalls]") {
    AskedTransport transport;
    Stalls stalls(transport, patient_program());
    CHECK(stalls.refused(1, 10 * kSecond) == Taking::perhaps);
    CHECK(transport.asked == 0);
    CHECK(stalls.refused(1, 11 * kSecond) == Taking::perhaps);
    CHECK(transport.asked == 1);
    CHECK(stalls.on_inspected(1, acked(1000)));  // what there is to compare with
    CHECK(stalls.refused(1, 13 * kSecond) == Taking::perhaps);
    CHECK(transport.asked == 2);
    CHECK(stalls.on_inspected(1, acked(1001)));
    CHECK(stalls.refused(1, 16 * kSecond) == Taking::perhaps);
    CHECK(stalls.on_inspected(1, acked(1001)));
    CHECK(stalls.refused(1, 17 * kSecond) == Taking::nothing);
}

TEST_CASE("stalls: what was asked for elsewhere is none of theirs", "[session][stalls]") {
    AskedTransport transport;
    Stalls stalls(transport, patient_program());
    CHECK_FALSE(stalls.on_inspected(1, acked(1000)));
    (void)stalls.refused(1, kSecond);
    stalls.over(1);
    CHECK_FALSE(stalls.on_inspected(1, acked(1000)));
}

TEST_CASE("stalls: a server that does not read ends as an error, and what was due is unsent",
          "[session][stalls]") {
    plan::RunOptions options = ten_messages();
    SECTION("on a schedule") {}
    SECTION("in a closed loop") {
        options.pacing = plan::Pacing::closed;
    }
    SECTION("by a rate") {
        options.pacing = plan::Pacing::rate;
        options.rate = plan::RateCurve::at(100);
    }
    ClientRun run(options);
    read_two(run);
    run.finish();
    CHECK(run.error(ErrorKind::send_timeout) == 1);
    CHECK(run.error(ErrorKind::close_timeout) == 0);
    CHECK(run.counters().received == 2);
    CHECK(run.counters().unsent == 8);
    CHECK(run.elapsed_ns() >= kSecond);
    CHECK(run.elapsed_ns() < kSecond + 300 * kMillisecond);
}

TEST_CASE("stalls: a setup message that nobody takes is not waited for either", "[session][stalls]") {
    plan::RunOptions options = ten_messages();
    options.setup = "join";
    options.messages.reset();
    options.duration_ns = 3 * kSecond;
    ClientRun run(options);
    run.server.script.on_upgraded = [&](ConnectionId cid) { run.stop_reading(cid); };
    run.finish();
    CHECK(run.error(ErrorKind::send_timeout) == 1);
    CHECK(run.counters().sent == 0);
    CHECK(run.elapsed_ns() < 2 * kSecond);
}

TEST_CASE("stalls: a run with a time waits for that", "[session][stalls]") {
    plan::RunOptions options = ten_messages();
    options.messages.reset();
    options.duration_ns = 3 * kSecond;
    ClientRun run(options);
    read_two(run);
    run.finish();
    CHECK(run.error(ErrorKind::send_timeout) == 0);
    CHECK(run.counters().sent == 2);
    CHECK(run.elapsed_ns() >= 3 * kSecond);
}
