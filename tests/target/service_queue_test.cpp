#include "target/service_queue.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "target/faults.hpp"

namespace wsblast::target {

namespace {

constexpr TimeNs kService = 100 * kMicrosecond;

plan::ServicePlan plan_of(plan::DelayLaw law, std::uint32_t servers) {
    return {.time = {law, kService, 0, 0}, .servers = servers};
}

// Arrivals that know nothing of each other.
class Arrivals {
  public:
    explicit Arrivals(double per_s) : gap_ns_(1e9 / per_s) {}
    TimeNs next() {
        at_ns_ += -std::log1p(-fraction_of(random_.next())) * gap_ns_;
        return static_cast<TimeNs>(at_ns_);
    }

  private:
    double gap_ns_;
    double at_ns_ = 1e9;
    Prng random_{11};
};

// The same queue, played event by event: a line, and servers that take the next one whenever they are done.
class PlayedQueue {
  public:
    explicit PlayedQueue(std::uint32_t servers) : busy_until_(servers, 0) {}

    void arrive(TimeNs at_ns, TimeNs service_ns) {
        play_until(at_ns);
        line_.push_back({departures.size(), service_ns});
        departures.push_back(0);
        serve(at_ns);
    }
    void play_until(TimeNs end_ns) {
        for (;;) {
            TimeNs done_ns = kNever;
            for (const TimeNs until_ns : busy_until_)
                if (until_ns > 0) done_ns = std::min(done_ns, until_ns);
            if (done_ns > end_ns) return;
            for (TimeNs& until_ns : busy_until_)
                if (until_ns == done_ns) until_ns = 0;
            serve(done_ns);
        }
    }
    std::vector<TimeNs> departures;  // by number of arrival

  private:
    struct InLine {
        std::size_t number;
        TimeNs service_ns;
    };
    void serve(TimeNs now_ns) {
        for (TimeNs& until_ns : busy_until_) {
            if (until_ns > 0 || line_.empty()) continue;
            until_ns = now_ns + line_.front().service_ns;
            departures[line_.front().number] = until_ns;
            line_.pop_front();
        }
    }

