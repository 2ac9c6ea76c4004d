// Any bytes, in both roles: reading them in pieces gives what reading them at once gives, and what is
// delivered as text is UTF-8.
#include <array>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "proto/message_reader.hpp"
#include "tests/fuzz/fuzz_entry.hpp"
#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

namespace {

using namespace wsblast;
using namespace wsblast::proto;

constexpr std::uint64_t kMessageSizeMax = 300;  // small enough to be met

struct Reading {
    std::vector<std::string> events;
    ReadResult result;
};

template <Role kRole>
Reading read(test::SplitInput& input, ByteSpan scratch) {
    MessageReader<kRole> reader;
    test::LogSink sink;
    ReadResult result;
    while (!input.done()) {
        result =
            reader.consume(input.next(), sink, {.message_size_max = kMessageSizeMax, .scratch = scratch});
    }
    return {sink.events, result};
}

template <Role kRole>
void compare(ByteView bytes, Prng& prng) {
    test::GuardedMemory memory(bytes.size());
    test::SplitInput whole_input(bytes, {}, memory);
    test::SplitInput split_input(bytes, fuzz::cuts_of(bytes, prng, 5), memory);
    std::array<std::uint8_t, 2 * kMessageSizeMax> large{};
    std::array<std::uint8_t, 3> small{};
    const Reading whole = read<kRole>(whole_input, large);
    const Reading split = read<kRole>(split_input, small);
    fuzz::require(whole.events == split.events, "any split gives the same events");
    fuzz::require(whole.result.status == split.result.status, "any split gives the same status");
    fuzz::require(whole.result.violation == split.result.violation, "any split gives the same violation");
    for (const std::string& event : whole.events) {
        if (!event.starts_with("text:")) continue;
        fuzz::require(is_valid_utf8(as_bytes(event)), "text is UTF-8");
        fuzz::require(event.size() <= kMessageSizeMax + 5, "no message is above the limit");
    }
}

std::string sample(const std::vector<test::FrameSpec>& specs, Role from) {
    const test::Bytes bytes = test::frames(specs, from);
    return {bytes.begin(), bytes.end()};
}

std::vector<std::string> make_samples() {
    std::vector<std::string> all;
    for (const Role from : {Role::client, Role::server}) {
        all.push_back(sample({{Opcode::text, "Hello"}, {Opcode::binary, std::string(130, 'b')}}, from));
        all.push_back(
            sample({{Opcode::text, "\xf0\x9f", false}, {Opcode::continuation, "\x98\x80"}}, from));
        all.push_back(sample({{Opcode::ping, "p"}, {Opcode::text, "a", false}, {Opcode::pong, "p"}}, from));
        all.push_back(sample({{Opcode::continuation, "", false}, {Opcode::continuation, "z"}}, from));
        all.push_back(sample({{Opcode::binary, std::string(170, 'x'), false}}, from));
        all.push_back(sample({{Opcode::close,
                               "\x03\xe8"
                               "bye"}},
                             from));
    }
    return all;
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all = make_samples();
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    Prng prng = fuzz::chance_of(bytes);
    compare<Role::client>(bytes, prng);
    compare<Role::server>(bytes, prng);
    return 0;
}
