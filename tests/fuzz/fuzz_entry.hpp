// What a fuzz entry provides, and how it complains.
//
// With clang, `-fsanitize=fuzzer` and an entry's file alone make a libFuzzer program; the samples then
// serve as its first corpus if written to files. Everywhere else driver.cpp mutates the samples for a
// second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace wsblast::fuzz {

// Inputs that get deep into the code under test.
[[nodiscard]] std::span<const std::string> samples();

// The seed of the input that is being tried, for the report of a failure.
inline std::uint64_t current_seed = 0;

// Ends the program when a property does not hold.
inline void require(bool holds, std::string_view property) {
    if (holds) return;
    std::fprintf(stderr, "broken: %.*s; replay with the argument %llu\n", static_cast<int>(property.size()),
                 property.data(), static_cast<unsigned long long>(current_seed));
    std::abort();
}

}  // namespace wsblast::fuzz
