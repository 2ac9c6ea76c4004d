#include "stats/crossing.hpp"

#include <algorithm>
#include <cmath>

#include "math/distributions.hpp"

namespace wsblast::stats {

namespace {

// A line through points with weights: value = mean_y + slope (x - mean_x).
struct Line {
    double weights = 0;
    double mean_x = 0;
    double mean_y = 0;
    double slope = 0;
    double spread_x = 0;  // weighted sum of squares around mean_x
    double scale = 1;     // what the errors have to be multiplied with to explain what is seen
};

double inverse_error(const LoadPoint& point) {
    return point.standard_error / (point.value * point.value);
}

Line fit_line(std::span<const LoadPoint> points) {
    Line line;
    for (const LoadPoint& point : points) {
        const double weight = 1 / (inverse_error(point) * inverse_error(point));
        line.weights += weight;
        line.mean_x += weight * point.load;
        line.mean_y += weight / point.value;
    }
    line.mean_x /= line.weights;
    line.mean_y /= line.weights;
    double together = 0;
    for (const LoadPoint& point : points) {
        const double weight = 1 / (inverse_error(point) * inverse_error(point));
        const double x = point.load - line.mean_x;
        line.spread_x += weight * x * x;
        together += weight * x * (1 / point.value - line.mean_y);
    }
    if (line.spread_x <= 0) return line;
    line.slope = together / line.spread_x;
    double chi_squared = 0;
    for (const LoadPoint& point : points) {
        const double fitted = line.mean_y + line.slope * (point.load - line.mean_x);
        const double off = (1 / point.value - fitted) / inverse_error(point);
        chi_squared += off * off;
    }
    // Steps that differ more than their own errors say: the machine was not the same in all of them.
    line.scale = std::max(1.0, std::sqrt(chi_squared / static_cast<double>(points.size() - 2)));
    return line;
}

}  // namespace

std::optional<Estimate> crossing(std::span<const LoadPoint> points, double limit) {
    if (points.size() < kCrossingPointsMin || limit <= 0) return std::nullopt;
    const auto usable = [](const LoadPoint& point) {
        return point.value > 0 && point.standard_error > 0 && std::isfinite(point.standard_error);
    };
    if (!std::all_of(points.begin(), points.end(), usable)) return std::nullopt;
    const Line line = fit_line(points);
    if (line.spread_x <= 0) return std::nullopt;
    const double t =
        math::student_t_quantile(0.5 + kConfidence / 2, static_cast<double>(points.size() - 2));
    const double slope_error = line.scale / std::sqrt(line.spread_x);
    if (line.slope + t * slope_error >= 0) return std::nullopt;
    Estimate estimate;
    const double from_mean = (1 / limit - line.mean_y) / line.slope;
    estimate.value = line.mean_x + from_mean;
    estimate.standard_error = line.scale / std::fabs(line.slope) *
                              std::sqrt(1 / line.weights + from_mean * from_mean / line.spread_x);
    estimate.low = estimate.value - t * estimate.standard_error;
    estimate.high = estimate.value + t * estimate.standard_error;
    return estimate;
}

}  // namespace wsblast::stats
