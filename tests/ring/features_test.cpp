#include "ring/features.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include "base/limits.hpp"

using namespace wsblast;
using namespace wsblast::ring;
using Catch::Matchers::Contains;

TEST_CASE("features: the probe finds a table as large as the file limit, which it raises",
          "[ring][features]") {
    const auto features = probe_features("");
    REQUIRE(features.ok());
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    CHECK(limit.rlim_cur == limit.rlim_max);
    CHECK(features->table_size_max == std::min<rlim_t>(limit.rlim_max, limits::kTableSizeMax));
}

TEST_CASE("features: an override takes away what the kernel has", "[ring][features]") {
    const auto without_bind = probe_features("without=bind");
    REQUIRE(without_bind.ok());
    CHECK(without_bind->connect_path == ConnectPath::descriptor);
    const auto small = probe_features("table=20");
    REQUIRE(small.ok());
    CHECK(small->table_size_max == 20);
    const auto without_inspect = probe_features("without=inspect");
    REQUIRE(without_inspect.ok());
    CHECK(without_inspect->inspection == Inspection::none);
    const auto both = probe_features("table=7,without=bind");
    REQUIRE(both.ok());
    CHECK(both->table_size_max == 7);
    CHECK(both->connect_path == ConnectPath::descriptor);
}

TEST_CASE("features: an override never gives more than there is", "[ring][features]") {
    const auto found = probe_features("");
    const auto more = probe_features("table=4000000000");
    REQUIRE((found.ok() && more.ok()));
    CHECK(more->table_size_max == found->table_size_max);
}

TEST_CASE("features: an unknown override is named, with those that are allowed", "[ring][features]") {
    const std::string setting =
        GENERATE("without=sockets", "table=0", "table=", "table=x", "table=7x", "table=-1", "bind");
    const auto features = probe_features("without=bind," + setting);
    REQUIRE_FALSE(features.ok());
    CHECK(features.error().fault == Fault::usage);
    CHECK_THAT(features.error().what, Contains("'" + setting + "'"));
    CHECK_THAT(features.error().what,
               Contains("without=bind") && Contains("without=inspect") && Contains("table=N"));
}

TEST_CASE("features: the override comes from the environment", "[ring][features]") {
    REQUIRE(setenv("WSBLAST_RING", "table=9", 1) == 0);
    const auto overridden = probe_features();
    REQUIRE(unsetenv("WSBLAST_RING") == 0);
    const auto found = probe_features();
    REQUIRE((overridden.ok() && found.ok()));
    CHECK(overridden->table_size_max == 9);
    CHECK(found->table_size_max > 9);
}

TEST_CASE("features: a refused set-up names its cause and the remedy", "[ring][features]") {
    struct Case {
        int error;
        const char* cause;
        const char* remedy;
    };
    const auto [error, cause, remedy] = GENERATE(
        Case{ENOSYS, "no io_uring", "Linux 6.1"},
        Case{EPERM, "not permitted", "kernel.io_uring_disabled=0"}, Case{EINVAL, "too old", "Linux 6.1"},
        Case{ENOMEM, "memory", "ulimit -l"}, Case{EMFILE, "descriptor", "ulimit -n"},
        Case{ENFILE, "descriptor", "ulimit -n"}, Case{EIO, "could not be set up", "Input/output error"});
    const Error told = explain_setup_failure(error);
    CHECK(told.fault == Fault::environment);
    CHECK_THAT(told.what, Contains(cause) && Contains(remedy));
}
