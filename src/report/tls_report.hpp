// What a run with secure URLs says of TLS: in words, and as JSON.
#pragma once

#include <optional>
#include <string>

#include "report/json_values.hpp"
#include "stats/result.hpp"

namespace wsblast::report {

// Nothing where no URL was secure.
[[nodiscard]] std::string tls_section(const std::optional<stats::TlsResult>& tls);

// null where no URL was secure.
[[nodiscard]] Json tls_json(const std::optional<stats::TlsResult>& tls);

}  // namespace wsblast::report
