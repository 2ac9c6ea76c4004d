#include "target/faulty_answers.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace wsblast::target {

namespace {

using Log = std::vector<std::string>;

// Answers that are texts, and what they are sent through.
class World {
  public:
    explicit World(const plan::FaultPlan& plan) : faulty_(plan, counters_, 0, 0) {
        REQUIRE(faulty_.prepare(4));
        faulty_.opened(0, now_ns_);
    }

    // --- what FaultyAnswers sends through
    [[nodiscard]] TimeNs now_ns() const { return now_ns_; }
    Sent send_frame(transport::ConnectionId, ByteView frame) {
        if (room == Sent::no) return Sent::no;
        constexpr std::size_t kShown = 64;
        sent.emplace_back(as_text(frame).substr(0, kShown));
        return Sent::yes;
    }
    void answered(transport::ConnectionId) { ++answered_count; }

    void answer(const std::string& text, Exposure exposure = Exposure::all) {
        faulty_.answer(*this, {0, text.size(), exposure},
                       [&](std::uint8_t* out) { std::ranges::copy(text, out); });
    }
    void advance(TimeNs time_ns) {
        now_ns_ += time_ns;
        faulty_.expire(*this);
    }
    [[nodiscard]] std::uint64_t count(Count what) const { return counters_[what].get(); }
    // What the counters make of `answers` answers, all of which have left or never will.
    [[nodiscard]] bool adds_up(std::uint64_t answers) const {
        const std::uint64_t copies = count(Count::duplicated);
        const std::uint64_t never = count(Count::dropped) + count(Count::unanswered);
        return sent.size() == answers + copies - never && answered_count == answers - never;
    }
    FaultyAnswers& faulty() { return faulty_; }

    Sent room = Sent::yes;
    Log sent;
    std::uint64_t answered_count = 0;

