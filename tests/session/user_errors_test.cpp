#include "session/user_errors.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::session;
using stats::ErrorKind;

TEST_CASE("user errors: what Artillery has a name for is called by it, all else by ours",
          "[session][user_errors]") {
    CHECK(user_error_name(ErrorKind::refused) == "ECONNREFUSED");
    CHECK(user_error_name(ErrorKind::connection_reset) == "ECONNRESET");
    CHECK(user_error_name(ErrorKind::tls_untrusted) == stats::info(ErrorKind::tls_untrusted).label);
}

TEST_CASE("user errors: who breaks the protocol is told by the code of our close frame",
          "[session][user_errors]") {
    CHECK(user_error_name(proto::close_code::kProtocolError) == user_error::kProtocol);
    CHECK(user_error_name(proto::close_code::kTooBig) == user_error::kTooBig);
    // Our own lack of memory is no fault of the server's.
    CHECK(user_error_name(proto::close_code::kInternalError) ==
          stats::info(ErrorKind::inflate_memory).label);
}
