#include "math/distributions.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace wsblast::math {

double normal_quantile(double share) {
    return boost::math::quantile(boost::math::normal{}, share);
}

double student_t_quantile(double share, double degrees_of_freedom) {
    return boost::math::quantile(boost::math::students_t{degrees_of_freedom}, share);
}

double normal_share_below(double value) {
    return boost::math::cdf(boost::math::normal{}, value);
}

ShareBounds binomial_bounds(std::uint64_t count, std::uint64_t total, double confidence) {
    using Binomial = boost::math::binomial_distribution<>;
    const double beyond = (1 - confidence) / 2;
    const auto trials = static_cast<double>(total);
    const auto seen = static_cast<double>(count);
    return {count == 0 ? 0 : Binomial::find_lower_bound_on_p(trials, seen, beyond),
            count == total ? 1 : Binomial::find_upper_bound_on_p(trials, seen, beyond)};
}

}  // namespace wsblast::math
