#include "tests/target/memory_server.hpp"

#include "target/connections.hpp"

namespace wsblast::target {

MemoryConnections::MemoryConnections(transport::MemoryTransport& transport, Board& board,
                                     std::uint32_t index)
    : transport_(transport),
      connections_(std::make_unique<Connections<transport::MemoryTransport>>(transport, board, index)) {}

MemoryConnections::~MemoryConnections() = default;

bool MemoryConnections::ok() const {
    return connections_->ok();
}

bool MemoryConnections::finished() const {
    return connections_->finished();
}

transport::PollWait MemoryConnections::tick(TimeNs now_ns) {
    return connections_->tick(now_ns);
}

void MemoryConnections::poll(const transport::PollWait& wait) {
    transport_.poll(*connections_, wait);
}

}  // namespace wsblast::target
