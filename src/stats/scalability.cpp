#include "stats/scalability.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace wsblast::stats {

namespace {

constexpr std::size_t kPointsMin = 4;
constexpr double kConcurrencySpanMin = 2;
constexpr std::size_t kTerms = 3;

// One equation for each point: the terms times their factors are to give 1.
using Row = std::array<double, kTerms>;
using Factors = std::array<double, kTerms>;
// Which of the three terms take part; the first one always does.
using Subset = std::vector<std::size_t>;

std::vector<Row> equations(std::span<const ScalabilityPoint> points) {
    std::vector<Row> rows;
    rows.reserve(points.size());
    for (const ScalabilityPoint& point : points) {
        const double n = point.concurrency;
        const double weight = point.throughput_per_s / n;
        rows.push_back({weight, weight * (n - 1), weight * n * (n - 1)});
    }
    return rows;
}

// A small system by elimination, the largest pivot first; none when it is singular.
std::optional<std::vector<double>> solve(std::vector<std::vector<double>> system) {
    constexpr double kSingular = 1e-12;  // of columns that were scaled to length 1
    const std::size_t size = system.size();
    for (std::size_t column = 0; column < size; ++column) {
        std::size_t best = column;
        for (std::size_t row = column + 1; row < size; ++row) {
            if (std::fabs(system[row][column]) > std::fabs(system[best][column])) best = row;
        }
        std::swap(system[column], system[best]);
        if (std::fabs(system[column][column]) < kSingular) return std::nullopt;
        for (std::size_t row = 0; row < size; ++row) {
            if (row == column) continue;
            const double factor = system[row][column] / system[column][column];
            for (std::size_t k = column; k <= size; ++k) system[row][k] -= factor * system[column][k];
        }
    }
    std::vector<double> values(size);
    for (std::size_t i = 0; i < size; ++i) values[i] = system[i][size] / system[i][i];
    return values;
}

// Least squares over some of the terms, by the normal equations of columns of length 1.
std::optional<Factors> fit_terms(const std::vector<Row>& rows, const Subset& terms) {
    std::vector<double> lengths;
    for (const std::size_t term : terms) {
        double squares = 0;
        for (const Row& row : rows) squares += row[term] * row[term];
        if (squares <= 0) return std::nullopt;
        lengths.push_back(std::sqrt(squares));
    }
    std::vector<std::vector<double>> normal(terms.size(), std::vector<double>(terms.size() + 1));
    for (std::size_t i = 0; i < terms.size(); ++i) {
        for (const Row& row : rows) {
            const double scaled = row[terms[i]] / lengths[i];
            for (std::size_t j = 0; j < terms.size(); ++j) {
                normal[i][j] += scaled * row[terms[j]] / lengths[j];
            }
            normal[i][terms.size()] += scaled;
        }
    }
    const auto solved = solve(std::move(normal));
    if (!solved) return std::nullopt;
    Factors factors{};
    for (std::size_t i = 0; i < terms.size(); ++i) factors[terms[i]] = (*solved)[i] / lengths[i];
    return factors;
}

double residual_of(const std::vector<Row>& rows, const Factors& factors) {
    double squares = 0;
    for (const Row& row : rows) {
        double sum = -1;
        for (std::size_t term = 0; term < kTerms; ++term) sum += row[term] * factors[term];
        squares += sum * sum;
    }
    return squares;
}

// Of all choices of terms the nearest that has no factor below 0.
std::optional<Factors> fit_not_negative(const std::vector<Row>& rows) {
    const std::array<Subset, 4> subsets{{{0, 1, 2}, {0, 1}, {0, 2}, {0}}};
    std::optional<Factors> best;
    double least = 0;
    for (const Subset& terms : subsets) {
        const auto factors = fit_terms(rows, terms);
        if (!factors || (*factors)[0] <= 0) continue;
        if (std::any_of(factors->begin(), factors->end(), [](double factor) { return factor < 0; }))
            continue;
        const double residual = residual_of(rows, *factors);
        if (best && residual >= least) continue;
        best = factors;
        least = residual;
    }
    return best;
}

double r_squared_of(std::span<const ScalabilityPoint> points, const ScalabilityFit& fit) {
    double mean = 0;
    for (const ScalabilityPoint& point : points) {
        mean += point.throughput_per_s / static_cast<double>(points.size());
    }
    double total = 0;
    double left = 0;
    for (const ScalabilityPoint& point : points) {
        const double error = point.throughput_per_s - fit.throughput_at(point.concurrency);
        total += (point.throughput_per_s - mean) * (point.throughput_per_s - mean);
        left += error * error;
    }
    return total > 0 ? 1 - left / total : 0;
}

}  // namespace

double ScalabilityFit::throughput_at(double n) const {
    return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

std::optional<ScalabilityFit> fit_scalability(std::span<const ScalabilityPoint> points) {
    std::vector<ScalabilityPoint> used;
    std::copy_if(points.begin(), points.end(), std::back_inserter(used), [](const ScalabilityPoint& point) {
        return point.concurrency > 0 && point.throughput_per_s > 0;
    });
    if (used.size() < kPointsMin) return std::nullopt;
    const auto [lowest, highest] = std::minmax_element(
        used.begin(), used.end(),
        [](const ScalabilityPoint& a, const ScalabilityPoint& b) { return a.concurrency < b.concurrency; });
    if (highest->concurrency < kConcurrencySpanMin * lowest->concurrency) return std::nullopt;
    const auto factors = fit_not_negative(equations(used));
    if (!factors) return std::nullopt;
    ScalabilityFit fit;
    fit.lambda = 1 / (*factors)[0];
    fit.sigma = (*factors)[1] * fit.lambda;
    fit.kappa = (*factors)[2] * fit.lambda;
    fit.r_squared = r_squared_of(used, fit);
    if (fit.kappa > 0 && fit.sigma < 1) {
        fit.peak_concurrency = std::sqrt((1 - fit.sigma) / fit.kappa);
        fit.peak_throughput_per_s = fit.throughput_at(*fit.peak_concurrency);
    } else if (fit.kappa == 0 && fit.sigma > 0) {
        fit.ceiling_per_s = fit.lambda / fit.sigma;
    }
    return fit;
}

}  // namespace wsblast::stats