    std::vector<TimeNs> busy_until_;  // 0: idle
    std::deque<InLine> line_;
};

TEST_CASE("service queue: an answer leaves after its service time, or waits for the one before it",
          "[target][service_queue]") {
    Counters counters{};
    ServiceQueue queue(plan_of(plan::DelayLaw::fixed, 1), 1, counters);
    CHECK(queue.depart(kSecond) == kSecond + kService);
    CHECK(queue.depart(kSecond + 1) == kSecond + 2 * kService);
    CHECK(queue.depart(kSecond + 2 * kService) == kSecond + 3 * kService);
    CHECK(queue.depart(2 * kSecond) == 2 * kSecond + kService);
}

TEST_CASE("service queue: as many answers as there are servers are worked on at a time",
          "[target][service_queue]") {
    Counters counters{};
    ServiceQueue queue(plan_of(plan::DelayLaw::fixed, 3), 1, counters);
    for (const TimeNs turns : {1, 1, 1, 2, 2, 2, 3})
        CHECK(queue.depart(kSecond) == kSecond + turns * kService);
}

TEST_CASE("service queue: who arrives late and all at once has lost no capacity",
          "[target][service_queue]") {
    Counters counters{};
    ServiceQueue queue(plan_of(plan::DelayLaw::fixed, 1), 1, counters);
    TimeNs last_ns = 0;
    // The thread sleeps for 30 service times, again and again, and reads 30 messages.
    for (TimeNs turn = 1; turn <= 100; ++turn)
        for (int i = 0; i < 30; ++i) last_ns = queue.depart(turn * 30 * kService);
    CHECK(last_ns == 30 * kService + 3'000 * kService);
}

TEST_CASE("service queue: departures are those of a queue that is played event by event",
          "[target][service_queue]") {
    const auto law = GENERATE(plan::DelayLaw::fixed, plan::DelayLaw::exponential);
    const std::uint32_t servers = GENERATE(1u, 2u, 4u, 7u);
    Counters counters{};
    ServiceQueue queue(plan_of(law, servers), 7, counters);
    PlayedQueue played(servers);
    Arrivals arrivals(9'500.0 * servers);
    std::vector<TimeNs> departures;
    for (std::uint64_t i = 0; i < 50'000; ++i) {
        const TimeNs at_ns = arrivals.next();
        departures.push_back(queue.depart(at_ns));
        played.arrive(at_ns, queue.service_ns(i));
    }
    played.play_until(kNever - 1);
    CHECK(departures == played.departures);
}

// Erlang's C: the share of arrivals that find all servers busy.
double erlang_c(std::uint32_t servers, double load) {
    double term = 1;
    double sum = 1;
    for (std::uint32_t k = 1; k < servers; ++k) sum += term *= load / k;
    const double last = term * load / servers * servers / (servers - load);
    return last / (sum + last);
}

TEST_CASE("service queue: the mean wait is that of theory", "[target][service_queue]") {
    constexpr double kLoad = 0.8;  // of each server
    constexpr std::uint64_t kArrivals = 2'000'000;
    struct Case {
        plan::DelayLaw law;
        std::uint32_t servers;
        double wait_in_services;
    };
    // Pollaczek and Khinchine for M/D/1 and M/M/1, Erlang for M/M/4.
    const Case what =
        GENERATE_REF(Case{plan::DelayLaw::fixed, 1, kLoad / (2 * (1 - kLoad))},
                     Case{plan::DelayLaw::exponential, 1, kLoad / (1 - kLoad)},
                     Case{plan::DelayLaw::exponential, 4, erlang_c(4, 4 * kLoad) / (4 * (1 - kLoad))});
    Counters counters{};
    ServiceQueue queue(plan_of(what.law, what.servers), 3, counters);
    Arrivals arrivals(kLoad * what.servers * 1e9 / static_cast<double>(kService));
    double waited_ns = 0;
    for (std::uint64_t i = 0; i < kArrivals; ++i) {
        const TimeNs at_ns = arrivals.next();
        waited_ns += static_cast<double>(queue.depart(at_ns) - at_ns - queue.service_ns(i));
    }
    const double mean = waited_ns / static_cast<double>(kArrivals * kService);
    CHECK(mean == Approx(what.wait_in_services).epsilon(0.03));
}

TEST_CASE("service queue: what is in it, what has left it and how long was worked is counted",
          "[target][service_queue]") {
    Counters counters{};
    ServiceQueue queue(plan_of(plan::DelayLaw::fixed, 2), 1, counters);
    const auto count = [&](Count what) { return counters[what].get(); };
    for (int i = 0; i < 5; ++i) (void)queue.depart(kSecond);
    CHECK(count(Count::length) == 5);
    queue.advance(kSecond + kService - 1);
    CHECK(count(Count::served) == 0);
    queue.advance(kSecond + 2 * kService);
    CHECK(count(Count::served) == 4);
    CHECK(count(Count::length) == 1);
    CHECK(count(Count::busy_ns) == 4 * kService);
    queue.advance(2 * kSecond);
    CHECK(count(Count::length) == 0);
    CHECK(count(Count::length_max) == 5);
    CHECK(count(Count::arrived) == 5);
    queue.note_late(3);
    queue.note_late(2);
    CHECK(count(Count::late_ns) == 5);
    CHECK(count(Count::late_max_ns) == 3);
}

TEST_CASE("service queue: service times come from the seed, with the mean of their law",
          "[target][service_queue]") {
    Counters counters{};
    const ServiceQueue first(plan_of(plan::DelayLaw::exponential, 1), 1, counters);
    const ServiceQueue again(plan_of(plan::DelayLaw::exponential, 1), 1, counters);
    const ServiceQueue other(plan_of(plan::DelayLaw::exponential, 1), 2, counters);
    double sum_ns = 0;
    std::uint64_t same = 0;
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        REQUIRE(first.service_ns(i) == again.service_ns(i));
        same += first.service_ns(i) == other.service_ns(i) ? 1 : 0;
        sum_ns += static_cast<double>(first.service_ns(i));
    }
    CHECK(same < 10);
    CHECK(sum_ns / 100'000 == Approx(kService).epsilon(0.02));
}

}  // namespace

}  // namespace wsblast::target
