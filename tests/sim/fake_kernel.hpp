// The kernel's half of a scripted ring, and the peers behind it: sockets, what is in flight on them, and
// time.
//
// Time goes by in steps: each lets every peer say or read something and every operation go on. What an
// operation must not be told is checked in FakeRing; here it is checked what becomes of the bytes.
#pragma once

#include <algorithm>
#include <cerrno>
#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "ring/stamps.hpp"
#include "ring/user_data.hpp"
#include "tests/sim/world.hpp"

namespace wsblast::sim {

// A request as it stands in the queue.
struct Request {
    ring::UserData data;
    std::uint32_t slot = 0;
    ByteView bytes{};                         // of a send
    std::vector<ring::UserData> to_cancel{};  // by a close
};

enum class Stage : std::uint8_t { empty, accepting, connecting, open, closing };
enum class Reading : std::uint8_t { on, stalled };
enum class Fin : std::uint8_t { none, sent };

struct Attempt {
    ring::UserData data;
    int result = 0;
    std::uint32_t steps = 0;
};

struct Rest {
    ring::UserData data;
    ByteView bytes;
    std::size_t done = 0;
};

struct Socket {
    Stage stage = Stage::empty;
    Reading reading = Reading::on;  // the peer's
    Fin fin = Fin::none;            // ours
    Wire* wire = nullptr;
    std::uint32_t in_flight = 0;  // requests whose last completion has not been taken
    std::uint32_t sends = 0;      // queued since completions were taken
    std::uint32_t tries = 0;      // of one connection attempt
    std::uint32_t room = 0;       // that the kernel has for what we send
    std::optional<Attempt> attempt{};
    std::optional<ring::UserData> receive{};
    std::optional<Rest> rest{};
};

class FakeKernel {
  public:
    FakeKernel(std::uint32_t sockets, ring::Stamps stamps)
        : world_(World::current()), stamps_(stamps), sockets_(sockets) {
        window_max_ = world_.pick({1'000, 10'000, 200'000});
        buffers_.resize(world_.pick({2, 6, 32}), std::vector<std::uint8_t>(world_.pick({7, 100, 1'000})));
        buffer_stamps_ns_.resize(buffers_.size());
        for (std::size_t i = 0; i < buffers_.size(); ++i)
            free_buffers_.push_back(static_cast<std::int32_t>(i));
        eventfd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    }
    ~FakeKernel() { ::close(eventfd_); }
    FakeKernel(const FakeKernel&) = delete;
    FakeKernel& operator=(const FakeKernel&) = delete;

    [[nodiscard]] Socket& socket(std::uint32_t slot) { return sockets_[slot]; }
    [[nodiscard]] std::span<Socket> sockets() { return sockets_; }
    [[nodiscard]] int eventfd_descriptor() const { return eventfd_; }
    void signal(ring::Armed armed) { signal_ = armed; }

    // Completions that entering has brought, and those that it would bring.
    [[nodiscard]] std::deque<ring::Completion>& posted() { return posted_; }
    [[nodiscard]] std::deque<ring::Completion>& task_work() { return task_work_; }

    void run(const Request& request) {
        Socket& socket = sockets_[request.slot];
        switch (request.data.op) {
            case ring::Op::connect: return connect(socket, request.data);
            case ring::Op::accept: accepts_.push_back(request.data); return;
            case ring::Op::receive: socket.receive = request.data; return;
            case ring::Op::send: return send(socket, request);
            case ring::Op::send_rest: socket.rest = Rest{request.data, request.bytes, 0}; return;
            case ring::Op::shutdown: return shutdown(socket, request.data);
            case ring::Op::close: return close(socket, request);
            case ring::Op::poll: polls_.push_back({static_cast<int>(request.slot), request.data}); return;
            case ring::Op::inspect: return inspect(socket, request.data);
            case ring::Op::none: return;
        }
    }

    // One moment of the outside world.
    void step() {
        for (Socket& socket : sockets_) {
            if (socket.stage == Stage::connecting && socket.attempt) step_connect(socket);
            if (socket.stage == Stage::closing && socket.receive) step_receive(socket);
            if (socket.stage != Stage::open || socket.wire == nullptr) continue;
            step_peer(socket);
            if (socket.receive) step_receive(socket);
            if (socket.rest) step_rest(socket);
        }
        step_accepts();
        step_delayed();
        step_polls();
    }

    // A cancelled request says so later, unless it was done just before.
    void cancel(ring::UserData data) {
        Socket& socket = sockets_[data.slot];
        const auto cancelled = [this](int otherwise) { return world_.one_in(3) ? otherwise : -ECANCELED; };
        if (socket.attempt && socket.attempt->data.pack() == data.pack()) {
            delay({std::exchange(socket.attempt, {})->data, cancelled(0)});
        } else if (socket.rest && socket.rest->data.pack() == data.pack()) {
            const Rest rest = *std::exchange(socket.rest, {});
            delay({rest.data, cancelled(static_cast<int>(rest.bytes.size()))});
        } else if (socket.receive && socket.receive->pack() == data.pack()) {
            delay({*std::exchange(socket.receive, {}), cancelled(-ECONNRESET)});
        }
    }

    // --- buffers ---------------------------------------------------------------------------------

    [[nodiscard]] std::vector<std::uint8_t>& buffer(std::int32_t number) {
        return buffers_[static_cast<std::size_t>(number)];
    }
    [[nodiscard]] TimeNs buffer_stamp_ns(std::int32_t number) const {
        return buffer_stamps_ns_[static_cast<std::size_t>(number)];
    }
    [[nodiscard]] std::deque<std::int32_t>& free_buffers() { return free_buffers_; }
    [[nodiscard]] std::size_t buffer_count() const { return buffers_.size(); }

  private:
    struct Delayed {
        ring::Completion completion;
        std::uint32_t steps = 0;
    };
    struct Poll {
        int descriptor = -1;
        ring::UserData data;
    };
    static constexpr std::uint32_t kNeverDone = ~0u;
    static constexpr int kDescriptor = 1'000;  // of no file: only its number is looked at

    // --- requests --------------------------------------------------------------------------------

    void connect(Socket& socket, ring::UserData data) {
        if (world_.strikes(&Faults::pair_taken)) {
            return post({data, world_.one_in(2) ? -EADDRINUSE : -EADDRNOTAVAIL});
        }
        Attempt attempt{data, 0, world_.number_below(8)};
        if (world_.strikes(&Faults::refused))
            attempt.result = world_.one_in(2) ? -ECONNREFUSED : -ETIMEDOUT;
        if (world_.strikes(&Faults::silent)) attempt.steps = kNeverDone;
        socket.attempt = attempt;
    }

    void send(Socket& socket, const Request& request) {
        Wire& wire = *socket.wire;
        if (world_.strikes(&Faults::send_error)) wire.peer = PeerState::reset;
        if (wire.peer == PeerState::reset)
            return post({request.data, world_.one_in(2) ? -EPIPE : -ECONNRESET});
        std::size_t taken = std::min<std::size_t>(request.bytes.size(), socket.room);
        if (world_.strikes(&Faults::short_send))
            taken = std::min<std::size_t>(taken, world_.number_below(50));
        if (world_.strikes(&Faults::no_room)) taken = 0;
        take_bytes(socket, request.bytes.first(taken));
        if (taken < request.bytes.size())
            post({request.data, taken == 0 ? -EAGAIN : static_cast<int>(taken)});
    }

    void take_bytes(Socket& socket, ByteView bytes) {
        Wire& wire = *socket.wire;
        socket.room -= static_cast<std::uint32_t>(bytes.size());
        if (wire.speaker != nullptr) {
            wire.speaker->hear(bytes);
            wire.sent = wire.speaker->said().size();
            return;
        }
        world_.require(matches(bytes, wire.up_key, wire.accepted),
                       "the kernel gets every byte once, in order");
        wire.accepted += bytes.size();
        world_.require(wire.accepted <= wire.committed, "the kernel gets nothing that was not committed");
    }

    void shutdown(Socket& socket, ring::UserData data) {
        const bool reset = socket.wire->peer == PeerState::reset;
        const bool counted = socket.wire->speaker == nullptr;
        world_.require(reset || !counted || socket.wire->accepted == socket.wire->committed,
                       "a half-close comes after everything that was committed");
        socket.fin = Fin::sent;
        delay({data, reset ? -ENOTCONN : 0});
    }

    // The close may overtake the news of what it cancels. A receive that is just bringing something is not
    // found by the cancel: it brings it after the close, and stays armed.
    void close(Socket& socket, const Request& request) {
        const bool bringing =
            socket.receive && socket.wire->sent > socket.wire->delivered && !free_buffers_.empty();
        const bool receive_missed = bringing && world_.one_in(4);
        for (const ring::UserData data : request.to_cancel) {
            if (data.op != ring::Op::receive || !receive_missed) cancel(data);
        }
        world_.require(!socket.attempt && !socket.rest && (!socket.receive || receive_missed),
                       "a close cancels what is in flight");
        if (receive_missed) {
            post({request.data, 0});
        } else {
            delay({request.data, 0});
        }
    }

    // Done at once: what is closed after it in the same turn is kept open by the descriptor.
    void inspect(const Socket& socket, ring::UserData data) {
        world_.require(socket.stage != Stage::empty, "what is inspected is connected");
        post({data, world_.one_in(8) ? -EMFILE : kDescriptor});
    }

    // Mostly the truth; now and then none, or what a clock says that was stepped.
    [[nodiscard]] TimeNs make_stamp() {
        const TimeNs wall_ns = read_clock(CLOCK_REALTIME);
        if (world_.strikes(&Faults::odd_stamp)) return wall_ns + kHour;
        if (world_.strikes(&Faults::odd_stamp)) return wall_ns - kHour;
        return world_.strikes(&Faults::odd_stamp) ? 0 : wall_ns;
    }

    // --- steps -----------------------------------------------------------------------------------

    void establish(Socket& socket) {
        socket.stage = Stage::open;
        socket.wire = &world_.make_wire();
        socket.room = window_max_;
    }

    void step_connect(Socket& socket) {
        if (socket.attempt->steps == kNeverDone || socket.attempt->steps-- > 0) return;
        const Attempt attempt = *std::exchange(socket.attempt, {});
        if (attempt.result == 0) establish(socket);
        work({attempt.data, attempt.result});
    }

    void step_accepts() {
        while (!accepts_.empty() && world_.backlog > 0) {
            const ring::UserData data = accepts_.front();
            accepts_.pop_front();
            if (world_.strikes(&Faults::accept_error)) {
                work({data, world_.one_in(2) ? -EMFILE : -ECONNABORTED});
                continue;
            }
            --world_.backlog;
            establish(sockets_[data.slot]);
            work({data, 0});
        }
    }

    void step_peer(Socket& socket) {
        Wire& wire = *socket.wire;
        if (wire.peer == PeerState::talking && wire.speaker != nullptr) {
            wire.speaker->step(wire);
            wire.sent = wire.speaker->said().size();
        } else if (wire.peer == PeerState::talking) {
            const bool talks = !world_.calm() && wire.sent - wire.delivered < 4'000 && world_.one_in(3);
            if (talks) wire.sent += 1 + world_.number_below(400);
            const bool leaves =
                world_.strikes(&Faults::finish) || (socket.fin == Fin::sent && world_.one_in(4));
            if (leaves) wire.peer = PeerState::finished;
        }
        if (world_.strikes(&Faults::reset)) wire.peer = PeerState::reset;
        if (world_.strikes(&Faults::stall)) socket.reading = Reading::stalled;
        if (world_.calm() || world_.one_in(20)) socket.reading = Reading::on;
        if (socket.reading == Reading::stalled) return;
        const std::uint32_t read = world_.calm() ? window_max_ : world_.number_below(window_max_);
        socket.room += std::min(window_max_ - socket.room, read);
    }

    void step_receive(Socket& socket) {
        Wire& wire = *socket.wire;
        if (wire.peer == PeerState::reset) return end_receive(socket, -ECONNRESET);
        if (wire.sent == wire.delivered) {
            if (wire.peer == PeerState::finished) finish_receive(socket);
            return;
        }
        if (free_buffers_.empty()) return end_receive(socket, -ENOBUFS);
        const std::int32_t number = take_buffer();
        const std::size_t count = std::min<std::size_t>(wire.sent - wire.delivered, buffer(number).size());
        const ByteSpan out = ByteSpan(buffer(number)).first(count);
        if (wire.speaker != nullptr) {
            std::ranges::copy(wire.speaker->said().subspan(wire.delivered, count), out.begin());
        } else {
            fill(out, wire.down_key, wire.delivered);
        }
        wire.delivered += count;
        const ring::Armed armed = world_.strikes(&Faults::lost_more) ? ring::Armed::no : ring::Armed::yes;
        work({*socket.receive, static_cast<int>(count), armed, number});
        if (armed == ring::Armed::no) socket.receive.reset();
    }
    // With stamps the end comes in a buffer too, for its header.
    void finish_receive(Socket& socket) {
        if (stamps_ == ring::Stamps::none) return end_receive(socket, 0);
        if (free_buffers_.empty()) return end_receive(socket, -ENOBUFS);
        work({*std::exchange(socket.receive, {}), 0, ring::Armed::no, take_buffer()});
    }
    [[nodiscard]] std::int32_t take_buffer() {
        const std::int32_t number = free_buffers_.front();
        free_buffers_.pop_front();
        const bool stamped = stamps_ == ring::Stamps::kernel;
        buffer_stamps_ns_[static_cast<std::size_t>(number)] = stamped ? make_stamp() : 0;
        return number;
    }
    void end_receive(Socket& socket, int result) { work({*std::exchange(socket.receive, {}), result}); }

    void step_rest(Socket& socket) {
        Rest& rest = *socket.rest;
        if (socket.wire->peer == PeerState::reset) return end_rest(socket, -EPIPE);
        const ByteView left = rest.bytes.subspan(rest.done);
        const std::size_t taken = std::min<std::size_t>(left.size(), socket.room);
        take_bytes(socket, left.first(taken));
        rest.done += taken;
        const bool stops = rest.done > 0 && world_.strikes(&Faults::short_rest);
        if (rest.done == rest.bytes.size() || stops) end_rest(socket, static_cast<int>(rest.done));
    }
    void end_rest(Socket& socket, int result) { work({std::exchange(socket.rest, {})->data, result}); }

    void step_delayed() {
        for (Delayed& delayed : delayed_) {
            if (delayed.steps == 0) work(delayed.completion);
        }
        std::erase_if(delayed_, [](Delayed& delayed) { return delayed.steps-- == 0; });
    }

    void step_polls() {
        std::erase_if(polls_, [this](const Poll& poll) {
            pollfd ready{poll.descriptor, POLLIN, 0};
            if (::poll(&ready, 1, 0) != 1) return false;
            work({poll.data, POLLIN});
            return true;
        });
    }

    // --- completions -----------------------------------------------------------------------------

    void post(const ring::Completion& completion) { posted_.push_back(completion); }
    void delay(const ring::Completion& completion) {
        delayed_.push_back({completion, world_.number_below(12)});
    }
    // Task work: seen by who enters. Only its first piece raises the signal.
    void work(const ring::Completion& completion) {
        if (task_work_.empty() && signal_ == ring::Armed::yes) eventfd_write(eventfd_, 1);
        task_work_.push_back(completion);
    }

    World& world_;
    ring::Stamps stamps_;
    std::vector<TimeNs> buffer_stamps_ns_;  // wall clock
    std::vector<Socket> sockets_;
    std::uint32_t window_max_ = 0;
    int eventfd_ = -1;
    ring::Armed signal_ = ring::Armed::no;
    std::vector<std::vector<std::uint8_t>> buffers_;
    std::deque<std::int32_t> free_buffers_;
    std::deque<ring::UserData> accepts_;
    std::vector<Delayed> delayed_;
    std::vector<Poll> polls_;
    std::deque<ring::Completion> task_work_;
    std::deque<ring::Completion> posted_;
};

}  // namespace wsblast::sim
