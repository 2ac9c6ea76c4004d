#include "report/progress.hpp"

#include <array>

#include <catch2/catch.hpp>
#include <unistd.h>

namespace wsblast::report {

namespace {

using stats::Progress;
using stats::RunPhase;

constexpr std::size_t kWide = 200;

// What a writer wrote, read back from a pipe.
class Pipe {
  public:
    Pipe() { REQUIRE(pipe(ends_.data()) == 0); }
    ~Pipe() {
        close(ends_[0]);
        close(ends_[1]);
    }
    [[nodiscard]] int write_end() const { return ends_[1]; }

    // Everything since the last call; a mark is written first so that it never blocks.
    std::string read_all() {
        REQUIRE(write(ends_[1], "|", 1) == 1);
        std::array<char, 4096> bytes{};
        const ssize_t size = read(ends_[0], bytes.data(), bytes.size());
        REQUIRE(size > 0);
        return std::string(bytes.data(), static_cast<std::size_t>(size) - 1);
    }

  private:
    std::array<int, 2> ends_{};
};

Progress holding(TimeNs elapsed_ns) {
    return {.phase = RunPhase::holding, .elapsed_ns = elapsed_ns, .open = 50'000, .left_ns = 42 * kSecond};
}

}  // namespace

TEST_CASE("progress: says what the run waits for", "[report][progress]") {
    REQUIRE(progress_text(holding(18 * kSecond), kWide) == "[18 s] holding 50,000, 42 s left");
    Progress progress{.phase = RunPhase::ramp, .elapsed_ns = kSecond, .open = 12'345, .wanted = 50'000};
    REQUIRE(progress_text(progress, kWide) == "[1 s] opening 12,345 of 50,000");
    progress.phase = RunPhase::settling;
    REQUIRE(progress_text(progress, kWide) == "[1 s] 12,345 open, waiting for the last answers");
    progress.phase = RunPhase::closing;
    REQUIRE(progress_text(progress, kWide) == "[1 s] closing 12,345");
}

TEST_CASE("progress: shows rate, percentiles, errors and the time left", "[report][progress]") {
    Progress progress{
        .phase = RunPhase::messages, .elapsed_ns = 125 * kSecond, .open = 1'000, .wanted = 1'000};
    progress.messages_per_s = 123'455.6;
    progress.p50_ns = 1'230'000;
    progress.p99_ns = 4'560'000;
    progress.errors = 1;
    progress.left_ns = 42'900'000'000;
    REQUIRE(progress_text(progress, kWide) ==
            "[2 min 5 s] 1,000 open, 123,456 messages/s, p50 1.23 ms, p99 4.56 ms, 1 error, 42 s left");
    progress.errors = 2'000;
    REQUIRE(progress_text(progress, kWide).find(", 2,000 errors,") != std::string::npos);
}

TEST_CASE("progress: a narrow terminal gets the beginning", "[report][progress]") {
    REQUIRE(progress_text(holding(0), 13) == "[0 s] holding");
    REQUIRE(progress_text(holding(0), 0).empty());
}

TEST_CASE("progress: a pipe gets plain lines, one a phase and every few seconds", "[report][progress]") {
    Pipe pipe;
    REQUIRE(progress_mode_of(pipe.write_end()) == ProgressMode::plain);
    ProgressWriter writer(pipe.write_end(), ProgressMode::plain);
    writer.show(holding(0));
    REQUIRE(pipe.read_all() == "[0 s] holding 50,000, 42 s left\n");
    writer.show(holding(kPlainProgressNs - 1));
    REQUIRE(pipe.read_all().empty());
    writer.show(holding(kPlainProgressNs));
    REQUIRE(pipe.read_all() == "[5 s] holding 50,000, 42 s left\n");
    Progress closing = holding(6 * kSecond);
    closing.phase = RunPhase::closing;
    closing.left_ns.reset();
    writer.show(closing);
    writer.clear();
    REQUIRE(pipe.read_all() == "[6 s] closing 50,000\n");
}

TEST_CASE("progress: a live line rewrites itself and can be cleared", "[report][progress]") {
    Pipe pipe;
    ProgressWriter writer(pipe.write_end(), ProgressMode::live);
    writer.clear();
    REQUIRE(pipe.read_all().empty());
    writer.show(holding(0));
    REQUIRE(pipe.read_all() == "\r[0 s] holding 50,000, 42 s left\033[K");
    writer.clear();
    REQUIRE(pipe.read_all() == "\r\033[K");
}

TEST_CASE("progress: quiet writes nothing", "[report][progress]") {
    Pipe pipe;
    ProgressWriter writer(pipe.write_end(), ProgressMode::quiet);
    writer.show(holding(0));
    writer.clear();
    REQUIRE(pipe.read_all().empty());
}

}  // namespace wsblast::report
