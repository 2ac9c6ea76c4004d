// Any bytes as the answers of a proxy, HTTP or SOCKS5: in pieces they lead where they lead at once, and not
// a byte is taken that belongs to the server behind it.
#include <array>
#include <string>
#include <vector>

#include "proto/proxy.hpp"
#include "tests/fuzz/fuzz_entry.hpp"
#include "tests/support/every_split.hpp"

namespace {

using namespace wsblast;
using namespace wsblast::proto;

struct Outcome {
    ProxyStatus status = ProxyStatus::need_more;
    ProxyFailure failure = ProxyFailure::none;
    std::uint16_t code = 0;
    std::size_t consumed = 0;
    std::string sent{};

    bool operator==(const Outcome&) const = default;
};

void write(ProxyHandshake& handshake, const ProxyRequest& request, Outcome& outcome) {
    test::GuardedMemory memory(kProxyWriteMax);
    const ByteSpan room = memory.tail(kProxyWriteMax);
    const std::size_t size = handshake.write(request, room);
    fuzz::require(size <= kProxyWriteMax, "what is sent has room");
    outcome.sent += as_text(room.first(size));
}

Outcome talk(const ProxyRequest& request, ByteView bytes, std::vector<std::size_t> cuts) {
    ProxyHandshake handshake{};
    Outcome outcome;
    write(handshake, request, outcome);
    test::GuardedMemory memory(bytes.size());
    test::SplitInput input(bytes, std::move(cuts), memory);
    while (!input.done()) {
        ByteView piece = input.next();
        for (;;) {
            const ProxyStep step = handshake.read(request, piece);
            fuzz::require(step.consumed <= piece.size(), "no more is taken than there is");
            outcome.consumed += step.consumed;
            piece = piece.subspan(step.consumed);
            outcome.status = step.status;
            outcome.failure = step.failure;
            outcome.code = step.code;
            if (step.status == ProxyStatus::done || step.status == ProxyStatus::failed) return outcome;
            if (step.status == ProxyStatus::need_more) break;
            write(handshake, request, outcome);
        }
        fuzz::require(piece.empty(), "who needs more has taken all");
    }
    return outcome;
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    using namespace std::string_literals;
    static const std::vector<std::string> all{
        "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n\x16\x03\x01",
        "HTTP/1.0 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
        "\x05\x02\x01\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x40"s + "first",
        "\x05\x00\x05\x00\x00\x03\x04host\x00\x50"s,
        "\x05\x00\x05\x05\x00\x04"s,
        "\x05\xff",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    Prng prng = fuzz::chance_of(bytes);
    for (const ProxyKind kind : {ProxyKind::http_connect, ProxyKind::socks5}) {
        const ProxyRequest request{kind, "server.example", 443, prng.chance(1, 2) ? "user" : "", "secret"};
        const Outcome whole = talk(request, bytes, {});
        Outcome split = talk(request, bytes, fuzz::cuts_of(bytes, prng, 6));
        if (whole.status == ProxyStatus::failed) split.consumed = whole.consumed;  // of no use to anybody
        fuzz::require(whole == split, "any split leads to the same end");
    }
    return 0;
}
