// Runs a fuzz entry without a fuzzer: every file of its corpus, then about a second of mutated samples, the
// same in every run.
//
//     fuzz_url corpus/url     the corpus, and a second of mutation
//     fuzz_url 4711           the mutated sample of that seed alone
//     fuzz_url crash-0f3c     that file alone: what libFuzzer found
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/prng.hpp"
#include "tests/fuzz/fuzz_entry.hpp"

namespace {

using namespace wsblast;
namespace fs = std::filesystem;

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

void try_input(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

void run_seed(std::uint64_t seed) {
    fuzz::current_input = std::to_string(seed);
    try_input(make_input(seed));
}

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void run_file(const fs::path& path) {
    fuzz::current_input = path.string();
    try_input(read_file(path));
}

// The number of files.
std::size_t run_corpus(const fs::path& folder) {
    std::vector<fs::path> paths;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const fs::path& path : paths) run_file(path);
    return paths.size();
}

}  // namespace

int main(int argument_count, char** arguments) {
    const std::string argument = argument_count > 1 ? arguments[1] : "";
    if (fs::is_regular_file(argument)) {
        run_file(argument);
        return EXIT_SUCCESS;
    }
    if (!fs::is_directory(argument)) {
        run_seed(std::strtoull(argument.c_str(), nullptr, 10));
        return EXIT_SUCCESS;
    }
    const std::size_t files = run_corpus(argument);
    const TimeNs end_ns = monotonic_now() + kRunNs;
    std::uint64_t seed = 0;
    while (monotonic_now() < end_ns) run_seed(++seed);
    std::printf("%zu files, %llu inputs\n", files, static_cast<unsigned long long>(seed));
    return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;  // a corpus that is not there tells nothing
}
