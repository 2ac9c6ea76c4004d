// The Universal Scalability Law (Gunther 1993): how throughput grows with concurrency, and what stops it.
//
//   X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
//
// lambda is what one alone gets done, sigma the share of the work that waits for a turn (a lock, one
// thread, one core), kappa what each pays for each other (coherence, crosstalk). With kappa above 0 there
// is a peak, after which more load means less throughput.
//
// N is the number of messages in the system. Of a step with a given rate it is known by Little's law:
// throughput times mean latency.
//
// Pure functions; any thread.
#pragma once

#include <optional>
#include <span>

namespace wsblast::stats {

// One step in its steady state.
struct ScalabilityPoint {
    double concurrency = 0;  // above 0
    double throughput_per_s = 0;
};

struct ScalabilityFit {
    double lambda = 0;                         // messages/s of one alone
    double sigma = 0;                          // contention, 0 or more
    double kappa = 0;                          // coherence, 0 or more
    double r_squared = 0;                      // 1: all of the throughput's variation is the law's
    std::optional<double> peak_concurrency{};  // none where throughput only levels off
    std::optional<double> peak_throughput_per_s{};
    std::optional<double> ceiling_per_s{};  // with kappa 0 and sigma above 0: lambda / sigma

    [[nodiscard]] double throughput_at(double concurrency) const;
};

// The law that is nearest to the points: least squares of the relative error X / X(N) - 1. Throughput spans
// decades, so it is the relative error that counts, and with it the law is linear in 1/lambda, sigma/lambda
// and kappa/lambda: one solution, without iterations or a start. Where it would have one of them below 0,
// it is 0. None with fewer than 4 points, or with concurrencies that differ less than twofold.
[[nodiscard]] std::optional<ScalabilityFit> fit_scalability(std::span<const ScalabilityPoint> points);

}  // namespace wsblast::stats