  private:
    TimeNs now_ns_ = kSecond;
    Counters counters_{};
    FaultyAnswers faulty_;
};

plan::FaultPlan with_shares(double drop, double duplicate, double reorder) {
    plan::FaultPlan plan;
    plan.drop = drop;
    plan.duplicate = duplicate;
    plan.reorder = reorder;
    plan.seed = 5;
    return plan;
}

// Answers "0", "1", ... until all have left.
void answer_many(World& world, int answers, TimeNs apart_ns) {
    for (int i = 0; i < answers; ++i) {
        world.answer(std::to_string(i));
        world.advance(apart_ns);
    }
    world.advance(kMinute);
    while (world.faulty().next_wake(world.now_ns()) != kNever) world.advance(1);
}

// What a client sees: answers that came twice, and those that came first after a later one (RFC 4737 3.3).
struct Seen {
    std::uint64_t duplicates = 0;
    std::uint64_t out_of_order = 0;
    std::uint64_t different = 0;
};
Seen look_at(const Log& sent) {
    Seen seen;
    std::set<int> known;
    for (const std::string& text : sent) {
        const int number = std::stoi(text);
        if (!known.insert(number).second) {
            ++seen.duplicates;
        } else if (number < *known.rbegin()) {
            ++seen.out_of_order;
        }
    }
    seen.different = known.size();
    return seen;
}

TEST_CASE("faulty answers: they are asked only where a fault touches answers", "[target][faulty]") {
    Counters counters{};
    plan::FaultPlan plan;
    plan.close_after_ns = kSecond;
    plan.rejections = {{503, 1}};
    CHECK_FALSE(FaultyAnswers(plan, counters, 0, 0).active());
    plan.drop = 0.1;
    CHECK(FaultyAnswers(plan, counters, 0, 0).active());
}

TEST_CASE("faulty answers: all that a client sees is counted, to the message", "[target][faulty]") {
    constexpr int kAnswers = 20'000;
    plan::FaultPlan plan = with_shares(0.01, 0.02, 0.03);
    const auto law = GENERATE(plan::DelayLaw::none, plan::DelayLaw::fixed, plan::DelayLaw::exponential);
    const TimeNs apart_ns = GENERATE(TimeNs{0}, 100 * kMicrosecond, 30 * kMillisecond);
    plan.delay = {law, 2 * kMillisecond, 0, 0};
    World world(plan);
    answer_many(world, kAnswers, apart_ns);
    const Seen seen = look_at(world.sent);
    CHECK(seen.different == kAnswers - world.count(Count::dropped));
    CHECK(seen.duplicates == world.count(Count::duplicated));
    CHECK(seen.out_of_order == world.count(Count::reordered));
    CHECK(world.count(Count::dropped) > 150);
    CHECK(world.count(Count::duplicated) > 300);
    CHECK(world.count(Count::reordered) > 400);
    CHECK(world.count(Count::unanswered) == 0);
    CHECK(world.adds_up(kAnswers));
}

TEST_CASE("faulty answers: an answer is overtaken by the next one that leaves", "[target][faulty]") {
    World world(with_shares(0, 0, 1));
    world.answer("0");
    CHECK(world.sent.empty());
    world.answer("1");
    CHECK(world.sent == Log{"1", "0"});
    CHECK(world.count(Count::reordered) == 1);
    world.answer("2");
    CHECK(world.sent.size() == 2);
}

TEST_CASE("faulty answers: one that nothing overtakes in time leaves in order, and is not counted",
          "[target][faulty]") {
    World world(with_shares(0, 0, 1));
    world.answer("0");
    world.advance(limits::kReorderWaitNs - 1);
    CHECK(world.sent.empty());
    world.advance(1);
    CHECK(world.sent == Log{"0"});
    CHECK(world.count(Count::reordered) == 0);
    // The wait of the first must not end that of the third.
    world.answer("1");
    world.advance(limits::kReorderWaitNs / 2);
    world.answer("2");
    world.answer("3");
    world.advance(limits::kReorderWaitNs / 2);
    CHECK(world.sent == Log{"0", "2", "1"});
    world.advance(limits::kReorderWaitNs / 2);
    CHECK(world.sent == Log{"0", "2", "1", "3"});
    CHECK(world.count(Count::reordered) == 1);
    CHECK(world.adds_up(4));
}

TEST_CASE("faulty answers: acknowledgements are held back, and nothing else befalls them",
          "[target][faulty]") {
    for (const plan::FaultPlan& shares :
         {with_shares(1, 0, 0), with_shares(0, 1, 0), with_shares(0, 0, 1)}) {
        plan::FaultPlan plan = shares;
        plan.delay = {plan::DelayLaw::fixed, kMillisecond, 0, 0};
        World world(plan);
        world.answer("0", Exposure::time);
        CHECK(world.sent.empty());
        world.advance(kMillisecond);
        CHECK(world.sent == Log{"0"});
    }
}

TEST_CASE("faulty answers: a delay is kept to the nanosecond", "[target][faulty]") {
    plan::FaultPlan plan;
    plan.delay = {plan::DelayLaw::fixed, 2 * kMillisecond, 0, 0};
    World world(plan);
    world.answer("0");
    CHECK(world.faulty().next_wake(world.now_ns()) ==
          world.now_ns() + 2 * kMillisecond - limits::kWakeUpNs);
    world.advance(2 * kMillisecond - 1);
    CHECK(world.sent.empty());
    CHECK(world.faulty().next_wake(world.now_ns()) == world.now_ns());
    world.advance(1);
    CHECK(world.sent == Log{"0"});
    CHECK(world.count(Count::delayed) == 1);
    CHECK(world.faulty().next_wake(world.now_ns()) == kNever);
}

TEST_CASE("faulty answers: a queue comes before everything else, and a dropped answer has used it",
          "[target][faulty]") {
    plan::FaultPlan plan;
    plan.service = {.time = {plan::DelayLaw::fixed, kMillisecond, 0, 0}, .servers = 1};
    plan.delay = {plan::DelayLaw::fixed, 5 * kMillisecond, 0, 0};
    World world(plan);
    world.answer("0");
    world.answer("1");
    world.advance(6 * kMillisecond - 1);
    CHECK(world.sent.empty());
    world.advance(1);
    CHECK(world.sent == Log{"0"});
    world.advance(kMillisecond + 20);
    CHECK(world.sent == Log{"0", "1"});
    CHECK(world.count(Count::late_ns) == 20);
    CHECK(world.count(Count::served) == 2);

    plan = with_shares(1, 0, 0);
    plan.service = {.time = {plan::DelayLaw::fixed, kMillisecond, 0, 0}, .servers = 1};
    World dropping(plan);
    dropping.answer("0");
    dropping.answer("1", Exposure::time);
    dropping.advance(2 * kMillisecond - 1);
    CHECK(dropping.sent.empty());
    dropping.advance(1);
    CHECK(dropping.sent == Log{"1"});
}

TEST_CASE("faulty answers: with a queue the clock is looked at for a while after a message",
          "[target][faulty]") {
    plan::FaultPlan plan;
    plan.service = {.time = {plan::DelayLaw::fixed, kMicrosecond, 0, 0}, .servers = 1};
    World world(plan);
    CHECK(world.faulty().next_wake(world.now_ns()) == kNever);
    world.answer("0");
    world.advance(limits::kServiceAwakeNs - 1);
    CHECK(world.faulty().next_wake(world.now_ns()) == world.now_ns());
    world.advance(1);
    CHECK(world.faulty().next_wake(world.now_ns()) == kNever);
}

TEST_CASE("faulty answers: what is burnt is counted, and the answer leaves all the same",
          "[target][faulty]") {
    plan::FaultPlan plan;
    plan.burn = {kMicrosecond, 50};
    World world(plan);
    for (int i = 0; i < 10; ++i) world.answer(std::to_string(i));
    CHECK(world.sent.size() == 10);
    CHECK(world.count(Count::burnt) == 5);
}

TEST_CASE("faulty answers: a stall holds back what arrives in it and what is delayed into it",
          "[target][faulty]") {
    plan::FaultPlan plan;
    plan.stall = {kSecond, 10 * kSecond};
    plan.delay = {plan::DelayLaw::fixed, 2 * kSecond, 0, 0};
    World world(plan);
    world.advance(6 * kSecond);
    world.answer("0");  // at 7 s: due at 9 s, in the stall
    world.advance(kSecond);
    world.answer("1");  // at 8 s: due when the stall ends
    world.advance(2 * kSecond - 1);
    CHECK(world.sent.empty());
    world.advance(1);
    CHECK(world.sent == Log{"0", "1"});
    CHECK(world.count(Count::stalled) == 1);
    CHECK(world.count(Count::delayed) == 2);
}

TEST_CASE("faulty answers: what comes when a stall has ended does not overtake what waited for its end",
          "[target][faulty]") {
    plan::FaultPlan plan;
    plan.stall = {kSecond, 2 * kSecond};
    World world(plan);  // its time begins in a stall
    world.answer("0");
    world.advance(kSecond - 1);
    CHECK(world.sent.empty());
    // The message comes before the tick that does what is due.
    struct Later {
        World& world;
        [[nodiscard]] TimeNs now_ns() const { return world.now_ns() + kMillisecond; }
        Sent send_frame(transport::ConnectionId cid, ByteView frame) {
            return world.send_frame(cid, frame);
        }
        void answered(transport::ConnectionId cid) { world.answered(cid); }
    } later{world};
    world.faulty().answer(later, {0, 1, Exposure::all}, [](std::uint8_t* out) { *out = '1'; });
    world.advance(kMillisecond);
    CHECK(world.sent == Log{"0", "1"});
    CHECK(world.count(Count::reordered) == 0);
}

TEST_CASE(
    "faulty answers: what is still held back when its connection ends is not sent, nor to the next one",
    "[target][faulty]") {
    plan::FaultPlan plan = with_shares(0, 0, 1);
    World held(plan);
    held.answer("0");
    held.faulty().gone(0);
    held.faulty().opened(0, held.now_ns());
    held.advance(kMinute);
    CHECK(held.sent.empty());
    CHECK(held.count(Count::unanswered) == 1);

    plan = {};
    plan.delay = {plan::DelayLaw::fixed, kMillisecond, 0, 0};
    World delayed(plan);
    delayed.answer("0");
    delayed.faulty().gone(0);
    delayed.faulty().opened(0, delayed.now_ns());
    delayed.answer("1");
    delayed.advance(kMillisecond);
    CHECK(delayed.sent == Log{"1"});
    CHECK(delayed.adds_up(2));
}

TEST_CASE("faulty answers: what could not be sent is neither doubled nor reordered", "[target][faulty]") {
    for (const plan::FaultPlan& plan : {with_shares(0, 1, 0), with_shares(0, 0, 1)}) {
        World world(plan);
        world.room = Sent::no;
        world.answer("0");
        world.answer("1");
        CHECK(world.count(Count::unanswered) == 2);
        CHECK(world.count(Count::duplicated) + world.count(Count::reordered) == 0);
        CHECK(world.adds_up(2));
    }
}

TEST_CASE("faulty answers: memory is given back, however an answer ends", "[target][faulty]") {
    constexpr std::size_t kPoolChunks = limits::kDelayedBytesMax / ChunkPool::kChunkMax;
    plan::FaultPlan plan = with_shares(0.1, 0.1, 0.3);
    plan.delay = {plan::DelayLaw::fixed, kMillisecond, 0, 0};
    World world(plan);
    const auto answer = [&] {
        world.faulty().answer(world, {0, ChunkPool::kChunkMax, Exposure::all}, [](std::uint8_t*) {});
    };
    for (std::size_t i = 0; i < 4 * kPoolChunks; ++i) {
        world.room = i % 3 == 0 ? Sent::no : Sent::yes;
        answer();
        if (i % 5 == 0) {
            world.faulty().gone(0);
            world.faulty().opened(0, world.now_ns());
        }
        world.advance(kMillisecond);
    }
    world.advance(kSecond);
    const std::uint64_t before = world.count(Count::unanswered);
    for (std::size_t i = 0; i < kPoolChunks; ++i) answer();
    CHECK(world.count(Count::unanswered) == before);
}

TEST_CASE("faulty answers: for want of memory an answer is counted and left out", "[target][faulty]") {
    plan::FaultPlan plan;
    plan.delay = {plan::DelayLaw::fixed, kMillisecond, 0, 0};
    World world(plan);
    world.answer(std::string(ChunkPool::kChunkMax + 1, 'x'));
    CHECK(world.count(Count::unanswered) == 1);
    world.answer("1");
    world.advance(kMillisecond);
    CHECK(world.sent == Log{"1"});
}

TEST_CASE("faulty answers: pushes come evenly, from the upgrade to the end", "[target][faulty]") {
    plan::FaultPlan plan;
    plan.pushes_per_s = 10;
    World world(plan);
    world.advance(kSecond / 10 - 1);
    CHECK(world.sent.empty());
    world.advance(1);
    CHECK(world.sent == Log{"\x81\x17"
                            R"({"type":"push","seq":1})"});
    world.advance(kSecond / 2);
    CHECK(world.sent.size() == 6);
    CHECK(world.count(Count::pushed) == 6);
    CHECK(world.answered_count == 0);
    world.faulty().gone(0);
    world.advance(kSecond);
    CHECK(world.sent.size() == 6);
    CHECK(world.faulty().next_wake(world.now_ns()) == kNever);
}

TEST_CASE("faulty answers: a connection that is closing gets no pushes any more", "[target][faulty]") {
    plan::FaultPlan plan;
    plan.pushes_per_s = 10;
    World world(plan);
    world.room = Sent::no;
    world.advance(kSecond);
    CHECK(world.count(Count::pushed) == 0);
    CHECK(world.faulty().next_wake(world.now_ns()) == kNever);
}

TEST_CASE("faulty answers: a tick does a bounded number of things, and is wanted again at once",
          "[target][faulty]") {
    plan::FaultPlan plan;
    plan.delay = {plan::DelayLaw::fixed, kMillisecond, 0, 0};
    World world(plan);
    for (std::uint32_t i = 0; i < limits::kTimersPerTick + 1; ++i) world.answer("x");
    world.advance(kMillisecond);
    CHECK(world.sent.size() == limits::kTimersPerTick);
    CHECK(world.faulty().next_wake(world.now_ns()) == world.now_ns());
    world.advance(0);
    CHECK(world.sent.size() == limits::kTimersPerTick + 1);
}

}  // namespace

}  // namespace wsblast::target
