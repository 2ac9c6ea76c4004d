#include "stats/error_kind.hpp"

#include <set>
#include <string>

#include <catch2/catch.hpp>

namespace wsblast::stats {

namespace {

ErrorKind kind_of(std::size_t index) {
    return static_cast<ErrorKind>(index);
}

}  // namespace

TEST_CASE("error kinds: names are distinct and fit for JSON keys", "[stats][error_kind]") {
    std::set<std::string_view> names;
    std::set<std::string_view> labels;
    for (std::size_t i = 0; i < kErrorKinds; ++i) {
        const ErrorInfo& kind = info(kind_of(i));
        CAPTURE(std::string(kind.name));
        REQUIRE(kind.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
                std::string_view::npos);
        REQUIRE_FALSE(kind.label.empty());
        names.insert(kind.name);
        labels.insert(kind.label);
    }
    REQUIRE(names.size() == kErrorKinds);
    REQUIRE(labels.size() == kErrorKinds);
}

TEST_CASE("error kinds: a message can only fail after the upgrade", "[stats][error_kind]") {
    for (std::size_t i = 0; i < kErrorKinds; ++i) {
        const ErrorInfo& kind = info(kind_of(i));
        CAPTURE(std::string(kind.name));
        REQUIRE((kind.scope == ErrorScope::connection || kind.phase == ErrorPhase::after_upgrade));
    }
}

TEST_CASE("error kinds: labels that scripts look for", "[stats][error_kind]") {
    REQUIRE(info(ErrorKind::connect_timeout).label == "Connection timeout");
    REQUIRE(info(ErrorKind::refused).label == "Connection refused");
    REQUIRE(info(ErrorKind::closed_by_peer).name == "closed_by_peer");
    REQUIRE(to_text(info(ErrorKind::answer_timeout).scope) == "message");
    REQUIRE(to_text(info(ErrorKind::refused).scope) == "connection");
}

TEST_CASE("error kinds: a connection that fails before the upgrade is never a protocol error",
          "[stats][error_kind]") {
    for (std::size_t i = 0; i < kErrorKinds; ++i) {
        if (info(kind_of(i)).phase == ErrorPhase::after_upgrade) continue;
        CAPTURE(i);
        REQUIRE_FALSE(is_protocol_error(kind_of(i)));
    }
    REQUIRE(is_protocol_error(ErrorKind::masked_frame));
    REQUIRE(is_protocol_error(ErrorKind::bad_close_code));
    REQUIRE_FALSE(is_protocol_error(ErrorKind::closed_by_peer));
}

}  // namespace wsblast::stats
