// The transport over the kernel's TCP: as many rings as the connections of one worker need, driven as one.
//
// A ring's table is bounded by the file limit, so a worker may have several (lanes). A busy worker enters
// each of them once a tick without waiting; before it blocks, in the first one, it has the others signal an
// eventfd that the first one polls, and looks at all of them once more.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "ring/features.hpp"
#include "ring/ring.hpp"
#include "transport/accept_pace.hpp"
#include "transport/lane.hpp"
#include "transport/transport.hpp"

namespace wsblast::transport {

// When the rings for all connections are made. One takes some milliseconds, in which nothing else is done.
enum class RingsMade : std::uint8_t { before, as_needed };

struct UringTransportOptions {
    ring::Features features;
    std::uint32_t connections = 0;             // the most that can be open at the same time
    std::optional<SourceSlice> sources;        // where connections come from; a listener needs none
    ring::Stamps stamps = ring::Stamps::none;  // of what arrives on connections that were opened
    std::vector<int> listen_descriptors{};     // bound, listening sockets, or none. The caller closes them.
    AcceptPace* accept_pace = nullptr;         // of what is accepted; none: as it comes. Lives longer.
    RingsMade rings_made = RingsMade::before;  // of what is opened; a listener's are made as needed
};

// Satisfies Transport (see transport.hpp); `Ring` is ring::Ring or a scripted one.
template <class Ring>
class UringTransport {
  public:
    // Opens the first ring, or all of them. The calling thread is the only one that may use it from then
    // on, wake() excepted.
    [[nodiscard]] static Result<std::unique_ptr<UringTransport>> open(UringTransportOptions options) {
        std::unique_ptr<UringTransport> transport(new UringTransport(std::move(options)));
        if (transport->wake_descriptor_ < 0) return ring::explain_setup_failure(errno);
        const bool one = transport->listening() || transport->options_.rings_made == RingsMade::as_needed;
        const std::uint32_t lanes = one ? 1 : transport->lanes_max();
        while (transport->lanes_.size() < lanes) {
            if (const auto added = transport->add_lane(); !added) return added.error();
        }
        transport->first().ring().poll(transport->wake_descriptor_, wake_data());
        return transport;
    }

    ~UringTransport() { ::close(wake_descriptor_); }
    UringTransport(const UringTransport&) = delete;
    UringTransport& operator=(const UringTransport&) = delete;

    [[nodiscard]] std::uint32_t capacity() const { return lanes_max() * table_size_; }
    [[nodiscard]] const TransportCounters& counters() const { return shared_.counters; }

    [[nodiscard]] ConnectionId open(TargetId target) {
        for (auto& lane : lanes_) {
            if (lane->free_slots() > 0) return lane->open(target);
        }
        if (lanes_.size() == lanes_max() || !add_lane()) return kNoConnection;
        return lanes_.back()->open(target);
    }

    [[nodiscard]] ByteSpan reserve(ConnectionId cid, std::size_t size) {
        return lane_of(cid).reserve(slot_of(cid), size);
    }
    void commit(ConnectionId cid, std::size_t size) { lane_of(cid).commit(slot_of(cid), size); }
    [[nodiscard]] bool commit_ref(ConnectionId cid, ByteView bytes) {
        return lane_of(cid).commit_ref(slot_of(cid), bytes);
    }
    void close(ConnectionId cid, CloseMode mode) { lane_of(cid).close(slot_of(cid), mode); }

    void inspect(ConnectionId cid) { lane_of(cid).inspect(slot_of(cid)); }

    void pause(ConnectionId cid) { lane_of(cid).pause(slot_of(cid)); }
    void resume(ConnectionId cid) { lane_of(cid).resume(slot_of(cid)); }

    // Arms no more accepts. Connections that come meanwhile are still reported; their owner closes them.
    void stop_listening() { options_.listen_descriptors.clear(); }

    // Thread-safe: the poll() that blocks, or the next one, returns at once.
    void wake() const { eventfd_write(wake_descriptor_, 1); }

    // One tick: submits what was queued, waits as `wait` allows, acts on everything that has come.
    template <class Handler>
    void poll(Handler& handler, const PollWait& wait) {
        if (listening()) keep_accepting(wait.now_ns);
        for (auto& lane : lanes_) lane->flush();
        const TimeNs patience_ns = patience(wait);
        if (lanes_.size() == 1) {
            enter_one(patience_ns, wait.awaiting_answers);
        } else {
            enter_all(patience_ns);
        }
        const TimeNs now_ns = monotonic_now();
        note_wait(now_ns - wait.now_ns);
        if (options_.stamps == ring::Stamps::kernel) shared_.stamp_clock.refresh(now_ns);
        for (auto& lane : lanes_) lane->reap(handler, now_ns);
        take_wake_ups();
        handler.on_burst_end(now_ns);
    }

