// Any bytes as an HTTP head, of a request and of a response: a front of them is never judged otherwise than
// the whole, all views lie within the input, and what is let through keeps to the grammar.
#include <string>

#include "base/limits.hpp"
#include "proto/http_head.hpp"
#include "tests/fuzz/fuzz_entry.hpp"
#include "tests/support/every_split.hpp"

namespace {

using namespace wsblast;
using namespace wsblast::proto;

constexpr std::size_t kAllFrontsUpTo = 256;
constexpr std::size_t kFrontsOfMore = 64;

bool lies_within(std::string_view view, ByteView bytes) {
    const std::string_view all = as_text(bytes);
    return view.empty() ||
           (view.data() >= all.data() && view.data() + view.size() <= all.data() + all.size());
}

void require_sound(const HttpHeaders& headers, ByteView bytes) {
    fuzz::require(headers.size() <= limits::kHttpHeadersMax, "no more headers than are allowed");
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto& [name, value] = headers[i];
        fuzz::require(lies_within(name, bytes) && lies_within(value, bytes), "a header lies in the input");
        fuzz::require(is_http_token(name), "a header's name is a token");
        fuzz::require(is_http_value(value), "a header's value has no control characters");
        fuzz::require(trim_http_space(value) == value, "a header's value is trimmed");
        fuzz::require(headers.find(name).has_value(), "a header is found by its name");
    }
}

// The verdict on a front stays once it is no longer "more". `parse`: (front, head) -> HeadStatus.
template <class Head, class Parse>
void try_head(ByteView bytes, Parse&& parse) {
    Head head;
    const HeadStatus whole = parse(bytes, head);
    if (whole == HeadStatus::complete) {
        fuzz::require(head.size <= bytes.size(), "a head is no longer than its input");
        fuzz::require(head.size <= limits::kHttpHeadMax, "no head is above the limit");
        require_sound(head.headers, bytes);
    }
    Prng prng = fuzz::chance_of(bytes);
    const bool all = bytes.size() <= kAllFrontsUpTo;
    for (std::size_t i = 0; i < (all ? bytes.size() : kFrontsOfMore); ++i) {
        const std::size_t size = all ? i : prng.next_below(bytes.size());
        Head front_head;
        const HeadStatus front = parse(bytes.first(size), front_head);
        fuzz::require(front == HeadStatus::need_more || front == whole, "a verdict stays");
        if (front == HeadStatus::complete)
            fuzz::require(front_head.size == head.size, "a head ends where it ends");
    }
}

}  // namespace

std::span<const std::string> wsblast::fuzz::samples() {
    static const std::vector<std::string> all{
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-Empty:\r\nX-Long:\t a b \t\r\n\r\n\x81",
        "HTTP/1.0 503 \r\n\r\n",
        "POST /x?y=z HTTP/1.0\r\n folded\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
    };
    return all;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    test::GuardedMemory memory(size);
    const ByteView bytes = memory.place({data, size});
    try_head<RequestHead>(bytes, parse_request_head);
    try_head<ResponseHead>(bytes, parse_response_head);
    return 0;
}
