#include "math/distributions.hpp"

#include <catch2/catch.hpp>

namespace wsblast::math {

// The values are those of printed tables.
TEST_CASE("distributions: quantiles are those of the tables") {
    CHECK(normal_quantile(0.975) == Approx(1.959964).epsilon(1e-6));
    CHECK(normal_quantile(0.5) == Approx(0).margin(1e-12));
    CHECK(student_t_quantile(0.975, 1) == Approx(12.7062).epsilon(1e-5));
    CHECK(student_t_quantile(0.975, 9) == Approx(2.262157).epsilon(1e-6));
    CHECK(student_t_quantile(0.05, 30) == Approx(-1.697261).epsilon(1e-6));
    CHECK(normal_share_below(1.644854) == Approx(0.95).epsilon(1e-6));
}

TEST_CASE("distributions: the share of an event has exact bounds, also when it was never seen") {
    // The rule of three, with two sides: 1 - 0.025^(1/300).
    const ShareBounds never = binomial_bounds(0, 300, 0.95);
    CHECK(never.low == 0);
    CHECK(never.high == Approx(0.012221).epsilon(1e-4));

    const ShareBounds some = binomial_bounds(10, 100, 0.95);
    CHECK(some.low == Approx(0.049005).epsilon(1e-4));
    CHECK(some.high == Approx(0.176223).epsilon(1e-4));

    CHECK(binomial_bounds(7, 7, 0.95).high == 1);
}

}  // namespace wsblast::math
