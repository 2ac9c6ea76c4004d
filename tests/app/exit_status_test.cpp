#include "app/exit_status.hpp"

#include <catch2/catch.hpp>

namespace wsblast::app {

TEST_CASE("exit status: of several the first of 2, 130, 3, 4, 1, 0 counts, in either order",
          "[app][exit]") {
    const std::array<int, 6> order{2, 130, 3, 4, 1, 0};
    for (std::size_t first = 0; first < order.size(); ++first) {
        for (std::size_t later = first; later < order.size(); ++later) {
            const auto stronger = static_cast<ExitStatus>(order[first]);
            const auto weaker = static_cast<ExitStatus>(order[later]);
            CHECK(to_int(first_of(stronger, weaker)) == order[first]);
            CHECK(to_int(first_of(weaker, stronger)) == order[first]);
        }
    }
}

TEST_CASE("exit status: what the user wrote exits 2, what the machine refuses exits 3", "[app][exit]") {
    CHECK(to_int(status_of(Fault::usage)) == 2);
    CHECK(to_int(status_of(Fault::environment)) == 3);
}

}  // namespace wsblast::app