  private:
    // The first ring's poll on another ring's eventfd.
    enum class Watch : std::uint8_t { idle, armed };

    explicit UringTransport(UringTransportOptions options) : options_(std::move(options)) {
        table_size_ = std::min(options_.features.table_size_max, options_.connections);
        shared_.sources = options_.sources;
        wake_descriptor_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    }

    [[nodiscard]] static ring::UserData wake_data() { return {ring::Op::poll, 0, kWakeIndex}; }
    // How long this tick may block: 0 when something is already waiting to be done.
    [[nodiscard]] TimeNs patience(const PollWait& wait) const {
        TimeNs until_ns = wait.until_ns;
        if (accept_again_ns_ > wait.now_ns) until_ns = std::min(until_ns, accept_again_ns_);
        for (const auto& lane : lanes_) {
            if (lane->has_deferred_work()) return 0;
        }
        if (until_ns == kNever) return kNever;
        return until_ns > wait.now_ns ? until_ns - wait.now_ns : 0;
    }
    [[nodiscard]] bool listening() const { return !options_.listen_descriptors.empty(); }
    [[nodiscard]] std::uint32_t lanes_max() const {
        return (options_.connections + table_size_ - 1) / table_size_;
    }
    [[nodiscard]] Lane<Ring>& first() { return *lanes_.front(); }
    [[nodiscard]] Lane<Ring>& lane_of(ConnectionId cid) {
        return cid < table_size_ ? first() : *lanes_[cid / table_size_];
    }
    // A division costs more than a branch that is always the same.
    [[nodiscard]] std::uint32_t slot_of(ConnectionId cid) const {
        return cid < table_size_ ? cid : cid % table_size_;
    }

    [[nodiscard]] Result<void> add_lane() {
        auto ring = Ring::open(
            {.features = options_.features, .table_size = table_size_, .stamps = options_.stamps});
        if (!ring) return ring.error();
        const auto index = static_cast<std::uint32_t>(lanes_.size());
        lanes_.push_back(
            std::make_unique<Lane<Ring>>(std::move(*ring), shared_, index * table_size_, table_size_));
        watches_.push_back(Watch::idle);
        if (!lanes_.back()->ok()) return ring::explain_setup_failure(ENOMEM);
        return {};
    }

    // --- entering the kernel ---------------------------------------------------------------------

    // With one ring the wait can be for a batch: fewer system calls a message, and no answer is held back
    // longer than limits::kWaitBatchNs. A wait that brought nothing is followed by an ordinary one.
    void enter_one(TimeNs patience_ns, std::uint32_t awaiting_answers) {
        Ring& ring = first().ring();
        batch_ = 1;
        if (patience_ns == 0) return ring.enter();
        if (last_wait_brought_)
            batch_ = std::clamp(awaiting_answers / kBatchShare, 1u, limits::kWaitBatchMax);
        block_in(ring, batch_ > 1 ? std::min(patience_ns, limits::kWaitBatchNs) : patience_ns);
    }

    // Waits for a batch, and accounts for the time.
    void block_in(Ring& ring, TimeNs patience_ns) {
        const TimeNs before_ns = monotonic_now();
        ring.enter_and_wait(batch_, patience_ns);
        shared_.counters.waited_ns += monotonic_now() - before_ns;
    }

    void enter_all(TimeNs patience_ns) {
        batch_ = 1;
        bool came = false;
        for (auto& lane : lanes_) came = enter_if_wanted(*lane) || came;
        if (came || patience_ns == 0) return;
        for (std::size_t i = 1; i < lanes_.size(); ++i) watch(i);
        // What came between the last look and the signal would wake nobody.
        for (std::size_t i = 1; i < lanes_.size(); ++i) came = lanes_[i]->ring().wants_enter() || came;
        if (came) {
            first().ring().enter();
        } else {
            block_in(first().ring(), patience_ns);
        }
        for (std::size_t i = 1; i < lanes_.size(); ++i) {
            lanes_[i]->ring().signal_eventfd(ring::Armed::no);
            enter_if_wanted(*lanes_[i]);
        }
    }

    // True when there is something to act on now.
    bool enter_if_wanted(Lane<Ring>& lane) {
        if (lane.ring().wants_enter()) lane.ring().enter();
        return lane.ring().has_completions();
    }

