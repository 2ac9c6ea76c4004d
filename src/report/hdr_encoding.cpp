#include "report/hdr_encoding.hpp"

#include <bit>

#include "crypto/base64.hpp"
#include "deflate/deflate.hpp"

namespace wsblast::report {

namespace {

constexpr std::uint32_t kCookie = 0x1c849303 | 0x10;
constexpr std::uint32_t kCompressedCookie = 0x1c849304 | 0x10;
constexpr std::uint32_t kDigits = 3;
static_assert(stats::Buckets::kSubBuckets == 2048, "three digits are 2,048 values to the first bucket");

template <class Number>
void put(std::vector<std::uint8_t>& out, Number value) {
    for (std::size_t byte = sizeof value; byte-- > 0;)
        out.push_back(static_cast<std::uint8_t>(value >> (8 * byte)));
}

// ZigZag, then LEB128 whose ninth byte holds eight bits.
void put_count(std::vector<std::uint8_t>& out, std::int64_t count) {
    auto value = static_cast<std::uint64_t>(count) << 1 ^ static_cast<std::uint64_t>(count >> 63);
    for (int byte = 0; byte < 8; ++byte, value >>= 7) {
        if (value < 0x80) return out.push_back(static_cast<std::uint8_t>(value));
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

// Buckets from the first to the last that was used; a run of empty ones is one negative number.
std::vector<std::uint8_t> encode_counts(const stats::HistogramSnapshot& values) {
    std::vector<std::uint8_t> out;
    std::uint32_t next = 0;
    values.for_each([&](std::uint32_t bucket, std::uint64_t count) {
        const std::int64_t empty = bucket - next;
        if (empty == 1) put_count(out, 0);
        if (empty > 1) put_count(out, -empty);
        put_count(out, static_cast<std::int64_t>(count));
        next = bucket + 1;
    });
    return out;
}

}  // namespace

std::vector<std::uint8_t> hdr_payload(const stats::HistogramSnapshot& values) {
    const std::vector<std::uint8_t> counts = encode_counts(values);
    std::vector<std::uint8_t> out;
    put(out, kCookie);
    put(out, static_cast<std::uint32_t>(counts.size()));
    put(out, std::uint32_t{0});  // normalizing index offset
    put(out, kDigits);
    put(out, std::uint64_t{1});  // lowest discernible value
    put(out, std::uint64_t{stats::Buckets::kValueMaxNs});
    put(out, std::bit_cast<std::uint64_t>(1.0));  // integer to double ratio
    out.insert(out.end(), counts.begin(), counts.end());
    return out;
}

std::string hdr_text(const stats::HistogramSnapshot& values) {
    const std::vector<std::uint8_t> compressed = deflate::compress(hdr_payload(values));
    std::vector<std::uint8_t> out;
    put(out, kCompressedCookie);
    put(out, static_cast<std::uint32_t>(compressed.size()));
    out.insert(out.end(), compressed.begin(), compressed.end());
    return crypto::to_base64(out);
}

}  // namespace wsblast::report
