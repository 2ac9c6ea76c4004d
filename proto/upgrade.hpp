// The opening handshake (RFC 6455 4) in both roles.
//
// Client: an UpgradeRequest is built once for each target, before the run, and copied and given a fresh key
// for every connection; check_upgrade_response reads the answer. Server: read_upgrade_request, then one of
// the two writers. All but UpgradeRequest are pure functions of bytes; views point into the input.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "crypto/accept_key.hpp"
#include "proto/permessage_deflate.hpp"
#include "proto/subprotocol.hpp"

namespace wsblast::proto {

// --- client --------------------------------------------------------------------------------------

struct UpgradeOptions {
    std::string host{};  // the Host header: Url::host_header
    std::string path = "/";
    std::string origin{};  // empty: no Origin header
    std::vector<std::string> subprotocols{};
    std::vector<std::string> headers{};          // "Name: value"; they replace a default one of their name
    std::optional<DeflateParameters> deflate{};  // permessage-deflate is offered with them
    // Names that stand as {{name}} in the path or a header's value for what differs from connection to
    // connection.
    std::span<const std::string> columns{};
    // The one whose value is whole lines, "Name: value\r\n" each, behind the other headers.
    std::optional<std::size_t> lines_column{};
};

// Immutable, for any thread.
class UpgradeRequest {
  public:
    // A usage error names the option's value: no token, a control character, a header of the upgrade itself
    // (Upgrade, Connection, Sec-WebSocket-Key, -Version, -Extensions, and -Protocol, which is an option of
    // its own), a second Host or Origin, a {{name}} that is no column, or more than limits::kHttpHeadMax in
    // all.
    [[nodiscard]] static Result<UpgradeRequest> build(const UpgradeOptions& options);

    // Of the request with those values, by column.
    [[nodiscard]] std::size_t size(std::span<const std::string> values = {}) const;
    // The request as text, the key's place full of zeros, values left out.
    [[nodiscard]] std::string_view text() const { return text_; }
    // Whether it needs values.
    [[nodiscard]] bool has_holes() const { return !holes_.empty(); }
    [[nodiscard]] std::size_t key_offset() const { return key_offset_; }

    // The request with that key and those values; `out` has room for size(values) bytes.
    void write(std::uint8_t* out, const crypto::HandshakeKey& key,
               std::span<const std::string> values = {}) const;

  private:
    // Where a value is put in between two characters of the text.
    struct Hole {
        std::size_t offset = 0;
        std::size_t column = 0;
    };
    UpgradeRequest(std::string text, std::size_t key_offset, std::vector<Hole> holes)
        : text_(std::move(text)), key_offset_(key_offset), holes_(std::move(holes)) {}

