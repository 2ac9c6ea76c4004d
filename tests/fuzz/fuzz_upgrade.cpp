// Any bytes as either side of the opening handshake: a front of them is never judged otherwise than the
// whole, all views lie within the input, and what a client builds a server understands.
#include <algorithm>
#include <string>
#include <vector>

#include "proto/http_head.hpp"
#include "proto/upgrade.hpp"
#include "proto/url.hpp"
#include "tests/fuzz/fuzz_entry.hpp"
#include "tests/support/every_split.hpp"

namespace {

using namespace wsblast;
using namespace wsblast::proto;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::size_t kFronts = 256;

bool lies_within(std::string_view view, ByteView bytes) {
    const std::string_view all = as_text(bytes);
    return view.empty() ||
           (view.data() >= all.data() && view.data() + view.size() <= all.data() + all.size());
}

// The verdicts on fronts of `bytes`, on all of them where they are few: what is no longer "more" stays.
template <class Judge>
void require_steady(ByteView bytes, Judge&& judge) {
    using Verdict = decltype(judge(bytes));
    const Verdict whole = judge(bytes);
    const std::size_t stride = 1 + bytes.size() / kFronts;
    bool decided = false;
    for (std::size_t size = 0; size < bytes.size(); size += stride) {
        const Verdict front = judge(bytes.first(size));
        fuzz::require(front == Verdict::need_more ? !decided : front == whole, "a verdict stays");
        decided = front != Verdict::need_more;
    }
    fuzz::require(whole != Verdict::need_more || !decided, "a verdict stays to the end");
}

void try_request(ByteView bytes) {
    require_steady(bytes, [](ByteView front) { return read_upgrade_request(front).kind; });
    const UpgradeRead read = read_upgrade_request(bytes);
    for (const std::string_view view : {read.method, read.path, read.key, read.subprotocol}) {
        fuzz::require(lies_within(view, bytes), "a request's views lie in it");
    }
    fuzz::require(read.head_size <= bytes.size(), "a head is no longer than its input");
    fuzz::require((read.kind == RequestKind::bad) == (read.http_status != 0), "a bad request has a status");
    if (read.kind == RequestKind::upgrade)
        fuzz::require(read.key.size() == kKey.size(), "a key has its length");
    const DeflateParameters wanted{};
    fuzz::require(read_upgrade_request(bytes, {.deflate = &wanted}).kind == read.kind,
                  "an offer changes no verdict");
}

// `deflate`: what was offered, or null.
void try_response(ByteView bytes, const DeflateParameters* deflate) {
    const crypto::AcceptKey expected = crypto::make_accept_key(kKey);
    const UpgradeOffer offer{.subprotocols = {}, .deflate = deflate};
    const auto check = [&](ByteView front) { return check_upgrade_response(front, expected, offer); };
    require_steady(bytes, [&check](ByteView front) { return check(front).status; });
    const UpgradeCheck whole = check(bytes);
    fuzz::require(lies_within(whole.body_excerpt, bytes), "the body's excerpt lies in the input");
    fuzz::require((whole.status == UpgradeStatus::rejected) == (whole.failure != UpgradeFailure::none),
                  "what is rejected has a reason");
    fuzz::require(whole.head_size <= bytes.size(), "a head is no longer than its input");
}

// A line each: the path, the origin, a subprotocol and headers. What a client may send is an upgrade to a
// server.
void try_build(ByteView bytes) {
    UpgradeOptions options{.host = "a"};
    std::string_view rest = as_text(bytes);
    for (std::size_t line = 0; !rest.empty(); ++line) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string word(rest.substr(0, end));
        if (line == 0) options.path = word;
        if (line == 1) options.origin = word;
        if (line == 2) options.subprotocols.push_back(word);
        if (line > 2) options.headers.push_back(word);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const auto url = parse_url("ws://a/" + options.path);
    if (!url) return;
    options.path = url->path;
    const auto request = UpgradeRequest::build(options);
    if (!request) {
        fuzz::require(request.error().fault == Fault::usage, "a bad header is a usage error");
        return;
    }
    std::string text(request->size(), '\0');
    crypto::HandshakeKey key;
    std::ranges::copy(kKey, key.begin());
    request->write(reinterpret_cast<std::uint8_t*>(text.data()), key);
    const UpgradeRead read = read_upgrade_request(as_bytes(text));
    fuzz::require(read.kind == RequestKind::upgrade, "a request that was built is an upgrade");
    fuzz::require(read.key == kKey && read.head_size == text.size(), "its parts are where they belong");
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x02hi",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: "
        "permessage-deflate; server_no_context_takeover; client_max_window_bits=\"9\"\r\n\r\n",
        "GET /health HTTP/1.0\r\n\r\n",
        "path?query\nhttp://origin\nchat\nAuthorization: Bearer x\nHost: other\n",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    test::GuardedMemory memory(size);
    const ByteView bytes = memory.place({data, size});
    try_request(bytes);
    const DeflateParameters deflate{.client_max_window_bits = 12};
    try_response(bytes, nullptr);
    try_response(bytes, &deflate);
    try_build(bytes);
    return 0;
}
