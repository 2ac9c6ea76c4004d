// The head of an HTTP/1.1 request or response (RFC 9112), as much of it as a WebSocket upgrade needs.
//
// Bounded: limits::kHttpHeadMax bytes, limits::kHttpHeadersMax headers. All views point into the input.
// Pure functions of bytes; a head that is not complete is parsed anew when more has come.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/limits.hpp"
#include "base/units.hpp"

namespace wsblast::proto {

// ASCII, without case.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
// Without the spaces and tabs at both ends.
[[nodiscard]] std::string_view trim_http_space(std::string_view text);

struct HttpHeader {
    std::string_view name;
    std::string_view value;  // without the white space around it
};

// Headers in the order of the wire. Names are compared without case (RFC 9110 5.1).
class HttpHeaders {
  public:
    // False when there is no room for one more.
    [[nodiscard]] bool add(HttpHeader header);
    void clear() { count_ = 0; }
    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] const HttpHeader& operator[](std::size_t index) const { return items_[index]; }

    // The value of the first header of that name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    // How many headers have that name.
    [[nodiscard]] std::size_t count(std::string_view name) const;
    // The first entry of the comma-separated lists of all headers of that name for which `fits(entry)`;
    // empty: there is none.
    template <class Fits>
    [[nodiscard]] std::string_view find_token(std::string_view name, Fits fits) const;
    // Whether `token` stands, without case, in the comma-separated lists of all headers of that name.
    [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;

  private:
    std::array<HttpHeader, limits::kHttpHeadersMax> items_;
    std::size_t count_ = 0;
};

template <class Fits>
std::string_view HttpHeaders::find_token(std::string_view name, Fits fits) const {
    for (std::size_t i = 0; i < count_; ++i) {
        if (!equals_ignoring_case(items_[i].name, name)) continue;
        std::string_view list = items_[i].value;
        while (!list.empty()) {
            const std::size_t comma = std::min(list.find(','), list.size());
            const std::string_view entry = trim_http_space(list.substr(0, comma));
            if (fits(entry)) return entry;
            list.remove_prefix(std::min(comma + 1, list.size()));
        }
    }
    return {};
}

struct RequestHead {
    std::string_view method;
    std::string_view target;
    std::uint8_t minor_version = 1;  // of HTTP/1.x
    HttpHeaders headers;
    std::size_t size = 0;  // the body, or the first frame, begins after so many bytes
};

struct ResponseHead {
    std::uint16_t status = 0;
    std::string_view reason;
    std::uint8_t minor_version = 1;
    HttpHeaders headers;
    std::size_t size = 0;
};

enum class HeadStatus : std::uint8_t {
    need_more,
    complete,
    malformed,      // against the grammar; a folded header (obs-fold) and a bare LF are
    oversized,      // too many bytes or headers
    wrong_version,  // HTTP, but not 1.x
};

// Parses the head at the front of `in`. Only with `complete` are all of the head's fields set. What is
// wrong is reported with the first whole line that shows it; a response that does not begin with "HTTP/" at
// once.
[[nodiscard]] HeadStatus parse_request_head(ByteView in, RequestHead& head);
[[nodiscard]] HeadStatus parse_response_head(ByteView in, ResponseHead& head);

// A status that names another place for the same request (RFC 9110 15.4).
[[nodiscard]] bool is_redirect(std::uint16_t status);

// How large the body is that follows the answer to a GET (RFC 9112 6.3); none: it ends by its last chunk,
// or with the connection.
[[nodiscard]] std::optional<std::uint64_t> body_size(const ResponseHead& head);

// A token of RFC 9110 5.6.2: one or more of letters, digits and !#$%&'*+-.^_`|~
[[nodiscard]] bool is_http_token(std::string_view text);
// What a header's value may hold (RFC 9110 5.5): anything but control characters, tabs excepted.
[[nodiscard]] bool is_http_value(std::string_view text);
}  // namespace wsblast::proto
