// A program of libFuzzer that writes a target's samples to files, to begin with: in the folder that
// $WSBLAST_FUZZ_SAMPLES names, and ends.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/fuzz/fuzz_entry.hpp"

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
    const char* const folder = std::getenv("WSBLAST_FUZZ_SAMPLES");
    if (folder == nullptr) return 0;
    std::size_t number = 0;
    for (const std::string& sample : wsblast::fuzz::samples()) {
        std::ofstream file(std::string(folder) + "/sample-" + std::to_string(number++), std::ios::binary);
        file << sample;
    }
    std::printf("%zu samples\n", number);
    std::exit(EXIT_SUCCESS);
}
