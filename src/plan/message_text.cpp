#include "plan/message_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "base/prng.hpp"
#include "plan/deflated_text.hpp"
#include "proto/message_template.hpp"

namespace wsblast::plan {

namespace {

using proto::decimal_width;

constexpr std::size_t kUuidSize = 36;
constexpr std::size_t kTimestampSize = 13;  // until the year 2286
constexpr std::uint64_t kRandomStringMax = 4'096;
constexpr std::string_view kAllowed =
    "; the holes are {{$seq}}, {{$connection}}, {{$timestamp}}, {{$uuid}}, {{$randomNumber(a,b)}} and "
    "{{$randomString(n)}}";

struct HoleName {
    std::string_view name;
    HoleKind kind;
    std::size_t arguments;
};
constexpr std::array<HoleName, 6> kHoleNames{{{"$seq", HoleKind::seq, 0},
                                              {"$connection", HoleKind::connection, 0},
                                              {"$timestamp", HoleKind::timestamp, 0},
                                              {"$uuid", HoleKind::uuid, 0},
                                              {"$randomNumber", HoleKind::random_number, 2},
                                              {"$randomString", HoleKind::random_string, 1}}};

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::uint64_t> read_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
    return number;
}

// "a, b" as numbers; nothing where one is none.
std::optional<std::vector<std::uint64_t>> read_arguments(std::string_view text) {
    std::vector<std::uint64_t> arguments;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const auto number = read_number(trim(text.substr(0, comma)));
        if (!number) return std::nullopt;
        arguments.push_back(*number);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return arguments;
}

// What stands between the braces: "$randomNumber(1, 6)". The literal before it is left to the caller.
Result<MessageText::Piece> read_hole(std::string_view inside, std::size_t offset) {
    const std::string where =
        "the hole '{{" + std::string(inside) + "}}' at byte " + std::to_string(offset);
    const std::string_view call = trim(inside);
    const std::size_t open = std::min(call.find('('), call.size());
    const std::string_view name = trim(call.substr(0, open));
    const auto known = std::find_if(kHoleNames.begin(), kHoleNames.end(),
                                    [&](const HoleName& entry) { return entry.name == name; });
    if (known == kHoleNames.end()) return usage_error(where + " is not known" + std::string(kAllowed));
    std::string_view list = call.substr(open);
    if (!list.empty() && list.back() != ')')
        return usage_error(where + " has no ) at its end" + std::string(kAllowed));
    if (!list.empty()) list = list.substr(1, list.size() - 2);
    const auto arguments = read_arguments(list);
    if (!arguments || arguments->size() != known->arguments) {
        return usage_error(where + " takes " + std::to_string(known->arguments) + " whole numbers" +
                           std::string(kAllowed));
    }
    MessageText::Piece piece;
    piece.kind = known->kind;
    if (known->arguments > 0) piece.low = arguments->front();
    if (known->arguments > 1) piece.high = arguments->back();
    const bool range = piece.kind == HoleKind::random_number;
    const bool string = piece.kind == HoleKind::random_string;
    if (range && (piece.low > piece.high ||
                  piece.high > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())))
        return usage_error(where + " is no range: the first number may not be above the second");
    if (string && (piece.low == 0 || piece.low > kRandomStringMax))
        return usage_error(where + " may have 1 to " + std::to_string(kRandomStringMax) + " characters");
    return piece;
}

// Where the next hole begins: "{{", blanks, "$".
std::size_t find_hole(std::string_view text, std::size_t from) {
    for (std::size_t at = text.find("{{", from); at != std::string_view::npos;
         at = text.find("{{", at + 1)) {
        const std::size_t first = text.find_first_not_of(" \t", at + 2);
        if (first != std::string_view::npos && text[first] == '$') return at;
    }
    return std::string_view::npos;
}

std::uint8_t* put(std::uint8_t* out, std::string_view text) {
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
}

std::uint8_t* put_number(std::uint8_t* out, std::uint64_t value) {
    std::uint8_t* const end = out + decimal_width(value);
    std::uint8_t* at = end;
    do {
        *--at = static_cast<std::uint8_t>('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return end;
}

// RFC 9562 5.4, from 122 random bits.
std::uint8_t* put_uuid(std::uint8_t* out, std::uint64_t high, std::uint64_t low) {
    constexpr std::uint64_t kVersion = 0x4000, kVersionMask = 0xf000;
    constexpr std::uint64_t kVariant = 0x8000'0000'0000'0000u, kVariantMask = 0xc000'0000'0000'0000u;
    high = (high & ~kVersionMask) | kVersion;
    low = (low & ~kVariantMask) | kVariant;
    for (std::size_t digit = 0; digit < 32; ++digit) {
        if (digit == 8 || digit == 12 || digit == 16 || digit == 20) *out++ = '-';
        const std::uint64_t word = digit < 16 ? high : low;
        *out++ = static_cast<std::uint8_t>("0123456789abcdef"[word >> (60 - 4 * (digit % 16)) & 15]);
    }
    return out;
}

std::uint8_t* put_random(std::uint8_t* out, std::uint64_t size, std::uint64_t random) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (std::uint64_t i = 0; i < size; ++i) *out++ = kLetters[below(mix(random + i), kLetters.size())];
    return out;
}

}  // namespace