    std::string text_;
    std::size_t key_offset_;
    std::vector<Hole> holes_;  // in the order of the text
};

// Why a server's answer is no upgrade (RFC 6455 4.1), in the order of the checks.
enum class UpgradeFailure : std::uint8_t {
    none,
    not_http,        // nothing that HTTP/1.1 allows
    oversized_head,  // above limits::kHttpHeadMax or kHttpHeadersMax
    status,          // not 101: see UpgradeCheck::http_status
    missing_upgrade,
    wrong_upgrade,
    missing_connection,
    wrong_connection,
    missing_accept,
    wrong_accept,
    unrequested_extension,
    unsound_extension,  // its parameters are none that the offer allows (RFC 7692 7.1)
    unrequested_subprotocol,
};
// The enumerator in words, for reports: "no Sec-WebSocket-Accept header".
[[nodiscard]] std::string_view to_text(UpgradeFailure failure);

enum class UpgradeStatus : std::uint8_t { need_more, accepted, rejected };

struct UpgradeCheck {
    UpgradeStatus status = UpgradeStatus::need_more;
    UpgradeFailure failure = UpgradeFailure::none;
    std::uint16_t http_status = 0;          // as far as there was one
    std::size_t head_size = 0;              // with `accepted`: the bytes after it are the first frames
    std::optional<DeflateTerms> deflate{};  // with `accepted`: messages may be compressed, on these terms
    std::optional<std::size_t> subprotocol{};  // with `accepted`: its place in what was offered
    std::string_view location{};               // with a status that redirects (RFC 9110 15.4): where to
    // With `rejected`: what came of the body, at most limits::kBodyExcerptMax, and how large it is (RFC
    // 9112 6.3), where the head says so. Only a status has a body.
    std::string_view body_excerpt{};
    std::optional<std::uint64_t> body_size = 0;
};

// What the request offered.
struct UpgradeOffer {
    std::span<const std::string> subprotocols{};
    const DeflateParameters* deflate = nullptr;
};

// Checks the answer at the front of `in`. `expected` is crypto::make_accept_key() of the key that was sent.
[[nodiscard]] UpgradeCheck check_upgrade_response(ByteView in, const crypto::AcceptKey& expected,
                                                  const UpgradeOffer& offered);

// --- server --------------------------------------------------------------------------------------

enum class RequestKind : std::uint8_t {
    need_more,
    upgrade,  // a sound one: answer with write_upgrade_response
    plain,    // another HTTP request: answer with make_http_response
    bad,      // answer with make_http_response(http_status), then close
};

struct UpgradeRead {
    RequestKind kind = RequestKind::need_more;
    std::uint16_t http_status = 0;               // with `bad`: 400, 426, 431 or 505
    std::size_t head_size = 0;                   // with `upgrade` and `plain`
    std::string_view method{};                   // with `upgrade` and `plain`
    std::string_view path{};                     // with `upgrade` and `plain`; without the query
    std::string_view key{};                      // with `upgrade`: crypto::kHandshakeKeyLength characters
    std::optional<DeflateAcceptance> deflate{};  // with `upgrade`: what is taken of its offers
    std::string_view subprotocol{};              // with `upgrade`: the one that is chosen; empty: none
};

// What a server can do.
struct ServerTerms {
    const DeflateParameters* deflate = nullptr;   // what it wants of permessage-deflate, if it has it
    std::span<const std::string> subprotocols{};  // that it speaks; empty: any
};

// Reads the request at the front of `in` (RFC 6455 4.2.1). An upgrade to WebSocket is bad without a proper
// key (400) or with a version other than 13 (426); every HTTP/1.1 request without a Host is bad (400).
// Chosen is the first subprotocol that it offers and the server speaks (RFC 6455 4.2.2); no more than
// kSubprotocolMax characters.
[[nodiscard]] UpgradeRead read_upgrade_request(ByteView in, const ServerTerms& terms = {});

inline constexpr std::string_view kUpgradeResponseStart =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
inline constexpr std::string_view kHeadEnd = "\r\n\r\n";
inline constexpr std::size_t kUpgradeResponseSize =
    kUpgradeResponseStart.size() + crypto::kAcceptKeyLength + kHeadEnd.size();
// With all that permessage-deflate may add to it, and a subprotocol.
inline constexpr std::size_t kUpgradeResponseMax = kUpgradeResponseSize + 160 + 32 + kSubprotocolMax;

// Writes the answer that accepts an upgrade, and returns its size, for which `out` has room:
// kUpgradeResponseSize without permessage-deflate and subprotocol, else up to kUpgradeResponseMax.
std::size_t write_upgrade_response(ByteSpan out, const UpgradeRead& request);

struct HttpResponse {
    std::uint16_t status = 200;
    std::string_view content_type = "text/plain";
    std::string_view body{};
    std::string_view extra_header{};  // one "Name: value", or empty
};

// The whole response as text. It ends the connection (Connection: close); 426 says by itself what to
// upgrade to (RFC 9110 15.5.22).
[[nodiscard]] std::string make_http_response(const HttpResponse& response);

}  // namespace wsblast::proto