    // Has the first ring notice what happens in another one.
    void watch(std::size_t index) {
        Ring& ring = lanes_[index]->ring();
        ring.signal_eventfd(ring::Armed::yes);
        if (watches_[index] == Watch::armed) return;
        watches_[index] = Watch::armed;
        first().ring().poll(ring.eventfd_descriptor(),
                            {ring::Op::poll, 0, static_cast<std::uint32_t>(index)});
    }

    // The polls of the first ring that fired. What made them fire is read, so that it cannot fire twice; a
    // lane's poll is armed again when the next wait begins.
    void take_wake_ups() {
        first().take_fired_polls([this](std::uint32_t index) {
            eventfd_t ignored = 0;
            if (index == kWakeIndex) {
                eventfd_read(wake_descriptor_, &ignored);
                first().ring().poll(wake_descriptor_, wake_data());
            } else {
                eventfd_read(lanes_[index]->ring().eventfd_descriptor(), &ignored);
                watches_[index] = Watch::idle;
            }
        });
    }

    void note_wait(TimeNs waited_ns) {
        last_wait_brought_ = first().ring().has_completions();
        if (batch_ == 1 || !last_wait_brought_) return;
        TimeNs& longest = shared_.counters.batch_wait_ns_max;
        longest = std::max(longest, std::min(waited_ns, limits::kWaitBatchNs));
    }

    // --- accepting -------------------------------------------------------------------------------

    // Keeps a number of accepts armed, evenly over the listening sockets and on slots known to be empty: a
    // full table leaves clients in the backlog and drops none. A lane is added when the others are nearly
    // full.
    void keep_accepting(TimeNs now_ns) {
        for (auto& lane : lanes_) {
            if (lane->take_accept_error() != 0) accept_again_ns_ = now_ns + limits::kAcceptPauseNs;
        }
        if (options_.accept_pace != nullptr) pay_for_accepts(*options_.accept_pace, now_ns);
        if (now_ns < accept_again_ns_) return;
        const auto listeners = static_cast<std::uint32_t>(options_.listen_descriptors.size());
        bool full = false;
        for (std::uint32_t listener = 0; listener < listeners; ++listener) {
            full = !arm_accepts(listener, accepts_wanted(listeners)) || full;
        }
        if (full && lanes_.size() < lanes_max() && !add_lane()) {
            accept_again_ns_ = now_ns + limits::kAcceptPauseNs;
        }
    }

    // What is no longer armed was accepted since the last tick; one that failed is paid for too.
    void pay_for_accepts(AcceptPace& pace, TimeNs now_ns) {
        for (; accepts_paid_for_ + accepts_armed() < accepts_made_; ++accepts_paid_for_) pace.take(now_ns);
        accept_again_ns_ = std::max(accept_again_ns_, pace.next_ns());
    }
    [[nodiscard]] std::uint64_t accepts_armed() const {
        std::uint64_t armed = 0;
        for (std::uint32_t listener = 0; listener < options_.listen_descriptors.size(); ++listener)
            for (const auto& lane : lanes_) armed += lane->accepts_armed(listener);
        return armed;
    }

    // On each listening socket. What is armed may be accepted at once: where accepts are paced it is one.
    [[nodiscard]] std::uint32_t accepts_wanted(std::uint32_t listeners) const {
        return options_.accept_pace != nullptr ? 1 : std::max(limits::kAcceptsArmed / listeners, 1u);
    }

    // False: there are no slots for so many.
    bool arm_accepts(std::uint32_t listener, std::uint32_t wanted) {
        std::uint32_t armed = 0;
        for (auto& lane : lanes_) armed += lane->accepts_armed(listener);
        for (auto& lane : lanes_) {
            for (; armed < wanted && lane->free_slots() > 0; ++armed) {
                ++accepts_made_;
                lane->accept(options_.listen_descriptors[listener], listener);
            }
        }
        return armed >= wanted;
    }

    // A batch is asked for when so many connections wait for an answer for each of its completions.
    static constexpr std::uint32_t kBatchShare = 4;
    // The poll of the first ring with this number is that of wake(); the others carry their lane's.
    static constexpr std::uint32_t kWakeIndex = 0;

    // Constant after open(), but for lanes that are made as needed.
    UringTransportOptions options_;
    std::uint32_t table_size_ = 0;
    int wake_descriptor_ = -1;
    LaneShared shared_;
    std::vector<std::unique_ptr<Lane<Ring>>> lanes_;
    std::vector<Watch> watches_;  // by lane
    // Per tick.
    std::uint32_t batch_ = 1;
    bool last_wait_brought_ = true;
    TimeNs accept_again_ns_ = 0;
    // Accepts that were ever armed, and those of them that have used up a share of the pace.
    std::uint64_t accepts_made_ = 0;
    std::uint64_t accepts_paid_for_ = 0;
};

}  // namespace wsblast::transport
