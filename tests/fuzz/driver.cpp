// Runs a fuzz entry without a fuzzer: about a second of mutated samples, the same in every run. With a seed
// as its argument it tries that input alone.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/clock.hpp"
#include "base/prng.hpp"
#include "tests/fuzz/fuzz_entry.hpp"

namespace {

using namespace wsblast;

constexpr TimeNs kRunNs = kSecond;
constexpr std::size_t kMutationsMax = 5;
constexpr std::size_t kSliceMax = 40;

// Change, insert or remove a byte, repeat a slice, or cut the end off.
void mutate(std::string& input, Prng& prng) {
    const std::size_t at = prng.next_below(input.size() + 1);
    const auto byte = static_cast<char>(prng.next());
    const std::uint64_t kind = prng.next_below(5);
    if (kind == 0 && at < input.size()) input[at] = byte;
    if (kind == 1) input.insert(at, 1, byte);
    if (kind == 2) input.erase(at, 1 + prng.next_below(2));
    if (kind == 3) input.insert(at, input.substr(at, prng.next_below(kSliceMax)));
    if (kind == 4) input.resize(at);
}

std::string make_input(std::uint64_t seed) {
    Prng prng(seed);
    const auto samples = fuzz::samples();
    std::string input = samples[prng.next_below(samples.size())];
    if (prng.chance(1, 2)) input += samples[prng.next_below(samples.size())];
    for (std::size_t left = prng.next_below(kMutationsMax + 1); left > 0; --left) mutate(input, prng);
    return input;
}

void run(std::uint64_t seed) {
    fuzz::current_seed = seed;
    const std::string input = make_input(seed);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count > 1) {
        run(std::strtoull(arguments[1], nullptr, 10));
        return EXIT_SUCCESS;
    }
    const TimeNs end_ns = monotonic_now() + kRunNs;
    std::uint64_t seed = 0;
    while (monotonic_now() < end_ns) run(++seed);
    std::printf("%llu inputs\n", static_cast<unsigned long long>(seed));
    return EXIT_SUCCESS;
}
