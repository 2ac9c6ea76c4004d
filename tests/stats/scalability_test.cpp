#include "stats/scalability.hpp"

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

namespace wsblast::stats {

namespace {

std::vector<ScalabilityPoint> law(double lambda, double sigma, double kappa,
                                  std::initializer_list<double> concurrencies) {
    const ScalabilityFit truth{.lambda = lambda, .sigma = sigma, .kappa = kappa};
    std::vector<ScalabilityPoint> points;
    for (const double n : concurrencies) points.push_back({n, truth.throughput_at(n)});
    return points;
}

}  // namespace

TEST_CASE("scalability: the law's own points give the law back") {
    const auto fit = fit_scalability(law(1'000, 0.02, 0.0001, {1, 2, 4, 8, 16, 32, 64, 128, 256}));
    REQUIRE(fit);
    CHECK(fit->lambda == Approx(1'000).epsilon(1e-6));
    CHECK(fit->sigma == Approx(0.02).epsilon(1e-6));
    CHECK(fit->kappa == Approx(0.0001).epsilon(1e-6));
    CHECK(fit->r_squared == Approx(1));
    // sqrt(0.98 / 0.0001)
    REQUIRE(fit->peak_concurrency);
    CHECK(*fit->peak_concurrency == Approx(98.9949).epsilon(1e-5));
    CHECK(*fit->peak_throughput_per_s == Approx(fit->throughput_at(98.9949)).epsilon(1e-6));
    CHECK_FALSE(fit->ceiling_per_s);
}

TEST_CASE("scalability: a queue with one server levels off at its capacity") {
    // X = mu N / (N + 1): lambda = mu / 2, sigma = 1/2, kappa = 0.
    std::vector<ScalabilityPoint> points;
    for (const double rate : {1'000.0, 3'000.0, 5'000.0, 7'000.0, 9'000.0}) {
        points.push_back({rate / (10'000 - rate), rate});
    }
    const auto fit = fit_scalability(points);
    REQUIRE(fit);
    CHECK(fit->lambda == Approx(5'000).epsilon(1e-6));
    CHECK(fit->sigma == Approx(0.5).epsilon(1e-6));
    CHECK_FALSE(fit->peak_concurrency);
    REQUIRE(fit->ceiling_per_s);
    CHECK(*fit->ceiling_per_s == Approx(10'000).epsilon(1e-6));
}

TEST_CASE("scalability: a system without contention is linear") {
    const auto fit = fit_scalability(law(100, 0, 0, {1, 2, 4, 8, 16}));
    REQUIRE(fit);
    CHECK(fit->lambda == Approx(100));
    CHECK(fit->sigma == Approx(0).margin(1e-9));
    CHECK(fit->kappa == Approx(0).margin(1e-9));
}

TEST_CASE("scalability: factors are never below 0, whatever the noise") {
    // Faster than linear, which the law cannot be.
    const std::vector<ScalabilityPoint> points{{1, 100}, {2, 210}, {4, 450}, {8, 1'000}};
    const auto fit = fit_scalability(points);
    REQUIRE(fit);
    CHECK(fit->sigma == 0);
    CHECK(fit->kappa == 0);
    CHECK(fit->lambda > 100);
    CHECK_FALSE(fit->ceiling_per_s);
}

TEST_CASE("scalability: noise of a few per cent moves the peak by a few per cent") {
    std::vector<ScalabilityPoint> points =
        law(1'000, 0.02, 0.0001, {1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256});
    double sign = 1;
    for (ScalabilityPoint& point : points) {
        point.throughput_per_s *= 1 + sign * 0.02;
        sign = -sign;
    }
    const auto fit = fit_scalability(points);
    REQUIRE(fit);
    REQUIRE(fit->peak_concurrency);
    CHECK(*fit->peak_concurrency == Approx(99).epsilon(0.1));
    CHECK(fit->r_squared > 0.99);
}

TEST_CASE("scalability: too little is no fit") {
    CHECK_FALSE(fit_scalability(law(100, 0.1, 0, {1, 2, 4})));
    CHECK_FALSE(fit_scalability(law(100, 0.1, 0, {4, 4.1, 4.2, 4.3, 4.4})));
    CHECK_FALSE(fit_scalability(std::vector<ScalabilityPoint>{{0, 1}, {1, 0}, {2, 2}, {4, 3}, {8, 4}}));
}

}  // namespace wsblast::stats
