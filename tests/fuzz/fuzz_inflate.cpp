// Any bytes as compressed messages on a connection (RFC 7692): in pieces they become what they become at
// once, no message is above the limit, and text is UTF-8. And any bytes come back from both streams,
// whatever the window.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "deflate/stream.hpp"
#include "proto/utf8.hpp"
#include "session/inflations.hpp"
#include "tests/fuzz/fuzz_entry.hpp"
#include "tests/support/every_split.hpp"
#include "tests/support/frames.hpp"

namespace {

using namespace wsblast;

constexpr std::uint64_t kSizeMax = 2000;  // small enough to be met
constexpr transport::ConnectionId kCid = 0;

std::string deflated(std::string_view text) {
    deflate::Deflater deflater(deflate::kWindowBitsMax, 6);
    std::string out(deflate::Deflater::size_max(text.size()), '\0');
    const auto done = deflater.deflate(as_bytes(text), deflate::DeflateEnd::message,
                                       {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    out.resize(done.size);
    return out;
}

int window_bits(Prng& prng) {
    constexpr int kChoices = deflate::kWindowBitsMax - deflate::kWindowBitsMin + 1;
    return deflate::kWindowBitsMin + static_cast<int>(prng.next_below(kChoices));
}

struct Reading {
    std::vector<std::string> events;
    proto::Violation violation = proto::Violation::none;
};

// One message of all the bytes, cut into pieces, on a connection that has agreed.
Reading read(session::Inflations& inflations, ByteView bytes, std::vector<std::size_t> cuts) {
    test::GuardedMemory memory(bytes.size());
    test::SplitInput input(bytes, std::move(cuts), memory);
    test::LogSink sink;
    Reading reading;
    while (!input.done() && reading.violation == proto::Violation::none) {
        const ByteView piece = input.next();
        const auto end = input.done() ? proto::FragmentEnd::last : proto::FragmentEnd::more;
        reading.violation = inflations.read({kCid, proto::Opcode::text, piece, end}, kSizeMax, sink);
    }
    reading.events = sink.events;
    return reading;
}

void try_messages(ByteView bytes, Prng& prng) {
    static session::Inflations inflations(1);
    const session::InflateTerms terms{
        .window_bits = static_cast<std::uint8_t>(window_bits(prng)), .alone = prng.chance(1, 2)};
    inflations.agree(kCid, terms);
    const Reading whole = read(inflations, bytes, {});
    inflations.drop(kCid);
    inflations.agree(kCid, terms);
    const Reading split = read(inflations, bytes, fuzz::cuts_of(bytes, prng, 6));
    inflations.drop(kCid);
    const bool whole_sound = whole.violation == proto::Violation::none;
    const bool split_sound = split.violation == proto::Violation::none;
    // zlib notices a reference beyond a small window only if it leads out of what it writes at once.
    if (terms.window_bits == deflate::kWindowBitsMax)
        fuzz::require(whole_sound == split_sound, "any split is as sound");
    if (whole_sound && split_sound)
        fuzz::require(whole.events == split.events, "any split gives the same message");
    for (const std::string& event : whole.events) {
        fuzz::require(event.size() <= kSizeMax + 5, "no message is above the limit");
        fuzz::require(proto::is_valid_utf8(as_bytes(event)), "text is UTF-8");
    }
}

// Twice, so that the second may refer to the first, into little room.
void try_round_trip(ByteView bytes, Prng& prng) {
    const int bits = window_bits(prng);
    deflate::Deflater deflater(bits, 1 + static_cast<int>(prng.next_below(9)));
    deflate::Inflater inflater(bits);
    std::vector<std::uint8_t> compressed(deflate::Deflater::size_max(bytes.size()));
    std::array<std::uint8_t, 37> room{};
    for (int message = 0; message < 2; ++message) {
        const auto done = deflater.deflate(bytes, deflate::DeflateEnd::message, compressed);
        fuzz::require(done.fits, "size_max() is always enough");
        std::vector<std::uint8_t> back;
        ByteView rest(compressed.data(), done.size);
        deflate::StreamStep step{.status = deflate::StreamStatus::full};
        while (step.status == deflate::StreamStatus::full) {
            step = inflater.inflate(rest, room);
            rest = rest.subspan(step.consumed);
            back.insert(back.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(step.produced));
        }
        for (step.status = deflate::StreamStatus::full; step.status == deflate::StreamStatus::full;) {
            step = inflater.finish(room);
            back.insert(back.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(step.produced));
        }
        fuzz::require(std::ranges::equal(back, bytes), "what was compressed comes back");
    }
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        deflated(""),
        deflated("Hello, hello, hello"),
        deflated(std::string(kSizeMax + 1, 'x')),
        deflated("\xf0\x9f\x98\x80 and \xff"),
        std::string("\x01\x05\x00\xfa\xff", 5) + "store",  // a stored block
        "no such format",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    Prng prng = fuzz::chance_of(bytes);
    try_messages(bytes, prng);
    try_round_trip(bytes, prng);
    return 0;
}
