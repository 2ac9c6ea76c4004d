#include "target/deflations.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::target;

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr proto::DeflateTerms kAlone{.server_no_context_takeover = true};
const std::string kText = "what is answered once may be answered again, what is answered once";

Bytes compressed(Deflations& deflations, transport::ConnectionId cid, std::string_view text,
                 deflate::DeflateEnd end = deflate::DeflateEnd::message) {
    const ByteView made = deflations.compress(cid, as_bytes(text), end);
    return {made.begin(), made.end()};
}

std::string inflated(deflate::Inflater& inflater, const Bytes& message) {
    Bytes out(10'000);
    const deflate::StreamStep first = inflater.inflate(message, out);
    const deflate::StreamStep last = inflater.finish(ByteSpan(out).subspan(first.produced));
    CHECK(last.status == deflate::StreamStatus::consumed);
    return std::string(as_text(out).substr(0, first.produced + last.produced));
}

}  // namespace

TEST_CASE("deflations: messages that stand alone are the same each time", "[target][deflations]") {
    Deflations deflations(8);
    CHECK_FALSE(deflations.agreed(3));
    deflations.agree(3, kAlone);
    deflations.agree(4, kAlone);
    CHECK(deflations.agreed(3));
    const Bytes first = compressed(deflations, 3, kText);
    CHECK(first.size() < kText.size());
    CHECK(compressed(deflations, 4, kText) == first);
    CHECK(compressed(deflations, 3, kText) == first);
    deflate::Inflater inflater(15);
    CHECK(inflated(inflater, first) == kText);
    deflations.drop(3);
    CHECK_FALSE(deflations.agreed(3));
    CHECK(deflations.agreed(4));
}

TEST_CASE("deflations: each connection remembers its own messages", "[target][deflations]") {
    Deflations deflations(8);
    deflations.agree(1, {});
    deflations.agree(2, {});
    const Bytes first = compressed(deflations, 1, kText);
    CHECK(compressed(deflations, 2, kText) == first);
    const Bytes second = compressed(deflations, 1, kText);
    CHECK(second.size() < first.size() / 2);
    deflate::Inflater inflater(15);
    CHECK(inflated(inflater, first) == kText);
    CHECK(inflated(inflater, second) == kText);
    // The next connection of that id begins anew.
    deflations.drop(1);
    deflations.agree(1, {});
    CHECK(compressed(deflations, 1, kText) == first);
}

TEST_CASE("deflations: parts of messages that stand alone may be apart", "[target][deflations]") {
    Deflations deflations(8);
    deflations.agree(1, kAlone);
    deflations.agree(2, kAlone);
    Bytes message = compressed(deflations, 1, kText, deflate::DeflateEnd::part);
    static_cast<void>(compressed(deflations, 2, "another one in between"));
    const Bytes end = compressed(deflations, 1, kText);
    message.insert(message.end(), end.begin(), end.end());
    deflate::Inflater inflater(15);
    CHECK(inflated(inflater, message) == kText + kText);
}

TEST_CASE("deflations: windows are kept apart, and what is too large is told", "[target][deflations]") {
    Deflations deflations(8);
    proto::DeflateTerms narrow = kAlone;
    narrow.server_window_bits = 8;
    deflations.agree(1, narrow);
    deflations.agree(2, kAlone);
    const std::string far = kText + std::string(400, '-') + kText;
    CHECK(compressed(deflations, 1, far).size() > compressed(deflations, 2, far).size());
    deflate::Inflater inflater(8);
    CHECK(inflated(inflater, compressed(deflations, 1, far)) == far);
    CHECK(deflations.plain(limits::kBacklogBytesMax).size() == limits::kBacklogBytesMax);
    CHECK(deflations.plain(limits::kBacklogBytesMax + 1).empty());
}
