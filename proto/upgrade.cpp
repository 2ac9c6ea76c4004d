#include "proto/upgrade.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>

#include "base/limits.hpp"
#include "proto/http_head.hpp"
#include "proto/subprotocol.hpp"
#include "text/format.hpp"

namespace wsblast::proto {

namespace {

constexpr std::string_view kHost = "Host";
constexpr std::string_view kOrigin = "Origin";
constexpr std::string_view kUpgrade = "Upgrade";
constexpr std::string_view kConnection = "Connection";
constexpr std::string_view kKey = "Sec-WebSocket-Key";
constexpr std::string_view kAccept = "Sec-WebSocket-Accept";
constexpr std::string_view kVersion = "Sec-WebSocket-Version";
constexpr std::string_view kWebSocket = "websocket";
constexpr std::string_view kVersionValue = "13";

constexpr std::array kFixedHeaders{kUpgrade, kConnection, kKey, kVersion, kExtensionsHeader};

constexpr std::uint16_t kSwitchingProtocols = 101;
constexpr std::uint16_t kBadRequest = 400;
constexpr std::uint16_t kUpgradeRequired = 426;
constexpr std::uint16_t kHeadersTooLarge = 431;
constexpr std::uint16_t kVersionNotSupported = 505;

// "Name: value" of --header, or what is wrong with it.
Result<HttpHeader> parse_extra_header(std::string_view line) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const HttpHeader header{line.substr(0, colon),
                            trim_http_space(line.substr(std::min(colon + 1, line.size())))};
    if (colon == line.size() || !is_http_token(header.name)) {
        return usage_error("a header is not of the form \"Name: value\"");
    }
    if (!is_http_value(header.value)) {
        return usage_error(
            text::format("header '{}': its value has a line break or control character; "
                         "give one --header for each line",
                         header.name));
    }
    const auto is_its_name = [&header](std::string_view name) {
        return equals_ignoring_case(header.name, name);
    };
    if (std::ranges::any_of(kFixedHeaders, is_its_name)) {
        return usage_error(
            text::format("header '{}' belongs to the upgrade itself and cannot be replaced; "
                         "leave it out",
                         header.name));
    }
    if (is_its_name(kProtocolHeader)) {
        return usage_error(
            text::format("header '{}' cannot be given as such; use --subprotocol", header.name));
    }
    return header;
}

using Headers = std::vector<HttpHeader>;

bool contains(const Headers& headers, std::string_view name) {
    return std::ranges::any_of(headers,
                               [name](const HttpHeader& h) { return equals_ignoring_case(h.name, name); });
}

Result<Headers> parse_extra_headers(const std::vector<std::string>& lines) {
    Headers headers;
    for (const std::string& line : lines) {
        auto header = parse_extra_header(line);
        if (!header) return header.error();
        const bool single =
            equals_ignoring_case(header->name, kHost) || equals_ignoring_case(header->name, kOrigin);
        if (single && contains(headers, header->name)) {
            return usage_error(text::format("header '{}' is given twice; give it once", header->name));
        }
        headers.push_back(*header);
    }
    return headers;
}

Result<void> check_plain_options(const UpgradeOptions& options) {
    const auto is_bad_word = [](std::string_view text) {
        return text.empty() || !is_http_value(text) || text.find_first_of(" \t") != std::string_view::npos;
    };
    if (is_bad_word(options.host)) {
        return usage_error(
            text::format("host '{}' is empty or has white space or control characters", options.host));
    }
    if (is_bad_word(options.path) || options.path.front() != '/') {
        return usage_error(
            text::format("path '{}' must begin with '/' and have no white space", options.path));
    }
    if (!is_http_value(options.origin)) {
        return usage_error("the origin has a line break or control character; remove it");
    }
    for (const std::string& name : options.subprotocols) {
        if (is_http_token(name)) continue;
        return usage_error(
            text::format("subprotocol '{}' is no token: letters, digits and -._+ are allowed", name));
    }
    return {};
}

UpgradeFailure failure_of(ExtensionAnswer answer) {
    switch (answer) {
        case ExtensionAnswer::none:
        case ExtensionAnswer::deflate: return UpgradeFailure::none;
        case ExtensionAnswer::unrequested: return UpgradeFailure::unrequested_extension;
        case ExtensionAnswer::unsound: return UpgradeFailure::unsound_extension;
    }
    return UpgradeFailure::none;
}

UpgradeFailure check_upgrade_headers(const HttpHeaders& headers, const crypto::AcceptKey& expected,
                                     const DeflateAnswer& extension, std::span<const std::string> offered) {
    const auto upgrade = headers.find(kUpgrade);
    if (!upgrade) return UpgradeFailure::missing_upgrade;
    if (!equals_ignoring_case(*upgrade, kWebSocket)) return UpgradeFailure::wrong_upgrade;
    if (!headers.find(kConnection)) return UpgradeFailure::missing_connection;
    if (!headers.has_token(kConnection, kUpgrade)) return UpgradeFailure::wrong_connection;
    const auto accept = headers.find(kAccept);
    // Neither may stand there twice (RFC 6455 11.3.3, 11.3.4).
    if (headers.count(kAccept) > 1) return UpgradeFailure::wrong_accept;
    if (headers.count(kProtocolHeader) > 1) return UpgradeFailure::unrequested_subprotocol;
    if (!accept) return UpgradeFailure::missing_accept;
    if (*accept != crypto::as_text(expected)) return UpgradeFailure::wrong_accept;
    const UpgradeFailure failure = failure_of(extension.answer);
    if (failure != UpgradeFailure::none) return failure;
    const auto subprotocol = headers.find(kProtocolHeader);
    if (subprotocol && !place_of(*subprotocol, offered)) return UpgradeFailure::unrequested_subprotocol;
    return UpgradeFailure::none;
}

// The base64 of 16 bytes: 22 characters of its alphabet and "==" (RFC 6455 4.1, item 7).
bool is_handshake_key(std::string_view key) {
    constexpr std::string_view kPadding = "==";
    if (key.size() != crypto::kHandshakeKeyLength || !key.ends_with(kPadding)) return false;
    key.remove_suffix(kPadding.size());
    return std::ranges::all_of(key, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
               c == '/';
    });
}

