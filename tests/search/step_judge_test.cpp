#include "search/step_judge.hpp"

#include <memory>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/simulated_queue.hpp"

namespace wsblast::search {

namespace {

using stats::StepCause;
using stats::StepVerdict;

constexpr double kBatchS = 0.125;

// A step that a test tells batch by batch.
class ToldStep {
  public:
    explicit ToldStep(double offered_per_s) : offered_per_s_(offered_per_s) {}

    // Everything is answered after `latency_ns`, one in ten after a tenth more.
    ToldStep& batches(int count, TimeNs latency_ns) {
        for (int i = 0; i < count; ++i) add(latency_ns);
        return *this;
    }
    Batch& add(TimeNs latency_ns) {
        const auto sent = static_cast<std::uint64_t>(offered_per_s_ * kBatchS);
        const auto histogram = std::make_unique<stats::Histogram>();
        histogram->record_many(latency_ns, sent - sent / 10);
        histogram->record_many(latency_ns + latency_ns / 10, sent / 10);
        Batch& batch = batches_.emplace_back();
        batch.length_s = kBatchS;
        batch.sent = batch.received = sent;
        batch.latency = batch.service_time = histogram->snapshot();
        return batch;
    }
    [[nodiscard]] Judgement judge(const JudgeRules& rules, Ended ended = Ended::no) const {
        return judge_step({offered_per_s_, batches_, &generator}, rules, ended);
    }

    stats::GeneratorHealth generator;

