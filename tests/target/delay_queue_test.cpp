#include "target/delay_queue.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

namespace wsblast::target {

namespace {

Later due_at(TimeNs due_ns, transport::ConnectionId cid = 0) {
    return Later{.due_ns = due_ns, .cid = cid};
}

TEST_CASE("delay queue: the earliest is next, whatever the order of the pushes", "[target][delay_queue]") {
    DelayQueue queue;
    Prng random(1);
    std::vector<TimeNs> times;
    for (int i = 0; i < 1'000; ++i) {
        times.push_back(random.next_below(kSecond));
        queue.push(due_at(times.back()));
    }
    std::ranges::sort(times);
    CHECK(queue.size() == times.size());
    for (const TimeNs due_ns : times) {
        REQUIRE(queue.next_ns() == due_ns);
        REQUIRE(queue.pop().due_ns == due_ns);
    }
    CHECK(queue.empty());
}

TEST_CASE("delay queue: of what is due together the first pushed is next", "[target][delay_queue]") {
    DelayQueue queue;
    for (transport::ConnectionId cid = 0; cid < 100; ++cid) {
        queue.push(due_at(2, cid));
        queue.push(due_at(1, cid));
    }
    for (transport::ConnectionId cid = 0; cid < 100; ++cid) REQUIRE(queue.pop().cid == cid);
    for (transport::ConnectionId cid = 0; cid < 100; ++cid) REQUIRE(queue.pop().cid == cid);
}

TEST_CASE("delay queue: where nothing waits the next is never", "[target][delay_queue]") {
    DelayQueue queue;
    CHECK(queue.next_ns() == kNever);
    queue.push(due_at(7));
    CHECK(queue.next_ns() == 7);
    CHECK(queue.pop().due_ns == 7);
    CHECK(queue.next_ns() == kNever);
}

}  // namespace

}  // namespace wsblast::target
