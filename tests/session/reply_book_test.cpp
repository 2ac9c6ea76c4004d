#include "session/reply_book.hpp"

#include <deque>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

using namespace wsblast;
using namespace wsblast::session;

namespace {

constexpr TimeNs kStep = 10;

// A book of one message an entry, in the order they were sent.
class NaiveBook {
  public:
    struct Message {
        std::uint64_t number;
        TimeNs due_ns;
        TimeNs sent_ns;
    };

    void push(const OpenRun& run, TimeNs step_ns) {
        for (std::uint32_t i = 0; i < run.count; ++i) {
            open_.push_back({run.first + i, run.due_ns + i * step_ns, run.sent_ns});
        }
    }
    std::vector<Message> pop(std::size_t count) {
        const auto end = open_.begin() + static_cast<std::ptrdiff_t>(count);
        std::vector<Message> popped(open_.begin(), end);
        open_.erase(open_.begin(), end);
        return popped;
    }
    ReplyBook::Taken take(std::uint64_t number) {
        for (auto message = open_.begin(); message != open_.end(); ++message) {
            if (message->number != number) continue;
            const ReplyBook::Taken taken{message->due_ns, message->sent_ns};
            open_.erase(message);
            return taken;
        }
        return {};
    }
    void clear() { open_.clear(); }
    [[nodiscard]] std::size_t size() const { return open_.size(); }
    [[nodiscard]] const Message& front() const { return open_.front(); }
    [[nodiscard]] const Message& back() const { return open_.back(); }

  private:
    std::deque<Message> open_;
};

// A book and its naive twin, with the numbers and times that a connection would give.
struct Twins {
    ReplyBook book{};
    NaiveBook naive;
    std::uint64_t sent = 0;
    TimeNs due_ns = 1'000;
    TimeNs now_ns = 1'000;

    void push(std::uint32_t count, TimeNs step_ns, RunPool& pool) {
        const OpenRun run{due_ns, now_ns, sent, count, 0};
        REQUIRE(book.push(run, step_ns, pool));
        naive.push(run, step_ns == kNever ? 0 : step_ns);
        sent += count;
        due_ns += step_ns == kNever ? kStep : count * step_ns;
    }
    void pop(Prng& random, TimeNs step_ns, RunPool& pool) {
        const auto count = static_cast<std::uint32_t>(1 + random.next_below(book.front().count));
        const TimeNs step = step_ns == kNever ? 0 : step_ns;
        const OpenRun front = book.front();
        const auto popped = naive.pop(count);
        for (std::uint32_t i = 0; i < count; ++i) {
            CHECK(popped[i].number == front.first + i);
            CHECK(popped[i].due_ns == front.due_ns + i * step);
            CHECK(popped[i].sent_ns == front.sent_ns);
        }
        book.pop(count, step_ns, pool);
    }
    void take(Prng& random, TimeNs step_ns, RunPool& pool) {
        const std::uint64_t number = random.next_below(sent + 2);
        const ReplyBook::Taken taken = book.take(number, step_ns, pool);
        const ReplyBook::Taken expected = naive.take(number);
        CHECK(taken.due_ns == expected.due_ns);
        CHECK(taken.sent_ns == expected.sent_ns);
    }
    void check() const {
        CHECK(book.open() == naive.size());
        if (naive.size() == 0) return;
        CHECK(book.front().first == naive.front().number);
        CHECK(book.front().due_ns == naive.front().due_ns);
        CHECK(book.front().count > 0);
    }
};

// Entries of the pool that are taken: what is left until it is exhausted tells.
std::uint32_t taken_of(RunPool& pool, std::uint32_t size) {
    std::vector<std::uint32_t> taken;
    while (!pool.exhausted()) taken.push_back(pool.take());
    for (const std::uint32_t number : taken) pool.give(number);
    return size - static_cast<std::uint32_t>(taken.size());
}

void check_at_random(std::uint64_t seed, TimeNs step_ns) {
    constexpr std::uint32_t kPoolSize = 4096;
    constexpr std::size_t kBooks = 3;
    RunPool pool(kPoolSize);
    Twins twins[kBooks];
    Prng random(seed);
    for (int i = 0; i < 600; ++i) {
        Twins& twin = twins[random.next_below(kBooks)];
        const std::uint32_t count =
            step_ns == kNever ? 1 : 1 + static_cast<std::uint32_t>(random.next_below(5));
        switch (random.next_below(8)) {
            case 0:
            case 1:
            case 2: twin.push(count, step_ns, pool); break;
            case 3:
                if (twin.book.open() > 0) twin.pop(random, step_ns, pool);
                break;
            case 4:
            case 5:
            case 6: twin.take(random, step_ns, pool); break;
            case 7:
                twin.now_ns += random.next_below(3);
                if (!random.chance(1, 10)) break;
                CHECK(twin.book.clear(pool) == twin.naive.size());
                twin.naive.clear();
                break;
        }
        twin.check();
    }
    for (Twins& twin : twins) CHECK(twin.book.clear(pool) == twin.naive.size());
    CHECK(taken_of(pool, kPoolSize) == 0);
}

}  // namespace

