// What an error of a virtual user is called: as Artillery calls it, where it has a name for it.
#pragma once

#include <string_view>

#include "proto/close_code.hpp"
#include "stats/error_kind.hpp"

namespace wsblast::session {

namespace user_error {
inline constexpr std::string_view kNoMatch = "Failed capture or match";
inline constexpr std::string_view kTimeout = "response timeout";
inline constexpr std::string_view kEmptyMessage = "Empty response from WS server";
inline constexpr std::string_view kNotOpen = "WebSocket is not open";
inline constexpr std::string_view kClosed = "connection closed by the server";
inline constexpr std::string_view kProtocol = "protocol error of the server";
inline constexpr std::string_view kTooBig = "Max payload size exceeded";
inline constexpr std::string_view kNoCapacity = "no free connection";
inline constexpr std::string_view kNoMemory = "no memory for the user's variables";
inline constexpr std::string_view kNoRoom = "the server takes no messages";
inline constexpr std::string_view kTooLong = "message too long";
inline constexpr std::string_view kOtherHost = "connect.function: another host than the script names";
inline constexpr std::string_view kBadHeader = "connect.function: a header that cannot be sent";
inline constexpr std::string_view kStopped = "function took too long";
inline constexpr std::string_view kNeverDone = "function never said that it was done";
}  // namespace user_error

// Of a connection that failed or was lost: ECONNREFUSED, ETIMEDOUT, "Unexpected server response", ...
[[nodiscard]] std::string_view user_error_name(stats::ErrorKind kind);
// Of one that was open and that we gave up, closing it with that code.
[[nodiscard]] std::string_view user_error_name(proto::CloseCode code);

}  // namespace wsblast::session
