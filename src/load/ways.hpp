// What came of the ways to the targets: counts of the workers as the rows of a result. The main thread.
#pragma once

#include <optional>
#include <vector>

#include "plan/run_options.hpp"
#include "stats/result.hpp"
#include "stats/shard.hpp"

namespace wsblast::load {

// Handshakes and how TLS ended connections; none without a secure URL.
[[nodiscard]] std::optional<stats::TlsResult> tls_result(const stats::Snapshot& totals,
                                                         const plan::RunOptions& options);

// What the proxy of the options answered where it did not lead on, by code.
[[nodiscard]] std::vector<stats::ProxyAnswer> proxy_answers(const stats::Snapshot& totals,
                                                            const plan::RunOptions& options);

// What upgrades agreed on, in the order of --subprotocol, those without one last; none where none was asked
// for. What nobody agreed on is left out.
[[nodiscard]] std::optional<std::vector<stats::SubprotocolCount>> subprotocols(
    const stats::Snapshot& totals, const plan::RunOptions& options);

}  // namespace wsblast::load
