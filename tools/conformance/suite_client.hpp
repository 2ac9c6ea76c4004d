// The client side of the Autobahn test suite's fuzzing server: asks how many cases there are, runs each of
// them on a connection of its own, and has the reports written.
//
// One worker thread. Satisfies transport::TransportHandler, and the worker's App.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/units.hpp"
#include "proto/upgrade.hpp"
#include "tools/conformance/echo_connection.hpp"
#include "transport/transport.hpp"

namespace wsblast::conformance {

// What there is to do. Lives longer than the client.
struct Suite {
    std::string host_header;
    std::string prefix;  // of all paths, without a slash at its end
    std::string agent;
    proto::DeflateParameters offer;
    std::uint32_t first_case = 1;
    std::optional<std::uint32_t> last_case{};  // none: the server knows
};

// What came of it.
struct SuiteOutcome {
    std::uint32_t cases = 0;       // that were run
    std::uint32_t unanswered = 0;  // connections that were not upgraded, or fell silent
};

template <class Transport>
class SuiteClient {
  public:
    SuiteClient(Transport& transport, const Suite& suite)
        : transport_(transport),
          suite_(suite),
          wire_(transport, transport.capacity(), random_seed()),
          next_case_(suite.first_case),
          last_case_(suite.last_case) {}

    [[nodiscard]] bool ok() const { return wire_.ok(); }
    [[nodiscard]] const SuiteOutcome& outcome() const { return outcome_; }

    // --- the worker's App ------------------------------------------------------------------------

    [[nodiscard]] transport::PollWait tick(TimeNs now_ns) {
        if (!connection_ && stage_ != Stage::done) open(now_ns);
        if (connection_ && now_ns >= deadline_ns_) {
            const bool closes =
                connection_->phase() == Phase::closing || connection_->phase() == Phase::broken;
            if (!closes) ++outcome_.unanswered;
            deadline_ns_ = kNever;
            transport_.close(cid_, transport::CloseMode::abort);
        }
        return {now_ns, deadline_ns_, 0};
    }
    [[nodiscard]] bool finished() const { return stage_ == Stage::done; }

    // --- transport events ------------------------------------------------------------------------

    void prefetch(ConnectionId) const {}
    void on_open(ConnectionId cid, TimeNs) { connection_->begin(cid); }
    void on_bytes(ConnectionId, ByteView bytes, transport::Arrival at) {
        connection_->on_bytes(bytes);
        // A server that has our close frame closes TCP (RFC 6455 7.1.1).
        const bool open = connection_->phase() == Phase::open;
        deadline_ns_ = at.now_ns + (open ? kSilenceNs : kCloseNs);
    }
    void on_room(ConnectionId) { connection_->pump(); }
    void on_close(ConnectionId cid, transport::CloseEvent, TimeNs) {
        const Phase phase = connection_->phase();
        if (phase == Phase::upgrading || phase == Phase::failed) ++outcome_.unanswered;
        if (stage_ == Stage::counting) read_count(connection_->first_text());
        wire_.drop(cid);
        connection_.reset();
        go_on();
    }
    void on_inspected(ConnectionId, const transport::TcpInfo&) {}
    void on_burst_end(TimeNs) {}

  private:
    enum class Stage : std::uint8_t { counting, running, reporting, done };

    // The suite itself waits no longer than a minute or two for its largest messages.
    static constexpr TimeNs kSilenceNs = 120 * kSecond;
    static constexpr TimeNs kCloseNs = 5 * kSecond;

    [[nodiscard]] std::string path() const {
        switch (stage_) {
            case Stage::counting: return suite_.prefix + "/getCaseCount";
            case Stage::running:
                return suite_.prefix + "/runCase?case=" + std::to_string(next_case_) +
                       "&agent=" + suite_.agent;
            case Stage::reporting:
            case Stage::done: break;
        }
        return suite_.prefix + "/updateReports?agent=" + suite_.agent;
    }

    void open(TimeNs now_ns) {
        proto::UpgradeOptions options{.host = suite_.host_header, .path = path()};
        options.deflate = suite_.offer;
        auto request = proto::UpgradeRequest::build(options);
        // What could be wrong with it was tried before the thread was started.
        connection_.emplace(transport_, wire_, std::move(*request), suite_.offer);
        deadline_ns_ = now_ns + kSilenceNs;
        cid_ = transport_.open(0);
    }

    void read_count(const std::string& text) {
        std::uint32_t count = 0;
        std::from_chars(text.data(), text.data() + text.size(), count);
        if (!last_case_ || *last_case_ > count) last_case_ = count;
    }

    void go_on() {
        switch (stage_) {
            case Stage::counting: stage_ = Stage::running; break;
            case Stage::running:
                ++next_case_;
                ++outcome_.cases;
                break;
            case Stage::reporting:
            case Stage::done: stage_ = Stage::done; return;
        }
        if (next_case_ > *last_case_) stage_ = Stage::reporting;
    }

    Transport& transport_;
    const Suite& suite_;
    session::Wire<proto::Role::client, Transport> wire_;
    Stage stage_ = Stage::counting;
    std::uint32_t next_case_;
    std::optional<std::uint32_t> last_case_;
    std::optional<EchoConnection<Transport>> connection_;
    ConnectionId cid_ = transport::kNoConnection;
    TimeNs deadline_ns_ = kNever;
    SuiteOutcome outcome_;
};

}  // namespace wsblast::conformance