UpgradeRead bad_request(std::uint16_t http_status) {
    return {.kind = RequestKind::bad, .http_status = http_status};
}

UpgradeRead read_complete_request(const RequestHead& head, const ServerTerms& terms) {
    const HttpHeaders& headers = head.headers;
    if (head.minor_version >= 1 && !headers.find(kHost)) return bad_request(kBadRequest);
    UpgradeRead read{.kind = RequestKind::plain,
                     .head_size = head.size,
                     .method = head.method,
                     .path = head.target.substr(0, head.target.find('?'))};
    const bool wants_upgrade = head.method == "GET" && head.minor_version >= 1 &&
                               headers.has_token(kUpgrade, kWebSocket) &&
                               headers.has_token(kConnection, kUpgrade);
    if (!wants_upgrade) return read;
    if (headers.find(kVersion) != kVersionValue) return bad_request(kUpgradeRequired);
    read.key = headers.find(kKey).value_or("");
    if (!is_handshake_key(read.key)) return bad_request(kBadRequest);
    read.kind = RequestKind::upgrade;
    if (terms.deflate != nullptr) read.deflate = accept_deflate(headers, *terms.deflate);
    read.subprotocol = choose_subprotocol(headers, terms.subprotocols);
    return read;
}

Error unknown_column(std::string_view name, std::span<const std::string> columns) {
    std::string known;
    for (const std::string& column : columns) known += (known.empty() ? "" : ", ") + column;
    return usage_error(
        text::format("'{{{{{}}}}}' in a header is no column of its values: these are {}", name, known));
}

// A header's value up to its next {{column}}, which both are taken from its front.
struct ValuePart {
    std::string_view text;
    std::optional<std::size_t> column;  // none: this is the last one
};
Result<ValuePart> next_part(std::string_view& value, std::span<const std::string> columns) {
    constexpr std::string_view kOpen = "{{";
    constexpr std::string_view kClose = "}}";
    const std::size_t open = columns.empty() ? std::string_view::npos : value.find(kOpen);
    const std::size_t close = open == std::string_view::npos ? open : value.find(kClose, open);
    if (close == std::string_view::npos) return ValuePart{value, std::nullopt};
    const std::string_view name = value.substr(open + kOpen.size(), close - open - kOpen.size());
    const auto column = std::ranges::find(columns, name);
    if (column == columns.end()) return unknown_column(name, columns);
    const std::string_view text = value.substr(0, open);
    value.remove_prefix(close + kClose.size());
    return ValuePart{text, static_cast<std::size_t>(column - columns.begin())};
}

// Answers after which another one comes to the same request; 101 is a final one here.
bool is_interim(std::uint16_t status) {
    return status >= 100 && status < 200 && status != kSwitchingProtocols;
}

struct ReasonPhrase {
    std::uint16_t status;
    std::string_view text;
};

