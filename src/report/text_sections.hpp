// The sections of the details that follow the result block: each a heading with its lines, or nothing where
// there is nothing to say. Bytes of the server are shown with "." for what is not printable ASCII.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stats/result.hpp"

namespace wsblast::report {

// ANSI colours, of the words of the verdict only.
enum class Colour : std::uint8_t { on, off };

// The six metrics and what they are worth.
[[nodiscard]] std::string targets_section(const stats::Verdict& verdict, Colour colour);
// The user's own checks.
[[nodiscard]] std::string slo_section(const stats::RunResult& result);
// Was it me?
[[nodiscard]] std::string generator_section(const stats::GeneratorHealth& generator);
// The slow end of the latencies, the service time beside it, and why they differ; the kernel's clock.
[[nodiscard]] std::string latency_section(const stats::RunResult& result);
[[nodiscard]] std::string warm_up_section(const std::optional<stats::WarmUp>& warm_up);
[[nodiscard]] std::string fan_out_section(const std::optional<stats::FanOut>& fan_out);
// What opening a connection took, by its parts.
[[nodiscard]] std::string connection_section(const stats::RunResult& result);
[[nodiscard]] std::string ramp_section(const std::optional<stats::Ramp>& ramp);
// What the block has no line for, where there is any of it.
[[nodiscard]] std::string leftovers_section(const stats::RunResult& result);
[[nodiscard]] std::string proxy_section(const std::vector<stats::ProxyAnswer>& answers);
[[nodiscard]] std::string refusals_section(const std::vector<stats::Excerpt>& excerpts);
[[nodiscard]] std::string warnings_section(const std::vector<std::string>& warnings);

}  // namespace wsblast::report
