// What the TLS connections of a core read from and write to, one at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/chunk_pool.hpp"
#include "base/limits.hpp"
#include "base/units.hpp"

namespace wsblast::crypto {

struct TlsPipe {
    ByteView in;                    // of the socket; they live as long as the call
    std::vector<std::uint8_t> out;  // for the socket
    // Records of which a part has come.
    ChunkPool partial{limits::kTlsPartialBytesMax};
};

}  // namespace wsblast::crypto