constexpr std::array kReasonPhrases{ReasonPhrase{200, "OK"},
                                    ReasonPhrase{kBadRequest, "Bad Request"},
                                    ReasonPhrase{404, "Not Found"},
                                    ReasonPhrase{405, "Method Not Allowed"},
                                    ReasonPhrase{kUpgradeRequired, "Upgrade Required"},
                                    ReasonPhrase{kHeadersTooLarge, "Request Header Fields Too Large"},
                                    ReasonPhrase{503, "Service Unavailable"},
                                    ReasonPhrase{kVersionNotSupported, "HTTP Version Not Supported"}};

// Empty for a status that is not in the table, which RFC 9112 4 allows.
std::string_view reason_phrase(std::uint16_t status) {
    const auto found = std::ranges::find(kReasonPhrases, status, &ReasonPhrase::status);
    return found != kReasonPhrases.end() ? found->text : std::string_view{};
}

}  // namespace

Result<UpgradeRequest> UpgradeRequest::build(const UpgradeOptions& options) {
    const auto extra = parse_extra_headers(options.headers);
    if (!extra) return extra.error();
    if (const auto sound = check_plain_options(options); !sound) return sound.error();

    std::string text = "GET ";
    std::vector<Hole> holes;
    const auto add_with_holes = [&](std::string_view value) -> Result<void> {
        for (;;) {
            const auto part = next_part(value, options.columns);
            if (!part) return part.error();
            text += part->text;
            if (!part->column) return {};
            holes.push_back({text.size(), *part->column});
        }
    };
    if (const auto added = add_with_holes(options.path); !added) return added.error();
    text += " HTTP/1.1\r\n";
    const auto add = [&text](std::string_view name, std::string_view value) {
        text += text::format("{}: {}\r\n", name, value);
    };
    const auto add_default = [&](std::string_view name, std::string_view value) {
        if (!value.empty() && !contains(*extra, name)) add(name, value);
    };
    add_default(kHost, options.host);
    add(kUpgrade, kWebSocket);
    add(kConnection, kUpgrade);
    const std::size_t key_offset = text.size() + kKey.size() + std::string_view(": ").size();
    add(kKey, std::string(crypto::kHandshakeKeyLength, '0'));
    add(kVersion, kVersionValue);
    if (options.deflate) add(kExtensionsHeader, to_offer(*options.deflate));
    add_default(kOrigin, options.origin);
    add_default(kProtocolHeader, subprotocol_offer(options.subprotocols));
    for (const HttpHeader& header : *extra) {
        text += text::format("{}: ", header.name);
        if (const auto added = add_with_holes(header.value); !added) return added.error();
        text += "\r\n";
    }
    if (options.lines_column) holes.push_back({text.size(), *options.lines_column});
    text += "\r\n";
    if (text.size() > limits::kHttpHeadMax) {
        return usage_error(
            text::format("the upgrade request has {} bytes, allowed are {}; give fewer or shorter headers",
                         text.size(), limits::kHttpHeadMax));
    }
    return UpgradeRequest(std::move(text), key_offset, std::move(holes));
}

std::size_t UpgradeRequest::size(std::span<const std::string> values) const {
    std::size_t size = text_.size();
    for (const Hole& hole : holes_) size += values[hole.column].size();
    return size;
}

void UpgradeRequest::write(std::uint8_t* out, const crypto::HandshakeKey& key,
                           std::span<const std::string> values) const {
    std::uint8_t* key_place = out + key_offset_;
    std::size_t from = 0;
    for (const Hole& hole : holes_) {
        if (hole.offset <= key_offset_) key_place += values[hole.column].size();
        out = std::ranges::copy(std::string_view(text_).substr(from, hole.offset - from), out).out;
        out = std::ranges::copy(values[hole.column], out).out;
        from = hole.offset;
    }
    std::ranges::copy(std::string_view(text_).substr(from), out);
    std::ranges::copy(key, key_place);
}

std::string_view to_text(UpgradeFailure failure) {
    switch (failure) {
        case UpgradeFailure::none: return "none";
        case UpgradeFailure::not_http: return "not an HTTP/1.1 response";
        case UpgradeFailure::oversized_head: return "oversized response head";
        case UpgradeFailure::status: return "HTTP status other than 101";
        case UpgradeFailure::missing_upgrade: return "no Upgrade header";
        case UpgradeFailure::wrong_upgrade: return "Upgrade header is not 'websocket'";
        case UpgradeFailure::missing_connection: return "no Connection header";
        case UpgradeFailure::wrong_connection: return "Connection header without 'upgrade'";
        case UpgradeFailure::missing_accept: return "no Sec-WebSocket-Accept header";
        case UpgradeFailure::wrong_accept: return "wrong Sec-WebSocket-Accept";
        case UpgradeFailure::unrequested_extension: return "extension that was not requested";
        case UpgradeFailure::unsound_extension: return "parameters of an extension that were not offered";
        case UpgradeFailure::unrequested_subprotocol: return "subprotocol that was not requested";
    }
    return "unknown";
}

