#include "plan/answer_key.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

namespace wsblast::plan {

namespace {

// What the holes of a message are read as when its JSON is looked at: 16 digits that stand for themselves,
// inside of a string and outside.
constexpr std::uint64_t kPlaceholder = 8'000'000'000'000'000;

std::size_t find_text(std::string_view text, std::string_view words, std::size_t from) {
    const void* at = memmem(text.data() + from, text.size() - from, words.data(), words.size());
    if (at == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

// The number at the front, after white space and at most one quote.
std::optional<std::uint64_t> leading_number(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto skip_blanks = [&] {
        text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    };
    skip_blanks();
    if (text.starts_with('"')) text.remove_prefix(1);
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    return number;
}

std::string with_placeholders(const MessageText& text) {
    std::string plain;
    for (const MessageText::Piece& piece : text.pieces())
        plain += piece.literal + std::to_string(kPlaceholder + piece.place);
    return plain + text.tail();
}

// The value with its placeholders turned back into holes.
MessageText with_holes(std::string_view value, const MessageText& whole) {
    std::vector<MessageText::Piece> pieces;
    std::size_t from = 0;
    for (MessageText::Piece piece : whole.pieces()) {
        const std::string placeholder = std::to_string(kPlaceholder + piece.place);
        const std::size_t at = value.find(placeholder, from);
        if (at == std::string_view::npos) continue;
        piece.literal = value.substr(from, at - from);
        pieces.push_back(std::move(piece));
        from = at + placeholder.size();
    }
    return {std::move(pieces), std::string(value.substr(from)), whole.seed()};
}

std::string_view name_of(HoleKind kind) {
    return kind == HoleKind::seq ? "{{$seq}}" : "{{$connection}}";
}

}  // namespace

// --- numbers in a text ---------------------------------------------------------------------------

Result<NumberFinder> NumberFinder::make(const MessageText& text, HoleKind kind) {
    constexpr std::string_view kDelimiters = ",{[ \t\r\n";
    const auto& pieces = text.pieces();
    const auto hole = std::find_if(pieces.begin(), pieces.end(),
                                   [=](const MessageText::Piece& piece) { return piece.kind == kind; });
    if (hole == pieces.end()) {
        return usage_error("the message has no " + std::string(name_of(kind)) + R"(; as in '{"id":)" +
                           std::string(name_of(kind)) + "}'");
    }
    NumberFinder finder;
    std::string_view before = hole->literal;
    before = before.substr(0, before.find_last_not_of(" \t\r\n\"") + 1);
    const std::size_t delimiter = before.find_last_of(kDelimiters);
    if (delimiter != std::string_view::npos) before.remove_prefix(delimiter + 1);
    if (before.empty() && hole == pieces.begin() && hole->literal.empty()) return finder;
    if (before.empty()) {
        return usage_error("a word has to stand before " + std::string(name_of(kind)) +
                           R"(, by which it is found in what comes back: as in '{"id":)" +
                           std::string(name_of(kind)) + "}'");
    }
    finder.words_ = before;
    // In the message itself the words may stand elsewhere too.
    std::string upto;
    for (auto piece = pieces.begin(); piece != hole; ++piece) upto += piece->literal + "0";
    upto += hole->literal;
    for (std::size_t at = upto.find(finder.words_); at != std::string::npos;
         at = upto.find(finder.words_, at + 1))
        ++finder.skipped_;
    --finder.skipped_;  // the last one is the right one
    return finder;
}

std::optional<std::uint64_t> NumberFinder::find(std::string_view text) const {
    if (words_.empty()) return leading_number(text);
    std::size_t at = find_text(text, words_, 0);
    for (std::uint32_t i = 0; i < skipped_ && at != std::string_view::npos; ++i)
        at = find_text(text, words_, at + 1);
    if (at == std::string_view::npos) return std::nullopt;
    return leading_number(text.substr(at + words_.size()));
}

// --- answers -------------------------------------------------------------------------------------

Result<AnswerKey> AnswerKey::sequence(const MessageText& text) {
    auto finder = NumberFinder::make(text, HoleKind::seq);
    if (!finder) return finder.error();
    AnswerKey key;
    key.finder_ = std::move(*finder);
    return key;
}

Result<AnswerKey> AnswerKey::field(const MessageText& text, const FieldPointers& pointers) {
    json::FieldReader reader;
    const std::string plain = with_placeholders(text);
    const auto value = reader.read(as_bytes(plain), pointers.sent);
    if (!value) {
        return usage_error("--match-field: the message is no JSON with a text or a number at " +
                           pointers.sent + "; check the pointer, or give a --message that has it");
    }
    AnswerKey key;
    key.pointer_ = pointers.answer;
    key.value_ = with_holes(*value, text);
    if (key.value_.has(HoleKind::timestamp)) {
        return usage_error(
            "--match-field: what {{$timestamp}} was cannot be told again; put {{$seq}} or "
            "{{$uuid}} at " +
            pointers.sent);
    }
    if (key.value_.size_max() > kValueMax) {
        return usage_error("--match-field: the value at " + pointers.sent + " may have at most " +
                           std::to_string(kValueMax) + " bytes");
    }
    return key;
}

AnswerKey::Read AnswerKey::read(ByteView answer, json::FieldReader& reader) const {
    if (finder_) {
        const auto number = finder_->find(as_text(answer));
        return number ? Read{ReadKind::number, *number} : Read{};
    }
    const auto value = reader.read(answer, pointer_);
    if (!value) return {};
    const bool numbered = value_.pieces().size() == 1 && value_.has(HoleKind::seq);
    if (!numbered) return {ReadKind::value, 0, *value};
    const auto number = number_in(*value);
    return number ? Read{ReadKind::number, *number} : Read{};
}

// The only hole is {{$seq}}: what stands around it is known.
std::optional<std::uint64_t> AnswerKey::number_in(std::string_view value) const {
    const std::string& before = value_.pieces().front().literal;
    const std::string& after = value_.tail();
    if (value.size() < before.size() + after.size() || !value.starts_with(before) ||
        !value.ends_with(after))
        return std::nullopt;
    value = value.substr(before.size(), value.size() - before.size() - after.size());
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || rest != value.data() + value.size()) return std::nullopt;
    return number;
}

bool AnswerKey::carries(const MessageId& id, std::string_view value) const {
    if (value_.size(id) != value.size()) return false;
    std::array<std::uint8_t, kValueMax> text;
    value_.write(text.data(), id);
    return std::memcmp(text.data(), value.data(), value.size()) == 0;
}

// --- stamps --------------------------------------------------------------------------------------

Result<StampReader> StampReader::make(const MessageText& text, std::uint64_t publishers) {
    auto number = NumberFinder::make(text, HoleKind::seq);
    if (!number) return number.error();
    StampReader reader;
    reader.number_ = std::move(*number);
    reader.publishers_ = publishers;
    if (publishers == 1 && !text.has(HoleKind::connection)) return reader;
    auto connection = NumberFinder::make(text, HoleKind::connection);
    if (!connection) return connection.error();
    reader.connection_ = std::move(*connection);
    return reader;
}

std::optional<Stamp> StampReader::read(ByteView message) const {
    const std::string_view text = as_text(message);
    const auto number = number_.find(text);
    if (!number || *number == 0) return std::nullopt;
    if (!connection_) return Stamp{0, *number};
    const auto connection = connection_->find(text);
    if (!connection || *connection >= publishers_) return std::nullopt;
    return Stamp{static_cast<std::uint32_t>(*connection), *number};
}

}  // namespace wsblast::plan