  private:
    double offered_per_s_;
    std::vector<Batch> batches_;
};

JudgeRules rules_of(std::initializer_list<std::string_view> checks, Care care = Care::exact) {
    JudgeRules rules{.care = care, .length_min_ns = 1 * kSecond, .length_max_ns = 10 * kSecond};
    for (const std::string_view check : checks) rules.slos.push_back(*stats::parse_slo(check));
    return rules;
}

}  // namespace

TEST_CASE("step_judge: far above the limit a step fails early") {
    const auto judgement = ToldStep(1'000).batches(8, 90 * kMillisecond).judge(rules_of({"p99<50ms"}));
    CHECK(judgement.state == StepState::over);
    CHECK(judgement.verdict == StepVerdict::fail);
    CHECK(judgement.cause == StepCause::check);
    CHECK(judgement.check == "p99<50ms");
    CHECK_THAT(judgement.why, Catch::StartsWith("p99<50ms: 99"));
}

TEST_CASE("step_judge: near the knee a step is watched to its end before it passes") {
    const auto soon = ToldStep(1'000).batches(16, kMillisecond).judge(rules_of({"p99<50ms"}));
    CHECK(soon.state == StepState::goes_on);
    const auto then = ToldStep(1'000).batches(80, kMillisecond).judge(rules_of({"p99<50ms"}));
    CHECK(then.state == StepState::over);
    CHECK(then.verdict == StepVerdict::pass);
    CHECK(then.leans == stats::Side::pass);
}

TEST_CASE("step_judge: while the load is doubled the shortest step is enough") {
    const JudgeRules rough = rules_of({"p99<50ms"}, Care::rough);
    CHECK(ToldStep(1'000).batches(7, kMillisecond).judge(rough).state == StepState::goes_on);
    CHECK(ToldStep(1'000).batches(8, kMillisecond).judge(rough).verdict == StepVerdict::pass);
    // Below the limit, but not by half.
    const auto near = ToldStep(100).batches(8, 40 * kMillisecond).judge(rough);
    CHECK(near.state == StepState::goes_on);
}

TEST_CASE("step_judge: a step whose figure is to be exact does not end early when it fails") {
    const JudgeRules whole = rules_of({"p99<50ms"}, Care::whole);
    CHECK(ToldStep(1'000).batches(40, 60 * kMillisecond).judge(whole).state == StepState::goes_on);
    CHECK(ToldStep(1'000).batches(80, 60 * kMillisecond).judge(whole).verdict == StepVerdict::fail);
}

TEST_CASE("step_judge: an interval that holds the limit to the end decides nothing, but leans") {
    support::SimulatedQueue queue({.service_s = 1e-3}, 4);
    std::vector<Batch> batches;
    for (int i = 0; i < 16; ++i) {
        auto came = queue.advance(800, kBatchS);
        batches.push_back({.length_s = kBatchS, .sent = came.arrived, .received = came.departed});
        batches.back().latency = std::move(came.sojourn);
    }
    const auto judgement = judge_step({800, batches}, rules_of({"p99<22ms"}), Ended::yes);
    CHECK(judgement.verdict == StepVerdict::inconclusive);
    REQUIRE(judgement.figure);
    CHECK(judgement.figure->low < 22);
    CHECK(judgement.figure->high > 22);
    CHECK((judgement.leans == stats::Side::pass) == (judgement.figure->value < 22));
}

TEST_CASE("step_judge: a lost message is no pass, whatever the check") {
    ToldStep step(1'000);
    step.batches(80, kMillisecond);
    step.add(kMillisecond).lost = 1;
    const auto judgement = step.judge(rules_of({"p99<50ms"}));
    CHECK(judgement.verdict == StepVerdict::fail);
    CHECK(judgement.cause == StepCause::losses);
}

TEST_CASE("step_judge: losses that show after the last batch count") {
    std::vector<Batch> batches(80, Batch{.length_s = kBatchS, .sent = 100, .received = 100});
    stats::CounterValues counters;
    counters.sent = 8'000;
    counters.lost = 3;
    const auto judgement = judge_step({800, batches, nullptr, &counters}, rules_of({}), Ended::yes);
    CHECK(judgement.cause == StepCause::losses);
    CHECK(judgement.why == "3 of 8000 messages had no answer");
}

TEST_CASE("step_judge: a check of errors says how many are allowed") {
    const auto with_errors = [](std::uint64_t errors) {
        ToldStep step(1'000);
        step.batches(79, kMillisecond);
        Batch& last = step.add(kMillisecond);
        last.lost = last.errors = errors;
        return step.judge(rules_of({"error_rate<1%"}));
    };
    CHECK(with_errors(5).verdict == StepVerdict::pass);
    CHECK(with_errors(300).verdict == StepVerdict::fail);
    CHECK(with_errors(300).cause == StepCause::check);
    CHECK(with_errors(97).verdict == StepVerdict::inconclusive);
}

TEST_CASE("step_judge: connections that broke are no pass") {
    ToldStep step(1'000);
    step.batches(10, kMillisecond);
    step.add(kMillisecond).errors = 2;
    CHECK(step.judge(rules_of({})).cause == StepCause::connection_errors);
}

TEST_CASE("step_judge: a latency that grows is unstable, however low it still is") {
    ToldStep step(1'000);
    for (TimeNs i = 0; i < 12; ++i) step.add((1 + 3 * i) * kMillisecond);
    const auto judgement = step.judge(rules_of({"p99<500ms"}));
    CHECK(judgement.verdict == StepVerdict::unstable);
    CHECK(judgement.cause == StepCause::growth);
    CHECK(judgement.growth == Approx(0.024).epsilon(0.02));
}

TEST_CASE("step_judge: a growth that a queue on its way may have counts only at the end") {
    ToldStep step(1'000);
    for (TimeNs i = 0; i < 40; ++i) step.add(kMillisecond + i * 500 * kMicrosecond);
    CHECK(step.judge(rules_of({"p99<500ms"})).state == StepState::goes_on);
    CHECK(step.judge(rules_of({"p99<500ms"}), Ended::yes).verdict == StepVerdict::unstable);
}

TEST_CASE("step_judge: as much has to come back as is sent") {
    ToldStep step(1'000);
    for (int i = 0; i < 80; ++i) {
        Batch& batch = step.add(kMillisecond);
        batch.received -= batch.received / 20;
    }
    const auto judgement = step.judge(rules_of({"p99<500ms"}));
    CHECK(judgement.verdict == StepVerdict::fail);
    CHECK(judgement.cause == StepCause::backlog);
    CHECK(judgement.why == "95.2% of what was offered came back");
}

TEST_CASE("step_judge: what waits for room counts as offered") {
    ToldStep step(1'000);
    for (int i = 0; i < 80; ++i) {
        Batch& batch = step.add(kMillisecond);
        batch.sent = batch.received = 80;
        batch.blocked = 45;
    }
    CHECK(step.judge(rules_of({})).cause == StepCause::backlog);
}

TEST_CASE("step_judge: answers that take as long as a batch are no backlog") {
    ToldStep step(1'000);
    step.batches(80, 300 * kMillisecond);
    // As they come: nothing in the first batches.
    ToldStep shifted(1'000);
    for (int i = 0; i < 80; ++i) {
        Batch& batch = shifted.add(300 * kMillisecond);
        if (i < 3) batch.received = 0;
    }
    CHECK(shifted.judge(rules_of({"p99<500ms"})).verdict == StepVerdict::pass);
}

TEST_CASE("step_judge: nothing that comes back is a fail at the end") {
    ToldStep step(1'000);
    for (int i = 0; i < 80; ++i) {
        Batch& batch = step.add(kMillisecond);
        batch.received = 0;
        batch.latency = {};
    }
    CHECK(step.judge(rules_of({"p99<500ms"})).verdict == StepVerdict::fail);
}

TEST_CASE("step_judge: a saturated generator comes before everything else") {
    ToldStep step(1'000);
    step.batches(80, 90 * kMillisecond);
    step.generator.status = stats::GeneratorStatus::saturated;
    step.generator.reasons = {"core 1 was busy"};
    const auto judgement = step.judge(rules_of({"p99<50ms"}));
    CHECK(judgement.verdict == StepVerdict::generator);
    CHECK(judgement.why == "core 1 was busy");
}

TEST_CASE("step_judge: a generator that sends less than is due is the bottleneck") {
    ToldStep step(1'000);
    for (int i = 0; i < 80; ++i) {
        Batch& batch = step.add(kMillisecond);
        batch.sent = batch.received = 100;
    }
    const auto judgement = step.judge(rules_of({"p99<50ms"}));
    CHECK(judgement.verdict == StepVerdict::generator);
    CHECK(judgement.why == "the generator sent 80.0% of what was due");
}

TEST_CASE("step_judge: a floor of throughput is judged from where it can be reached") {
    const JudgeRules rules = rules_of({"throughput>500/s"});
    CHECK(ToldStep(400).batches(80, kMillisecond).judge(rules).verdict == StepVerdict::pass);
    CHECK(ToldStep(1'000).batches(80, kMillisecond).judge(rules).verdict == StepVerdict::pass);
}

}  // namespace wsblast::search
