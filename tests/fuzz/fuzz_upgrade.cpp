// Any bytes as an HTTP head, of a request and of a response: a front of them is never judged otherwise than
// the whole, and all views lie within the input.
#include <algorithm>
#include <string>
#include <vector>

#include "proto/http_head.hpp"
#include "proto/upgrade.hpp"
#include "tests/fuzz/fuzz_entry.hpp"
#include "tests/support/every_split.hpp"

namespace {

using namespace wsblast;
using namespace wsblast::proto;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

bool lies_within(std::string_view view, ByteView bytes) {
    const std::string_view all = as_text(bytes);
    return view.empty() ||
           (view.data() >= all.data() && view.data() + view.size() <= all.data() + all.size());
}

// The verdicts on every front of `bytes`: once it is no longer "more", it stays.
template <class Judge>
void require_steady(ByteView bytes, Judge&& judge) {
    using Verdict = decltype(judge(bytes));
    const Verdict whole = judge(bytes);
    bool decided = false;
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const Verdict front = judge(bytes.first(size));
        fuzz::require(front == Verdict::need_more ? !decided : front == whole, "a verdict stays");
        decided = front != Verdict::need_more;
    }
}

void try_request(ByteView bytes) {
    require_steady(bytes, [](ByteView front) { return read_upgrade_request(front).kind; });
    const UpgradeRead read = read_upgrade_request(bytes);
    for (const std::string_view view : {read.method, read.path, read.key}) {
        fuzz::require(lies_within(view, bytes), "a request's views lie in it");
    }
    fuzz::require(read.head_size <= bytes.size(), "a head is no longer than its input");
    fuzz::require((read.kind == RequestKind::bad) == (read.http_status != 0), "a bad request has a status");
    if (read.kind == RequestKind::upgrade)
        fuzz::require(read.key.size() == kKey.size(), "a key has its length");
}

void try_response(ByteView bytes) {
    const crypto::AcceptKey expected = crypto::make_accept_key(kKey);
    const auto check = [&expected](ByteView front) { return check_upgrade_response(front, expected, {}); };
    require_steady(bytes, [&check](ByteView front) { return check(front).status; });
    const UpgradeCheck whole = check(bytes);
    fuzz::require(lies_within(whole.body_excerpt, bytes), "the body's excerpt lies in the input");
    fuzz::require((whole.status == UpgradeStatus::rejected) == (whole.failure != UpgradeFailure::none),
                  "what is rejected has a reason");
    fuzz::require(whole.head_size <= bytes.size(), "a head is no longer than its input");
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x02hi",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
        "GET /health HTTP/1.0\r\n\r\n",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    test::GuardedMemory memory(size);
    const ByteView bytes = memory.place({data, size});
    try_request(bytes);
    try_response(bytes);
    return 0;
}
