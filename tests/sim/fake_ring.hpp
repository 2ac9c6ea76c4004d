// A ring without a kernel: the public face of ring::Ring, played from a seed.
//
// As with the real one, requests run in their order when the ring is entered, a send is then done unless a
// completion says otherwise, and all other completions become visible only by entering again. Its queues,
// its batches and its buffers are small or large by chance. Whatever the transport must never ask for is
// told to World::require().
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/endpoint.hpp"
#include "base/limits.hpp"
#include "ring/ring.hpp"
#include "tests/sim/fake_kernel.hpp"
#include "tests/sim/world.hpp"

namespace wsblast::sim {

class FakeRing {
  public:
    // Joins the current world of the thread.
    [[nodiscard]] static Result<std::unique_ptr<FakeRing>> open(const ring::RingOptions& options) {
        return std::unique_ptr<FakeRing>(new FakeRing(options));
    }
    ~FakeRing() { std::erase(world_.rings(), this); }
    FakeRing(const FakeRing&) = delete;
    FakeRing& operator=(const FakeRing&) = delete;

    // --- requests --------------------------------------------------------------------------------

    [[nodiscard]] int connect(std::uint32_t slot, const Endpoint&, const Endpoint&, ring::UserData data) {
        Socket& socket = kernel_.socket(slot);
        world_.require(socket.in_flight == 0, "a slot is not connected while something is in flight on it");
        world_.require(socket.stage == Stage::empty || socket.stage == Stage::connecting,
                       "a slot is not connected while it is open or being closed");
        if (socket.stage == Stage::empty) socket = {.stage = Stage::connecting};
        world_.require(++socket.tries <= limits::kSourceTriesMax,
                       "an attempt tries no more pairs than the limit");
        if (world_.strikes(&Faults::taken_at_once)) return world_.one_in(20) ? -EMFILE : -EADDRINUSE;
        queue({data, slot});
        ++socket.in_flight;
        return 0;
    }
    void accept(int, std::uint32_t slot, ring::UserData data) {
        Socket& socket = kernel_.socket(slot);
        world_.require(socket.stage == Stage::empty && socket.in_flight == 0,
                       "an accept takes a free slot");
        world_.require(world_.now_ns >= world_.accept_failed_ns + limits::kAcceptPauseNs,
                       "after a failed accept there is a pause");
        socket = {.stage = Stage::accepting, .in_flight = 1};
        queue({data, slot});
    }
    void receive(std::uint32_t slot, ring::UserData data) {
        world_.require(!kernel_.socket(slot).receive, "a receive is not armed twice");
        queue_on_open({data, slot});
    }
    void send(std::uint32_t slot, ByteView bytes, ring::UserData data) {
        Socket& socket = kernel_.socket(slot);
        world_.require(socket.stage == Stage::open, "a send goes to an open connection");
        world_.require(!socket.rest, "a send does not overtake the rest of an earlier one");
        world_.require(++socket.sends == 1, "a connection sends once a tick");
        world_.require(!bytes.empty(), "a send has bytes");
        queue({data, slot, bytes});
    }
    void send_rest(std::uint32_t slot, ByteView bytes, ring::UserData data) {
        world_.require(!kernel_.socket(slot).rest, "one rest at a time is sent");
        world_.require(!bytes.empty(), "a rest has bytes");
        queue_on_open({data, slot, bytes});
    }
    void reset(std::uint32_t) const {}  // of the peer's business only
    void shutdown(std::uint32_t slot, ring::UserData data) { queue_on_open({data, slot}); }
    void close(std::uint32_t slot, std::span<const ring::UserData> in_flight, ring::UserData data) {
        Socket& socket = kernel_.socket(slot);
        world_.require(socket.stage == Stage::connecting || socket.stage == Stage::open,
                       "what is closed was in use");
        socket.stage = Stage::closing;
        ++socket.in_flight;
        queue({data, slot, {}, {in_flight.begin(), in_flight.end()}});
    }
    void cancel(ring::UserData request) {
        const Stage stage = kernel_.socket(request.slot).stage;
        world_.require(stage == Stage::closing || stage == Stage::empty,
                       "what is cancelled late was closed");
        queue({{ring::Op::none, 0, 0}, request.slot, {}, {request}});
    }
    [[nodiscard]] bool inspect(std::uint32_t slot, ring::UserData data) {
        if (inspection_ == ring::Inspection::none) return false;
        queue_on_open({data, slot});
        return true;
    }
    void poll(int descriptor, ring::UserData data) {
        queue({data, static_cast<std::uint32_t>(descriptor)});
    }

    // --- entering --------------------------------------------------------------------------------

    void enter() {
        ++enters_;
        std::swap(requests_, running_);
        for (const Request& request : running_) run(request);
        running_.clear();
        auto& work = kernel_.task_work();
        for (std::size_t left = 1 + world_.number_below(64); left > 0 && !work.empty(); --left) {
            kernel_.posted().push_back(work.front());
            work.pop_front();
        }
        while (overflowed() && visible_.size() < completions_max_) {
            visible_.push_back(kernel_.posted().front());
            kernel_.posted().pop_front();
        }
    }
    void enter_and_wait(std::uint32_t, TimeNs timeout_ns) {
        constexpr std::uint32_t kStepsForEver = 300;  // longer than any delay
        world_.require(descriptors_ == 0, "what was installed is closed in the same tick");
        enter();
        std::uint32_t steps = timeout_ns == kNever ? kStepsForEver : world_.number_below(4);
        for (; visible_.empty() && steps > 0; --steps) {
            world_.step();
            enter();
        }
        if (visible_.empty() && timeout_ns == kNever) world_.fall_asleep();
    }
    [[nodiscard]] bool wants_enter() {
        return !requests_.empty() || !kernel_.task_work().empty() || overflowed();
    }
    [[nodiscard]] bool overflowed() { return !kernel_.posted().empty(); }
    [[nodiscard]] bool has_completions() const { return !visible_.empty(); }
    // The world does not wait for who is about to look at it once more.
    void signal_eventfd(ring::Armed armed) {
        if (armed == ring::Armed::yes && world_.one_in(2)) kernel_.step();
        kernel_.signal(armed);
    }
    [[nodiscard]] int eventfd_descriptor() const { return kernel_.eventfd_descriptor(); }

