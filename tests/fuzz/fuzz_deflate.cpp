// Any bytes as compressed ones: nothing above the limit comes out. Compressed and decompressed they are
// themselves.
#include <algorithm>
#include <string>

#include "deflate/deflate.hpp"
#include "tests/fuzz/fuzz_entry.hpp"

namespace {

using namespace wsblast;

constexpr std::size_t kSizeMax = 4096;

std::string compressed(const std::string& text) {
    const auto bytes = deflate::compress(as_bytes(text));
    return {bytes.begin(), bytes.end()};
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        compressed(""), compressed("Hello, hello, hello"), compressed(std::string(100'000, 'x')),
        compressed(std::string(kSizeMax, 'y')), "no such format"};
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    fuzz::require(deflate::decompress(bytes, kSizeMax).size() <= kSizeMax, "no more than is allowed");
    const auto again = deflate::decompress(deflate::compress(bytes), size);
    fuzz::require(std::ranges::equal(again, bytes), "what was compressed comes back");
    return 0;
}
