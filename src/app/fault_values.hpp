// The faults of the built-in target as a person writes them: read from the command line, and told again in
// the same words. Every error is a usage error that names the value and shows one that is allowed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "plan/serve_options.hpp"

namespace wsblast::app {

// "fixed:2ms", "exp:5ms" (the mean), "uniform:1ms-3ms", "bimodal:1ms,50ms,5%" (5 % take the second).
[[nodiscard]] Result<plan::DelayPlan> parse_delay(std::string_view text);

// "1s/10s": the length, shorter than the period behind it.
[[nodiscard]] Result<plan::StallPlan> parse_stall(std::string_view text);

// "0.1%" is 0.001; from 0% to 100%, and never without the sign.
[[nodiscard]] Result<double> parse_share(std::string_view text);

// "503:1%": a status from 300 to 599.
[[nodiscard]] Result<plan::Rejection> parse_rejection(std::string_view text);

// "1000" or "10k" answers, or a duration: sets the one of the two that is meant.
[[nodiscard]] Result<void> set_close_after(std::string_view text, plan::FaultPlan& faults);

// Messages a second to each connection, at most limits::kPushesPerSecondMax.
[[nodiscard]] Result<double> parse_push_rate(std::string_view text);

// Connections a second, at most limits::kAcceptsPerSecondMax.
[[nodiscard]] Result<double> parse_accept_rate(std::string_view text);

// "30us:5k": that much CPU time, at most limits::kBurnMaxNs, above so many messages a second.
[[nodiscard]] Result<plan::BurnPlan> parse_burn(std::string_view text);

// Whether the queue of --service-time is possible with the other options: it runs on one core, and servers
// are its own. `servers`: whether their number was given.
enum class Servers : std::uint8_t { as_always, given };
[[nodiscard]] Result<void> check_service(const plan::ServeOptions& options, Servers servers);

// Whether the shares of one answer, and those of one upgrade, add up to at most 100 %. The error names the
// options.
[[nodiscard]] Result<void> check_shares(const plan::FaultPlan& faults);

// The options that ask for these faults, the seed last: "--delay fixed:2ms --drop 0.1% --seed 7".
[[nodiscard]] std::string to_options_text(const plan::FaultPlan& faults);

}  // namespace wsblast::app