    // --- completions -----------------------------------------------------------------------------

    [[nodiscard]] std::span<const ring::Completion> take_completions() {
        const auto count = static_cast<std::ptrdiff_t>(
            std::min<std::size_t>(visible_.size(), 1 + world_.number_below(batch_max_)));
        batch_.assign(visible_.begin(), visible_.begin() + count);
        visible_.erase(visible_.begin(), visible_.begin() + count);
        for (const ring::Completion& completion : batch_) note_taken(completion);
        for (Socket& socket : kernel_.sockets()) socket.sends = 0;
        return batch_;
    }
    [[nodiscard]] ring::Received received(const ring::Completion& completion) {
        return {
            ByteView(kernel_.buffer(completion.buffer)).first(static_cast<std::size_t>(completion.result)),
            kernel_.buffer_stamp_ns(completion.buffer)};
    }
    [[nodiscard]] std::optional<ring::TcpInfo> inspected(const ring::Completion& completion) {
        if (completion.result < 0) return std::nullopt;
        --descriptors_;
        return ring::TcpInfo{.rtt_ns = completion.user_data.slot + kMicrosecond};
    }
    // Its bytes are spoilt: who reads on gets others than were sent.
    void give_back_buffer(std::int32_t number) {
        const auto& free = kernel_.free_buffers();
        world_.require(std::ranges::count(given_, number) + std::ranges::count(free, number) == 0,
                       "a buffer is given back once");
        std::ranges::fill(kernel_.buffer(number), std::uint8_t{0xdd});
        given_.push_back(number);
    }
    void publish_buffers() {
        auto& free = kernel_.free_buffers();
        free.insert(free.end(), given_.begin(), given_.end());
        given_.clear();
    }
    [[nodiscard]] std::uint64_t enters() const { return enters_; }

    // --- for the test ----------------------------------------------------------------------------

    void step() { kernel_.step(); }
    // The connection on a slot, or null.
    [[nodiscard]] Wire* wire(std::uint32_t slot) { return kernel_.socket(slot).wire; }
    [[nodiscard]] bool all_buffers_back() {
        return kernel_.free_buffers().size() == kernel_.buffer_count();
    }
    // Nothing is in flight on any slot but accepts.
    [[nodiscard]] bool all_slots_free() {
        return std::ranges::all_of(kernel_.sockets(), [](const Socket& socket) {
            return socket.stage == Stage::accepting ||
                   (socket.stage == Stage::empty && socket.in_flight == 0);
        });
    }

  private:
    explicit FakeRing(const ring::RingOptions& options)
        : world_(World::current()),
          inspection_(options.features.inspection),
          kernel_(options.table_size, options.stamps) {
        world_.rings().push_back(this);
        requests_max_ = world_.pick({2, 16, 4'096});
        completions_max_ = world_.pick({3, 16, 4'096});
        batch_max_ = world_.pick({1, 5, 256});
    }

    // A full queue is submitted early.
    void queue(Request request) {
        if (requests_.size() >= requests_max_) enter();
        requests_.push_back(std::move(request));
    }
    void queue_on_open(Request request) {
        Socket& socket = kernel_.socket(request.slot);
        world_.require(socket.stage == Stage::open, "a request goes to an open connection");
        ++socket.in_flight;
        queue(std::move(request));
    }

    void run(const Request& request) {
        if (request.data.op == ring::Op::none) return kernel_.cancel(request.to_cancel.front());
        kernel_.run(request);
    }

    // The last completion of a request takes it off its slot; that of a close empties the slot in time.
    void note_taken(const ring::Completion& completion) {
        const ring::Op op = completion.user_data.op;
        if (op == ring::Op::send || op == ring::Op::poll || completion.armed == ring::Armed::yes) return;
        Socket& socket = kernel_.socket(completion.user_data.slot);
        --socket.in_flight;
        if (op == ring::Op::inspect && completion.result >= 0) ++descriptors_;
        if (op == ring::Op::receive && completion.result == 0 && socket.wire != nullptr) {
            socket.wire->news = News::ended;
        }
        const bool never_came = op == ring::Op::accept && completion.result < 0;
        const bool gone = socket.stage == Stage::closing && socket.in_flight == 0;
        if (never_came) world_.accept_failed_ns = world_.now_ns;
        if (never_came || gone) socket = {};
    }

    World& world_;
    ring::Inspection inspection_;
    FakeKernel kernel_;
    std::uint32_t descriptors_ = 0;  // installed, taken off the queue, and not closed
    std::uint32_t requests_max_ = 0;
    std::uint32_t completions_max_ = 0;
    std::uint32_t batch_max_ = 0;
    std::uint64_t enters_ = 0;
    std::vector<std::int32_t> given_;  // not yet published
    std::vector<Request> requests_;
    std::vector<Request> running_;
    std::deque<ring::Completion> visible_;
    std::vector<ring::Completion> batch_;
};

// Every ring lives one moment.
inline void World::step() {
    for (FakeRing* ring : rings_) ring->step();
}

}  // namespace wsblast::sim
