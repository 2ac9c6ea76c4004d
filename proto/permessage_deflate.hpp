// The negotiation of permessage-deflate (RFC 7692 5 and 7.1) in both roles: what is offered, what is
// answered, and what the two agree on.
//
// Pure functions of text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "proto/http_head.hpp"

namespace wsblast::proto {

inline constexpr std::string_view kExtensionsHeader = "Sec-WebSocket-Extensions";
inline constexpr std::uint8_t kDeflateBitsMin = 8;
inline constexpr std::uint8_t kDeflateBitsMax = 15;

// The four parameters, as one side says them. Bits are kDeflateBitsMin .. kDeflateBitsMax.
struct DeflateParameters {
    bool server_no_context_takeover = false;
    bool client_no_context_takeover = false;
    std::optional<std::uint8_t> server_max_window_bits{};
    // In an offer: the client understands the parameter; without a value it is kDeflateBitsMax.
    std::optional<std::uint8_t> client_max_window_bits{};

    bool operator==(const DeflateParameters&) const = default;
};

// What holds for a connection. "no context takeover": each message stands alone.
struct DeflateTerms {
    bool server_no_context_takeover = false;
    bool client_no_context_takeover = false;
    std::uint8_t server_window_bits = kDeflateBitsMax;
    std::uint8_t client_window_bits = kDeflateBitsMax;

    bool operator==(const DeflateTerms&) const = default;
};

// Of an option: "client_max_window_bits=12; server_no_context_takeover"; empty: none of them. Usage errors
// name the part that is wrong.
[[nodiscard]] Result<DeflateParameters> parse_deflate_parameters(std::string_view text);

// The value of Sec-WebSocket-Extensions. In an offer client_max_window_bits has no value where that is
// kDeflateBitsMax (7.1.2.2), as browsers and Node.js offer it; in an answer it has one.
[[nodiscard]] std::string to_offer(const DeflateParameters& parameters);
[[nodiscard]] std::string to_answer(const DeflateParameters& parameters);

// --- client --------------------------------------------------------------------------------------

enum class ExtensionAnswer : std::uint8_t {
    none,         // no extension is in use
    deflate,      // permessage-deflate, on the terms
    unrequested,  // an extension that was not offered
    unsound,      // parameters that the offer does not allow (7.1): the connection has to fail
};

struct DeflateAnswer {
    ExtensionAnswer answer = ExtensionAnswer::none;
    DeflateTerms terms{};  // with `deflate`
};

// Reads what a server has answered. `offer` null: nothing was offered.
[[nodiscard]] DeflateAnswer read_deflate_answer(const HttpHeaders& headers, const DeflateParameters* offer);

// --- server --------------------------------------------------------------------------------------

struct DeflateAcceptance {
    DeflateTerms terms{};
    DeflateParameters answer{};  // what is to be said
};

// Takes the first offer that is sound (7.1): what the client asks for, and what the server wants besides.
// Nothing: there is none.
[[nodiscard]] std::optional<DeflateAcceptance> accept_deflate(const HttpHeaders& headers,
                                                              const DeflateParameters& wanted);

}  // namespace wsblast::proto
