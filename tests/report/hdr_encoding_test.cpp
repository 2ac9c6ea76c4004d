#include "report/hdr_encoding.hpp"

#include <bit>
#include <memory>

#include <catch2/catch.hpp>

#include "base/prng.hpp"
#include "deflate/deflate.hpp"
#include "tests/support/base64.hpp"
#include "tests/support/histogram_counts.hpp"

namespace wsblast::report {

namespace {

using Bytes = std::vector<std::uint8_t>;
using test::Counts;

constexpr std::size_t kHeadBytes = 40;
constexpr std::size_t kPayloadMax = 1 << 20;

stats::HistogramSnapshot histogram_of(const std::vector<std::pair<TimeNs, std::uint64_t>>& values) {
    const auto histogram = std::make_unique<stats::Histogram>();
    for (const auto& [value_ns, count] : values) histogram->record_many(value_ns, count);
    return histogram->snapshot();
}

using test::counts_of;

// Reads the encoding as its description says, and not as it was written here.
class Reader {
  public:
    explicit Reader(const Bytes& bytes) : bytes_(bytes) {}

    [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
    std::uint64_t number(int size) {
        std::uint64_t value = 0;
        for (int i = 0; i < size; ++i) value = value << 8 | next();
        return value;
    }
    // ZigZag LEB128 of 64 bits in at most 9 bytes.
    std::int64_t zigzag() {
        std::uint64_t value = 0;
        for (int i = 0; i < 9; ++i) {
            const std::uint64_t byte = next();
            const bool last = i == 8 || byte < 0x80;
            value |= (last ? byte : byte & 0x7f) << (7 * i);
            if (last) break;
        }
        return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
    }

  private:
    std::uint8_t next() {
        REQUIRE(at_ < bytes_.size());
        return bytes_[at_++];
    }

    const Bytes& bytes_;
    std::size_t at_ = 0;
};

Counts decoded(const Bytes& payload) {
    Reader reader(payload);
    CHECK(reader.number(4) == 0x1c849313);
    CHECK(reader.number(4) == payload.size() - kHeadBytes);
    CHECK(reader.number(4) == 0);                  // normalizing index offset
    CHECK(reader.number(4) == 3);                  // significant digits
    CHECK(reader.number(8) == 1);                  // lowest discernible value
    CHECK(reader.number(8) == 3'600'000'000'000);  // highest trackable value
    CHECK(std::bit_cast<double>(reader.number(8)) == 1.0);
    Counts counts;
    std::uint64_t bucket = 0;
    while (!reader.at_end()) {
        const std::int64_t count = reader.zigzag();
        if (count > 0) counts[static_cast<std::uint32_t>(bucket)] = static_cast<std::uint64_t>(count);
        CHECK(count != -1);  // a single empty bucket is written as 0
        bucket += count < 0 ? static_cast<std::uint64_t>(-count) : 1;
    }
    return counts;
}

// What is in the text: its own head, then the payload, compressed.
Bytes payload_of(const std::string& text) {
    const Bytes bytes = test::from_base64(text);
    Reader reader(bytes);
    CHECK(reader.number(4) == 0x1c849314);
    CHECK(reader.number(4) == bytes.size() - 8);
    return deflate::decompress(ByteView(bytes).subspan(8), kPayloadMax);
}

}  // namespace

TEST_CASE("hdr encoding: it is what another program writes of the same values", "[report][hdr]") {
    const auto values = histogram_of({{0, 1},
                                      {1, 2},
                                      {3, 1},
                                      {2'047, 5},
                                      {2'048, 7},
                                      {1'000'000, 300},
                                      {123'456'789, 40'000},
                                      {kHour, 1}});
    // By hdr-histogram-js 3.0.1: values from 1 to 3.6e12, three digits.
    const char* const theirs =
        "HISTFAAAADx4nJNpmSzMwMAgxsDAwMjAwMDMAAGMDAzMbgY7FjDA+EwsDExf5bn49vcx3mD5mNfwkeX+G0YmANsJCzQ=";
    const Bytes payload = hdr_payload(values);
    const Bytes their_payload = payload_of(theirs);
    const auto counts = [](const Bytes& bytes) { return Bytes(bytes.begin() + kHeadBytes, bytes.end()); };
    CHECK(counts(payload) == counts(their_payload));
    CHECK(Bytes(payload.begin(), payload.begin() + 8) ==
          Bytes(their_payload.begin(), their_payload.begin() + 8));
    CHECK(decoded(payload) == counts_of(values));
}

TEST_CASE("hdr encoding: the text is the payload, compressed, in base64", "[report][hdr]") {
    const auto values = histogram_of({{17, 3}, {5 * kSecond, 1}});
    const std::string text = hdr_text(values);
    CHECK(text.starts_with("HISTFAAA"));
    CHECK(payload_of(text) == hdr_payload(values));
}

TEST_CASE("hdr encoding: no values are a head without counts", "[report][hdr]") {
    CHECK(hdr_payload({}).size() == kHeadBytes);
    CHECK(decoded(hdr_payload({})).empty());
    CHECK(payload_of(hdr_text({})) == hdr_payload({}));
}

TEST_CASE("hdr encoding: one bucket, wherever it is", "[report][hdr]") {
    const TimeNs value_ns = GENERATE(as<TimeNs>{}, 0, 1, 2, 2'047, 2'048, 4'095, 4'096, kSecond, kHour);
    const auto values = histogram_of({{value_ns, 9}});
    CAPTURE(value_ns);
    CHECK(decoded(hdr_payload(values)) == Counts{{stats::Buckets::index_of(value_ns), 9}});
}

TEST_CASE("hdr encoding: counts of every size come back", "[report][hdr]") {
    for (std::uint32_t bits = 0; bits < 63; ++bits) {
        const std::uint64_t count = std::uint64_t{1} << bits;
        CAPTURE(bits);
        CHECK(decoded(hdr_payload(histogram_of({{5, count}, {8, count - 1}})))[5] == count);
    }
    CHECK(decoded(hdr_payload(histogram_of({{5, 63}})))[5] == 63);  // the last one in a byte
    CHECK(hdr_payload(histogram_of({{0, 63}})).size() == kHeadBytes + 1);
    CHECK(hdr_payload(histogram_of({{0, 64}})).size() == kHeadBytes + 2);
}

TEST_CASE("hdr encoding: any histogram comes back, bucket by bucket", "[report][hdr]") {
    Prng random(GENERATE(1u, 2u, 3u, 4u));
    std::vector<std::pair<TimeNs, std::uint64_t>> values;
    for (int i = 0; i < 3'000; ++i) {
        const TimeNs value_ns = random.next() >> (22 + random.next_below(41));
        values.emplace_back(std::min(value_ns, TimeNs{kHour}), 1 + random.next_below(1'000));
    }
    const auto histogram = histogram_of(values);
    CHECK(decoded(payload_of(hdr_text(histogram))) == counts_of(histogram));
}

}  // namespace wsblast::report
