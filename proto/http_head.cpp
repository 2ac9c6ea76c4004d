#include "proto/http_head.hpp"

#include <algorithm>
#include <charconv>

#include "base/ascii.hpp"

namespace wsblast::proto {

namespace {

constexpr std::string_view kVersionPrefix = "HTTP/";
constexpr std::size_t kVersionSize = 8;  // "HTTP/1.1"

constexpr bool is_token_character(char c) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) || kMarks.find(c) != std::string_view::npos;
}

// "HTTP/1.x"; complete when it is.
HeadStatus parse_version(std::string_view text, std::uint8_t& minor_version) {
    const bool version = text.size() == kVersionSize && text.starts_with(kVersionPrefix) &&
                         is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
    if (!version) return HeadStatus::malformed;
    if (text[5] != '1') return HeadStatus::wrong_version;
    minor_version = static_cast<std::uint8_t>(text[7] - '0');
    return HeadStatus::complete;
}

// method SP target SP version (RFC 9112 3)
HeadStatus parse_first_line(std::string_view line, RequestHead& head) {
    const std::size_t method_end = line.find(' ');
    const std::size_t target_end = line.rfind(' ');
    if (method_end == std::string_view::npos || target_end <= method_end) return HeadStatus::malformed;
    head.method = line.substr(0, method_end);
    head.target = line.substr(method_end + 1, target_end - method_end - 1);
    const bool sound =
        is_http_token(head.method) && !head.target.empty() && std::ranges::all_of(head.target, is_visible);
    if (!sound) return HeadStatus::malformed;
    return parse_version(line.substr(target_end + 1), head.minor_version);
}

// version SP 3DIGIT [SP reason] (RFC 9112 4; many servers leave the second space out)
HeadStatus parse_first_line(std::string_view line, ResponseHead& head) {
    constexpr std::size_t kStatusEnd = kVersionSize + 4;
    const HeadStatus version = parse_version(line.substr(0, kVersionSize), head.minor_version);
    if (version != HeadStatus::complete) return version;
    if (line.size() < kStatusEnd || line[kVersionSize] != ' ') return HeadStatus::malformed;
    if (line.size() > kStatusEnd && line[kStatusEnd] != ' ') return HeadStatus::malformed;
    head.status = 0;
    for (const char c : line.substr(kVersionSize + 1, 3)) {
        if (!is_digit(c)) return HeadStatus::malformed;
        head.status = static_cast<std::uint16_t>(head.status * 10 + (c - '0'));
    }
    head.reason = trim_http_space(line.substr(kStatusEnd));
    return is_http_value(head.reason) ? HeadStatus::complete : HeadStatus::malformed;
}

// name ":" OWS value OWS (RFC 9112 5). A line that begins with a space, the old folding, has no token
// there.
HeadStatus parse_header(std::string_view line, HttpHeaders& headers) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_http_token(line.substr(0, colon)))
        return HeadStatus::malformed;
    const std::string_view value = trim_http_space(line.substr(colon + 1));
    if (!is_http_value(value)) return HeadStatus::malformed;
    return headers.add({line.substr(0, colon), value}) ? HeadStatus::complete : HeadStatus::oversized;
}

template <class Head>
HeadStatus parse_head(ByteView in, Head& head) {
    const std::string_view text = as_text(in.first(std::min(in.size(), limits::kHttpHeadMax)));
    head.headers.clear();
    std::size_t at = 0;
    for (bool first = true;; first = false) {
        const std::size_t newline = text.find('\n', at);
        if (newline == std::string_view::npos) {
            return text.size() == limits::kHttpHeadMax ? HeadStatus::oversized : HeadStatus::need_more;
        }
        if (newline == at || text[newline - 1] != '\r') return HeadStatus::malformed;
        const std::string_view line = text.substr(at, newline - 1 - at);
        at = newline + 1;
        if (!first && line.empty()) break;
        const HeadStatus status = first ? parse_first_line(line, head) : parse_header(line, head.headers);
        if (status != HeadStatus::complete) return status;
    }
    head.size = at;
    return HeadStatus::complete;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

bool is_http_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_character);
}

bool is_http_value(std::string_view text) {
    return std::ranges::none_of(text, [](char c) {
        const auto byte = static_cast<std::uint8_t>(c);
        return (byte < ' ' && c != '\t') || c == '\x7f';
    });
}

std::string_view trim_http_space(std::string_view text) {
    return trim(text, " \t");
}

bool HttpHeaders::add(HttpHeader header) {
    if (count_ == items_.size()) return false;
    items_[count_++] = header;
    return true;
}

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
    for (std::size_t i = 0; i < count_; ++i) {
        if (equals_ignoring_case(items_[i].name, name)) return items_[i].value;
    }
    return std::nullopt;
}

std::size_t HttpHeaders::count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::count_if(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(count_),
                      [&](const HttpHeader& header) { return equals_ignoring_case(header.name, name); }));
}

bool HttpHeaders::has_token(std::string_view name, std::string_view token) const {
    const auto is_it = [token](std::string_view entry) { return equals_ignoring_case(entry, token); };
    return !find_token(name, is_it).empty();
}

HeadStatus parse_request_head(ByteView in, RequestHead& head) {
    return parse_head(in, head);
}

HeadStatus parse_response_head(ByteView in, ResponseHead& head) {
    // A server of another protocol may never send a newline: do not wait for one.
    const std::string_view start = as_text(in.first(std::min(in.size(), kVersionPrefix.size())));
    if (!kVersionPrefix.starts_with(start)) return HeadStatus::malformed;
    return parse_head(in, head);
}

bool is_redirect(std::uint16_t status) {
    constexpr std::array<std::uint16_t, 5> kRedirects{301, 302, 303, 307, 308};
    return std::ranges::find(kRedirects, status) != kRedirects.end();
}

std::optional<std::uint64_t> body_size(const ResponseHead& head) {
    constexpr std::uint16_t kOk = 200;
    constexpr std::uint16_t kNoContent = 204;
    constexpr std::uint16_t kNotModified = 304;
    if (head.status < kOk || head.status == kNoContent || head.status == kNotModified) return 0;
    const auto length = head.headers.find("Content-Length");
    if (!length || head.headers.find("Transfer-Encoding")) return std::nullopt;
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(length->data(), length->data() + length->size(), size);
    if (error != std::errc{} || end != length->data() + length->size()) return std::nullopt;
    return size;
}

}  // namespace wsblast::proto