UpgradeCheck check_upgrade_response(ByteView in, const crypto::AcceptKey& expected,
                                    const UpgradeOffer& offered) {
    const auto rejected = [](UpgradeFailure failure) {
        return UpgradeCheck{.status = UpgradeStatus::rejected, .failure = failure};
    };
    ResponseHead head;
    std::size_t interim = 0;  // bytes of the answers before the final one (RFC 9110 15.2)
    do {
        interim += head.size;
        head = {};
        switch (parse_response_head(in.subspan(interim), head)) {
            case HeadStatus::need_more: return {};
            case HeadStatus::malformed:
            case HeadStatus::wrong_version: return rejected(UpgradeFailure::not_http);
            case HeadStatus::oversized: return rejected(UpgradeFailure::oversized_head);
            case HeadStatus::complete: break;
        }
    } while (is_interim(head.status));
    UpgradeCheck check{.http_status = head.status, .head_size = interim + head.size};
    check.body_size = body_size(head);
    if (head.status != kSwitchingProtocols) {
        check.failure = UpgradeFailure::status;
    } else if (head.minor_version == 0) {
        check.failure = UpgradeFailure::not_http;
    } else {
        const DeflateAnswer extension = read_deflate_answer(head.headers, offered.deflate);
        check.failure = check_upgrade_headers(head.headers, expected, extension, offered.subprotocols);
        if (extension.answer == ExtensionAnswer::deflate) check.deflate = extension.terms;
    }
    if (check.failure == UpgradeFailure::none) {
        check.subprotocol = place_of(head.headers.find(kProtocolHeader).value_or(""), offered.subprotocols);
        check.status = UpgradeStatus::accepted;
        return check;
    }
    check.status = UpgradeStatus::rejected;
    if (is_redirect(head.status)) check.location = head.headers.find("Location").value_or("");
    check.body_excerpt = as_text(in.subspan(check.head_size)).substr(0, limits::kBodyExcerptMax);
    return check;
}

UpgradeRead read_upgrade_request(ByteView in, const ServerTerms& terms) {
    RequestHead head;
    switch (parse_request_head(in, head)) {
        case HeadStatus::need_more: return {};
        case HeadStatus::malformed: return bad_request(kBadRequest);
        case HeadStatus::oversized: return bad_request(kHeadersTooLarge);
        case HeadStatus::wrong_version: return bad_request(kVersionNotSupported);
        case HeadStatus::complete: break;
    }
    return read_complete_request(head, terms);
}

std::size_t write_upgrade_response(ByteSpan out, const UpgradeRead& request) {
    assert(out.size() >=
           (request.deflate || !request.subprotocol.empty() ? kUpgradeResponseMax : kUpgradeResponseSize));
    auto at = std::ranges::copy(kUpgradeResponseStart, out.begin()).out;
    at = std::ranges::copy(crypto::make_accept_key(request.key), at).out;
    const auto add = [&at](std::string_view name, std::string_view value) {
        at = std::ranges::copy(text::format("\r\n{}: {}", name, value), at).out;
    };
    if (request.deflate) add(kExtensionsHeader, to_answer(request.deflate->answer));
    if (!request.subprotocol.empty()) add(kProtocolHeader, request.subprotocol);
    at = std::ranges::copy(kHeadEnd, at).out;
    return static_cast<std::size_t>(at - out.begin());
}

std::string make_http_response(const HttpResponse& response) {
    std::string text = text::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
    if (response.status == kUpgradeRequired) {
        text += text::format("{}: {}\r\n{}: {}, close\r\n{}: {}\r\n", kUpgrade, kWebSocket, kConnection,
                             kUpgrade, kVersion, kVersionValue);
    } else {
        text += text::format("{}: close\r\n", kConnection);
    }
    if (!response.extra_header.empty()) text += text::format("{}\r\n", response.extra_header);
    text += text::format("Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}", response.content_type,
                         response.body.size(), response.body);
    return text;
}

}  // namespace wsblast::proto
