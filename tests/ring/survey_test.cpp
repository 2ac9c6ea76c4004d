#include "ring/survey.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch.hpp>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/units.hpp"

using namespace wsblast;
using namespace wsblast::ring;

namespace {

// A value of WSBLAST_RING for as long as it lives.
class Override {
  public:
    explicit Override(const char* text) { setenv("WSBLAST_RING", text, 1); }
    ~Override() { unsetenv("WSBLAST_RING"); }
};

Presence presence_of(const Survey& survey, std::string_view name) {
    const auto found = std::find_if(survey.features.begin(), survey.features.end(),
                                    [=](const UsedFeature& one) { return one.name == name; });
    REQUIRE(found != survey.features.end());
    return found->presence;
}

}  // namespace

TEST_CASE("survey: what a run cannot do without is there where runs are possible", "[ring][survey]") {
    const auto found = survey();
    REQUIRE(found.ok());
    for (const UsedFeature& feature : found->features) {
        INFO(feature.name);
        CHECK_FALSE(feature.since.empty());
        if (feature.needed()) CHECK(feature.presence == Presence::there);
    }
}

TEST_CASE("survey: an override takes a feature away", "[ring][survey]") {
    const Override without("without=bind,without=inspect");
    const auto found = survey();
    REQUIRE(found.ok());
    CHECK(presence_of(*found, "IORING_OP_BIND") == Presence::missing);
    CHECK(presence_of(*found, "IORING_OP_FIXED_FD_INSTALL") == Presence::missing);
    CHECK(presence_of(*found, "IORING_OP_RECV") == Presence::there);
}

TEST_CASE("survey: the limit on locked memory is left as it was", "[ring][survey]") {
    rlimit before{};
    getrlimit(RLIMIT_MEMLOCK, &before);
    REQUIRE(survey().ok());
    rlimit after{};
    getrlimit(RLIMIT_MEMLOCK, &after);
    CHECK(after.rlim_cur == before.rlim_cur);
    CHECK(after.rlim_max == before.rlim_max);
}

TEST_CASE("survey: a ring locks its queues and its ring of buffers", "[ring][survey]") {
    CHECK(locked_bytes_per_ring() == 548 * kKiB);
}
