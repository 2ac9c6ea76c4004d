#include "stats/crossing.hpp"

#include <algorithm>
#include <cmath>

#include "math/distributions.hpp"

namespace wsblast::stats {

namespace {

// A line through points: value = mean_y + slope (x - mean_x).
struct Line {
    double count = 0;
    double mean_x = 0;
    double mean_y = 0;
    double slope = 0;
    double spread_x = 0;  // sum of squares around mean_x
    double error = 0;     // of a single point, in y
};

// What points may be off by: by what the line leaves of them, and at least by their own errors.
double point_error(std::span<const LoadPoint> points, const Line& line) {
    double left = 0;
    double own = 0;
    for (const LoadPoint& point : points) {
        const double fitted = line.mean_y + line.slope * (point.load - line.mean_x);
        const double of_inverse = point.standard_error / (point.value * point.value);
        left += (1 / point.value - fitted) * (1 / point.value - fitted);
        own += of_inverse * of_inverse;
    }
    return std::sqrt(std::max(left / (line.count - 2), own / line.count));
}

Line fit_line(std::span<const LoadPoint> points) {
    Line line{.count = static_cast<double>(points.size())};
    for (const LoadPoint& point : points) {
        line.mean_x += point.load / line.count;
        line.mean_y += 1 / point.value / line.count;
    }
    double together = 0;
    for (const LoadPoint& point : points) {
        const double x = point.load - line.mean_x;
        line.spread_x += x * x;
        together += x * (1 / point.value - line.mean_y);
    }
    if (line.spread_x <= 0) return line;
    line.slope = together / line.spread_x;
    line.error = point_error(points, line);
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
    const double slope_error = line.error / std::sqrt(line.spread_x);
    if (line.slope + t * slope_error >= 0) return std::nullopt;
    Estimate estimate;
    const double from_mean = (1 / limit - line.mean_y) / line.slope;
    estimate.value = line.mean_x + from_mean;
    estimate.standard_error = line.error / std::fabs(line.slope) *
                              std::sqrt(1 / line.count + from_mean * from_mean / line.spread_x);
    estimate.low = estimate.value - t * estimate.standard_error;
    estimate.high = estimate.value + t * estimate.standard_error;
    return estimate;
}

}  // namespace wsblast::stats
