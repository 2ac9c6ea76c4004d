// What virtual users add to a message: the same pings in a closed loop, by `run` and by the flows of
// scenarios, over memory. Prints the generator's CPU time for a ping and its pong:
//
//     memory_user [--smoke] [a text that the rows to be run contain]
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "bench/micro/memory_pair.hpp"
#include "json/path.hpp"

using namespace wsblast;

namespace {

constexpr std::string_view kPing = R"({"type":"ping"})";
constexpr std::string_view kPong = "pong";

plan::Program run_program(std::uint32_t connections, plan::MatchRule match) {
    plan::RunOptions options;
    options.connections = connections;
    options.pacing = plan::Pacing::closed;
    options.messages.reset();
    options.duration_ns = kHour;
    options.message_kind = plan::MessageKind::text;
    options.message_text = kPing;
    options.match = match;
    options.setup.emplace();
    return std::move(*plan::compile(options, 1));
}

plan::UserText literal(std::string_view text) {
    plan::UserText made;
    made.parts.push_back({.literal = std::string(text)});
    return made;
}

plan::Extract type_of_message() {
    plan::Extract extract;
    extract.path = std::make_shared<const json::Path>(*json::Path::parse("$.type"));
    return extract;
}

// connect, then for ever: send a ping, await its pong.
plan::Scenario pings(std::uint32_t users, plan::AwaitPlan await) {
    plan::Scenario scenario;
    scenario.seed = 1;
    scenario.flows.push_back({.name = "0"});
    scenario.labels.emplace_back();
    scenario.targets.push_back({.url = "ws://localhost/ws"});
    scenario.phases.push_back(
        {.kind = plan::PhaseKind::count, .duration_ns = 100 * kMillisecond, .count = users});
    scenario.slots.push_back({.name = "$loopCount"});
    scenario.slots.push_back({.name = "type"});
    scenario.connects.emplace_back();
    plan::SendPlan send;
    send.text = literal(kPing);
    send.constant = plan::OutgoingMessage::constant(kPing, {.mask_key = {1, 2, 3, 4}});
    scenario.sends.push_back(std::move(send));
    scenario.awaits.push_back(std::move(await));
    plan::LoopPlan loop;
    loop.last = plan::kUnlimited;
    loop.body = 2;
    loop.end = 5;
    scenario.loops.push_back(std::move(loop));
    for (const plan::ActionKind kind :
         {plan::ActionKind::connect, plan::ActionKind::loop, plan::ActionKind::send,
          plan::ActionKind::await, plan::ActionKind::repeat, plan::ActionKind::end})
        scenario.actions.push_back({kind});
    return scenario;
}

plan::AwaitPlan with_match() {
    plan::AwaitPlan await;
    plan::Match match;
    match.extract = type_of_message();
    match.value = literal(kPong);
    match.fixed.emplace(Value::of_text(kPong));
    await.matches.push_back(std::move(match));
    return await;
}

plan::AwaitPlan with_capture() {
    plan::AwaitPlan await;
    await.captures.push_back({.extract = type_of_message(), .slot = 1});
    return await;
}

struct Size {
    std::uint32_t users;
    std::uint64_t pairs;
};

std::string_view chosen;

void show(const Size& size, std::string_view name, const std::unique_ptr<bench::MemoryPair>& pair) {
    std::printf("%8u  %-28s %10.1f\n", size.users, name.data(), pair->best(size.pairs).generator());
}

void measure(const Size& size) {
    const auto run = [&](std::string_view name, plan::MatchRule match) {
        if (name.find(chosen) == std::string_view::npos) return;
        show(size, name, std::make_unique<bench::MemoryPair>(run_program(size.users, match), "/ws"));
    };
    run("run, first in first out", plan::MatchRule::fifo);
    run("run, matched by type", plan::MatchRule::ymera);
    const auto user = [&](std::string_view name, plan::AwaitPlan await) {
        if (name.find(chosen) == std::string_view::npos) return;
        plan::Program program =
            plan::program_of(pings(size.users, std::move(await)), size.users, 10 * kSecond);
        show(size, name, std::make_unique<bench::MemoryPair>(std::move(program), "/ws"));
    };
    user("user, any answer", {});
    user("user, match", with_match());
    user("user, capture", with_capture());
}

}  // namespace

int main(int argc, char** argv) {
    const bool smoke = argc > 1 && std::strcmp(argv[1], "--smoke") == 0;
    if (argc > 1 && !smoke) chosen = argv[1];
    std::printf("ns of CPU a ping and its pong, generator alone, over memory\n%8s  %-28s %10s\n", "users",
                "", "generator");
    if (smoke) {
        measure({100, 2'000});
        return 0;
    }
    measure({500, 1'000'000});
    measure({20'000, 1'000'000});
    return 0;
}