MessageText::MessageText(std::vector<Piece> pieces, std::string tail, std::uint64_t seed)
    : pieces_(std::move(pieces)), tail_(std::move(tail)), literal_bytes_(tail_.size()), seed_(seed) {
    for (const Piece& piece : pieces_) literal_bytes_ += piece.literal.size();
}

Result<MessageText> MessageText::parse(std::string_view text, std::uint64_t seed) {
    std::vector<Piece> pieces;
    std::size_t from = 0;
    for (std::size_t at = find_hole(text, 0); at != std::string_view::npos; at = find_hole(text, from)) {
        const std::size_t inside = at + 2;
        const std::size_t end = text.find("}}", inside);
        if (end == std::string_view::npos) {
            return usage_error("the hole at byte " + std::to_string(at) + " has no }} at its end" +
                               std::string(kAllowed));
        }
        auto piece = read_hole(text.substr(inside, end - inside), at);
        if (!piece) return piece.error();
        piece->literal = text.substr(from, at - from);
        piece->place = static_cast<std::uint32_t>(pieces.size());
        pieces.push_back(std::move(*piece));
        from = end + 2;
    }
    return MessageText(std::move(pieces), std::string(text.substr(from)), seed);
}

MessageText MessageText::deflated(int window_bits) const {
    std::vector<std::string> literals;
    for (const Piece& piece : pieces_) literals.push_back(piece.literal);
    literals.push_back(tail_);
    literals = deflate_literals(literals, window_bits);
    std::vector<Piece> pieces = pieces_;
    for (std::size_t i = 0; i < pieces.size(); ++i) pieces[i].literal = std::move(literals[i]);
    MessageText made(std::move(pieces), std::move(literals.back()), seed_);
    made.hole_header_bytes_ = kStoredHeaderBytes;
    made.saved_bytes_ =
        static_cast<std::int64_t>(literal_bytes_) -
        static_cast<std::int64_t>(made.literal_bytes_ + made.pieces_.size() * kStoredHeaderBytes);
    return made;
}

bool MessageText::has(HoleKind kind) const {
    return std::any_of(pieces_.begin(), pieces_.end(),
                       [=](const Piece& piece) { return piece.kind == kind; });
}

std::uint64_t MessageText::draw_for(const Piece& piece, const MessageId& id) const {
    constexpr std::uint32_t kPlaceShift = 48;
    const std::uint64_t of_connection = draw(seed_, Stream::message_value, id.connection);
    return mix(mix(of_connection + id.number) ^ static_cast<std::uint64_t>(piece.place) << kPlaceShift);
}

std::size_t MessageText::hole_size(const Piece& piece, const MessageId& id) const {
    switch (piece.kind) {
        case HoleKind::seq: return decimal_width(id.number);
        case HoleKind::connection: return decimal_width(id.connection);
        case HoleKind::timestamp: return kTimestampSize;
        case HoleKind::uuid: return kUuidSize;
        case HoleKind::random_number:
            return decimal_width(piece.low + below(draw_for(piece, id), piece.high - piece.low + 1));
        case HoleKind::random_string: return piece.low;
    }
    return 0;
}

std::uint8_t* MessageText::write_hole(std::uint8_t* out, const Piece& piece, const MessageId& id) const {
    constexpr std::uint64_t kTimestampEnd = 10'000'000'000'000;
    switch (piece.kind) {
        case HoleKind::seq: return put_number(out, id.number);
        case HoleKind::connection: return put_number(out, id.connection);
        case HoleKind::timestamp:
            return put_number(out, std::max(id.unix_ms, kTimestampEnd / 10) % kTimestampEnd);
        case HoleKind::uuid: {
            const std::uint64_t random = draw_for(piece, id);
            return put_uuid(out, random, mix(random));
        }
        case HoleKind::random_number:
            return put_number(out, piece.low + below(draw_for(piece, id), piece.high - piece.low + 1));
        case HoleKind::random_string: return put_random(out, piece.low, draw_for(piece, id));
    }
    return out;
}

std::size_t MessageText::size(const MessageId& id) const {
    std::size_t size = literal_bytes_ + pieces_.size() * hole_header_bytes_;
    for (const Piece& piece : pieces_) size += hole_size(piece, id);
    return size;
}

std::size_t MessageText::size_max() const {
    constexpr std::size_t kNumberMax = 20;
    std::size_t size = literal_bytes_ + pieces_.size() * hole_header_bytes_;
    for (const Piece& piece : pieces_) {
        const bool fixed = piece.kind == HoleKind::random_string || piece.kind == HoleKind::uuid;
        size += fixed ? hole_size(piece, {}) : kNumberMax;
    }
    return size;
}

std::uint8_t* MessageText::write(std::uint8_t* out, const MessageId& id) const {
    for (const Piece& piece : pieces_) {
        std::uint8_t* const header = put(out, piece.literal);
        std::uint8_t* const hole = header + hole_header_bytes_;
        out = write_hole(hole, piece, id);
        if (hole != header) write_stored_header(header, static_cast<std::size_t>(out - hole));
    }
    return put(out, tail_);
}

std::string MessageText::to_string(const MessageId& id) const {
    std::string text(size(id), '\0');
    write(reinterpret_cast<std::uint8_t*>(text.data()), id);
    return text;
}

}  // namespace wsblast::plan
