// Our own code alone: the generator and the built-in target in one thread, joined by memory instead of a
// kernel. Prints what one request and its answer cost in CPU time: memory_pair [--smoke].
//
// The workload is the closed loop with 20 bytes, answered first in first out, on /echo.
#include "bench/micro/memory_pair.hpp"

#include <cstdio>
#include <cstring>

using namespace wsblast;

namespace {

plan::Program make_program(std::uint32_t connections) {
    plan::RunOptions options;
    options.connections = connections;
    options.pacing = plan::Pacing::closed;
    options.messages.reset();
    options.duration_ns = kHour;
    options.message_kind = plan::MessageKind::padding;
    options.message_size = 20;
    return std::move(*plan::compile(options, 1));
}

void measure(std::uint32_t connections, std::uint64_t pairs) {
    const auto pair = std::make_unique<bench::MemoryPair>(make_program(connections), "/echo");
    const bench::PairCost best = pair->best(pairs);
    std::printf("%12u %12.1f %12.1f %12.1f\n", connections, best.both(), best.generator(), best.target());
}

}  // namespace

int main(int argc, char** argv) {
    const bool smoke = argc > 1 && std::strcmp(argv[1], "--smoke") == 0;
    std::printf("ns of CPU a request/answer pair, over memory\n%12s %12s %12s %12s\n", "connections",
                "both", "generator", "target");
    if (smoke) {
        measure(100, 2'000);
        return 0;
    }
    measure(1'000, 2'000'000);
    measure(100'000, 2'000'000);
    return 0;
}
