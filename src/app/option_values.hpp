// Values as a person writes them on the command line, where base/units.hpp does not have them already.
// Every error is a usage error that names the value and says what is allowed.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "plan/run_options.hpp"

namespace wsblast::app {

struct Bounds {
    std::uint64_t min = 0;
    std::uint64_t max = 0;
};

// As the largest: whatever fits.
inline constexpr std::uint32_t kAny = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint32_t kPortMax = 65'535;

// A count (k and M allowed) within the bounds, both included.
[[nodiscard]] Result<std::uint64_t> parse_bounded(std::string_view text, Bounds bounds);

// A duration that is not 0.
[[nodiscard]] Result<TimeNs> parse_positive_duration(std::string_view text);

// Any number of 64 bits, digits only.
[[nodiscard]] Result<std::uint64_t> parse_seed(std::string_view text);

// "100..5k@30s": from the first rate to the second within that time; without it `ramp_ns` is 0, and the
// duration of the run is meant. One of the two may be 0.
[[nodiscard]] Result<plan::RateCurve> parse_ramp_rate(std::string_view text);

// "/payload/id" or "/payload/id,/id": where the value stands in the message, and in the answer.
[[nodiscard]] Result<plan::FieldPointers> parse_pointers(std::string_view text);

// "9000-9999": ports from 1 to 65535, the first not above the last.
[[nodiscard]] Result<PortRange> parse_ports(std::string_view text);

// "10.0.0.1,10.0.1.0/24": addresses and ranges, at most limits::kSourceAddressesMax in all.
[[nodiscard]] Result<std::vector<Endpoint>> parse_sources(std::string_view text);

// "K: V". Only the form is checked here; what may stand in a header is proto's to know.
[[nodiscard]] Result<plan::Header> parse_header(std::string_view text);

// A subprotocol that a server takes up: a token of at most proto::kSubprotocolMax characters.
[[nodiscard]] Result<std::string> parse_subprotocol(std::string_view text);

// A ws:// or wss:// URL, returned as it is (proto/url.hpp has the rules).
[[nodiscard]] Result<std::string> parse_target(std::string_view text);

// What may be sent as one text message: UTF-8, at most limits::kSentMessageMax bytes.
[[nodiscard]] Result<std::string> parse_message(std::string_view text);

// The content of a file that is to be sent, by the same rules.
[[nodiscard]] Result<std::string> read_message_file(const std::string& path);

// Whether a result can be written to this path when the run is over. An existing file keeps its content,
// one that did not exist does not exist afterwards. Environment error with the remedy.
[[nodiscard]] Result<void> check_result_path(const std::string& path);

}  // namespace wsblast::app
