// How what the lower floors report is counted: their reasons to the closed list of error kinds.
#pragma once

#include "proto/frame.hpp"
#include "proto/upgrade.hpp"
#include "stats/error_kind.hpp"
#include "transport/transport.hpp"

namespace wsblast::session {

// The transport ended the connection before the upgrade was done.
[[nodiscard]] stats::ErrorKind failed_handshake(transport::CloseCause cause);
// The transport ended an open connection.
[[nodiscard]] stats::ErrorKind lost_connection(transport::CloseCause cause);
// The server's answer to the upgrade was refused.
[[nodiscard]] stats::ErrorKind failed_upgrade(proto::UpgradeFailure failure);
// The peer broke the protocol. `violation` is not none.
[[nodiscard]] stats::ErrorKind broken_protocol(proto::Violation violation);

}  // namespace wsblast::session
