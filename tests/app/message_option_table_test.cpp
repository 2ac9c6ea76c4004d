#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/app/command_line.hpp"

namespace wsblast::app {

namespace {

plan::MessageOptions message_of(const Arguments& arguments) {
    return parsed<plan::RunOptions>(arguments).message;
}

constexpr proto::DeflateParameters kUsual{.client_no_context_takeover = true, .client_max_window_bits = 15};

}  // namespace

TEST_CASE("message options: nothing is asked for by default", "[app][message_options]") {
    const plan::MessageOptions message = message_of({});
    CHECK_FALSE(message.deflate);
    CHECK(message.opcode == plan::MessageOpcode::text);
    CHECK(message.fragment_bytes == 0);
    CHECK(message.size_max == limits::kMessageBytesMax);
    CHECK(message.ping_interval_ns == 0);
    CHECK(message.pong_timeout_ns == 5 * kSecond);
    CHECK(message.close_code == 1000);
    CHECK(message.close_reason.empty());
}

TEST_CASE("message options: compression, with the usual parameters or others", "[app][message_options]") {
    CHECK(message_of({"--compress"}).deflate == kUsual);
    const proto::DeflateParameters narrow{.server_max_window_bits = 9};
    CHECK(message_of({"--compress-parameters", "server_max_window_bits=9"}).deflate == narrow);
    // In whatever order they are given.
    CHECK(message_of({"--compress", "--compress-parameters", "server_max_window_bits=9"}).deflate ==
          narrow);
    CHECK(message_of({"--compress-parameters", "server_max_window_bits=9", "--compress"}).deflate ==
          narrow);
    CHECK(fault_of({"--compress-parameters", "window=9"}).find("'window=9'") != std::string::npos);
}

TEST_CASE("message options: the rest is read and bounded", "[app][message_options]") {
    const plan::MessageOptions message =
        message_of({"--binary", "--fragment", "100", "--max-message", "1k", "--ping-interval", "2s",
                    "--pong-timeout", "300ms", "--close-code", "4000", "--close-reason", "done"});
    CHECK(message.opcode == plan::MessageOpcode::binary);
    CHECK(message.fragment_bytes == 100);
    CHECK(message.size_max == 1'000);
    CHECK(message.ping_interval_ns == 2 * kSecond);
    CHECK(message.pong_timeout_ns == 300 * kMillisecond);
    CHECK(message.close_code == 4'000);
    CHECK(message.close_reason == "done");
    for (const char* const code : {"999", "1004", "1005", "1006", "1015", "2000", "5000", "70000"}) {
        CAPTURE(code);
        CHECK(fault_of({"--close-code", code}).find(code) != std::string::npos);
    }
    CHECK(message_of({"--close-reason", std::string(123, 'x').c_str()}).close_reason.size() == 123);
    CHECK_FALSE(fault_of({"--close-reason", std::string(124, 'x').c_str()}).empty());
    CHECK(fault_of({"--close-reason", "\xff"}).find("not valid UTF-8") != std::string::npos);
    CHECK_FALSE(fault_of({"--fragment", "0"}).empty());
    CHECK_FALSE(fault_of({"--max-message", "0"}).empty());
    CHECK_FALSE(fault_of({"--ping-interval", "0"}).empty());
    CHECK(fault_of({"--pong-timeout", "1s"}).find("--ping-interval") != std::string::npos);
}
}  // namespace wsblast::app
