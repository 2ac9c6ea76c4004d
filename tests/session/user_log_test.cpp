#include "session/user_log.hpp"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast;
using session::UserLog;

TEST_CASE("user_log: lines come out whole and in order, while they are written", "[session][user_log]") {
    UserLog log;
    constexpr int kLines = 20'000;
    std::thread writer([&] {
        for (int i = 0; i < kLines; ++i) log.write("line " + std::to_string(i) + std::string(i % 50, '.'));
    });
    std::vector<std::string> lines;
    const auto take = [&] { log.read([&](std::string_view line) { lines.emplace_back(line); }); };
    while (lines.size() + log.left_out() < kLines) take();
    writer.join();
    take();
    CHECK(lines.size() + log.left_out() == kLines);
    int last = -1;
    bool ordered = true;
    for (const std::string& line : lines) {
        const int number = std::stoi(line.substr(5));
        ordered = ordered && number > last;
        last = number;
    }
    CHECK(ordered);
}

TEST_CASE("user_log: what nobody reads is left out, and counted", "[session][user_log]") {
    UserLog log;
    const std::string line(1000, 'x');
    for (int i = 0; i < 2'000; ++i) log.write(line);
    CHECK(log.left_out() > 900);
    std::size_t lines = 0;
    log.read([&](std::string_view text) { lines += text.size() == line.size() ? 1 : 0; });
    CHECK(lines + log.left_out() == 2'000);
    log.write("more");
    log.read([&](std::string_view text) { CHECK(text == "more"); });
}
