// As whom the server speaks TLS: certificate and key of files, or of its own making. The main thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "crypto/tls_options.hpp"
#include "plan/serve_options.hpp"

namespace wsblast::target {

// Reads the files, or makes a certificate that signs itself for localhost, the loopback addresses and the
// hosts that the server listens on; draws the keys of its tickets. Usage errors: a file that cannot be
// read, or does not go with the others.
[[nodiscard]] Result<crypto::TlsServerOptions> find_identity(const plan::ServeOptions& options);

}  // namespace wsblast::target
