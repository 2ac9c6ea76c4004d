// Any text as a JSONPath, the first line of the input, on any message, the rest of it: what is taken finds
// no more than it may, and what it finds is JSON that it can be found in again.
#include <string>

#include "base/limits.hpp"
#include "json/path.hpp"
#include "tests/fuzz/fuzz_entry.hpp"

namespace {

using namespace wsblast;

constexpr std::string_view kMessage =
    R"({"a":[1,2.5,{"b":null,"c":"x\"y"},[true,false]],"b":{"a":{"a":{"b":[]}}},"length":1e300})";

void look_into(json::PathReader& reader, const json::Path& path) {
    const std::size_t hits = reader.find(path);
    fuzz::require(hits <= limits::kPathHitsMax, "hits are bounded");
    const std::string all(reader.all_hits().text);
    for (std::size_t i = 0; i < hits; ++i) {
        const Value hit = reader.hit(i);
        const Value again = reader.get(all, {std::to_string(i)});
        // What is too large to be read again is not there.
        if (all.size() > limits::kAssembledBytesMax) return;
        fuzz::require(again.type == hit.type && again.text == hit.text, "all hits are JSON of each hit");
        fuzz::require(again.number == hit.number, "numbers are written so that they read back");
    }
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        "$..a[?(@.b == null || !(@.c !== 'x'))]\n",
        "$['a',\"b\"][0:2:1,-1,*].a..*\n",
        "a.0[(@.length-1)]\n[[1,2],{\"a\":\"\\u00e4\"}]",
        "$..[?(@ > 1 && @.length <= 2)].length\n",
        "$.*\n{\"a\":12345678901234567890,\"b\":-1e-7,\"b\":{\"\\n\":[]}}",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = as_text({data, size});
    const std::size_t line_end = std::min(input.find('\n'), input.size());
    const auto path = json::Path::parse(input.substr(0, line_end));
    if (!path) {
        fuzz::require(path.error().fault == Fault::usage, "a bad path is a usage error");
        return 0;
    }
    static json::PathReader reader;
    if (reader.read(as_bytes(kMessage))) look_into(reader, *path);
    if (reader.read(as_bytes(input.substr(std::min(line_end + 1, input.size()))))) look_into(reader, *path);
    return 0;
}