TEST_CASE("reply book: agrees with a naive list under any order of calls, and gives all back",
          "[session][reply_book]") {
    const TimeNs step_ns = GENERATE(TimeNs{0}, kStep, kNever);
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        INFO("seed " << seed << ", step " << step_ns);
        check_at_random(seed, step_ns);
    }
}

TEST_CASE("reply book: messages that were sent and became due together are one run",
          "[session][reply_book]") {
    RunPool pool(4);
    ReplyBook book{};
    REQUIRE(book.push({100, 500, 0, 2, 0}, kStep, pool));
    REQUIRE(book.push({120, 500, 2, 3, 0}, kStep, pool));
    CHECK(book.front().count == 5);
    CHECK(taken_of(pool, 4) == 0);
}

TEST_CASE("reply book: another time of sending, or a gap in the due times, begins a run",
          "[session][reply_book]") {
    const OpenRun next = GENERATE(OpenRun{120, 501, 2, 1, 0}, OpenRun{121, 500, 2, 1, 0});
    RunPool pool(4);
    ReplyBook book{};
    REQUIRE(book.push({100, 500, 0, 2, 0}, kStep, pool));
    REQUIRE(book.push(next, kStep, pool));
    CHECK(book.front().count == 2);
    CHECK(book.open() == 3);
    CHECK(taken_of(pool, 4) == 1);
    book.pop(2, kStep, pool);
    CHECK(book.front().first == 2);
    CHECK(book.front().due_ns == next.due_ns);
    CHECK(taken_of(pool, 4) == 0);
}

TEST_CASE("reply book: the first run of a connection needs no pool", "[session][reply_book]") {
    RunPool pool(1);
    const std::uint32_t only = pool.take();
    REQUIRE(pool.exhausted());
    ReplyBook book{};
    CHECK(book.push({1, 1, 0, 1, 0}, 0, pool));
    CHECK_FALSE(book.push({9, 9, 1, 1, 0}, 0, pool));
    CHECK(book.open() == 1);
    pool.give(only);
    CHECK(book.push({9, 9, 1, 1, 0}, 0, pool));
    CHECK(book.open() == 2);
}

TEST_CASE("reply book: what is not open cannot be taken", "[session][reply_book]") {
    RunPool pool(4);
    ReplyBook book{};
    CHECK(book.take(0, kStep, pool).sent_ns == 0);
    REQUIRE(book.push({100, 500, 5, 3, 0}, kStep, pool));
    CHECK(book.take(4, kStep, pool).sent_ns == 0);
    CHECK(book.take(8, kStep, pool).sent_ns == 0);
    CHECK(book.take(6, kStep, pool).due_ns == 110);
    CHECK(book.take(6, kStep, pool).sent_ns == 0);
    CHECK(book.open() == 2);
}

TEST_CASE("reply book: a message that is never answered does not keep those that were answered after it",
          "[session][reply_book]") {
    RunPool pool(2);
    ReplyBook book{};
    REQUIRE(book.push({1, 1, 0, 1, 0}, kNever, pool));
    for (std::uint64_t number = 1; number < 1'000; ++number) {
        REQUIRE(book.push({number, number, number, 1, 0}, kNever, pool));
        REQUIRE(book.take(number, kNever, pool).sent_ns == number);
    }
    CHECK(book.open() == 1);
    REQUIRE(book.push({1'000, 1'000, 1'000, 1, 0}, kNever, pool));
    CHECK(book.take(0, kNever, pool).sent_ns == 1);
    CHECK(book.front().first == 1'000);
}

TEST_CASE("reply book: find looks at open messages, the oldest first", "[session][reply_book]") {
    RunPool pool(16);
    ReplyBook book{};
    const auto any_of = [](std::uint64_t a, std::uint64_t b) {
        return [=](std::uint64_t number) { return number == a || number == b; };
    };
    CHECK(book.find(pool, any_of(0, 1)) == ReplyBook::kNone);
    REQUIRE(book.push({10, 10, 0, 3, 0}, kStep, pool));
    REQUIRE(book.push({100, 100, 3, 2, 0}, kStep, pool));
    CHECK(book.find(pool, any_of(4, 1)) == 1);
    CHECK(book.take(1, kStep, pool).sent_ns == 10);
    CHECK(book.find(pool, any_of(4, 1)) == 4);
    CHECK(book.find(pool, any_of(7, 1)) == ReplyBook::kNone);
}
