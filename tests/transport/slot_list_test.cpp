#include "transport/slot_list.hpp"

#include <deque>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

using namespace wsblast;
using namespace wsblast::transport;

TEST_CASE("slot list: the last or the oldest is taken, as asked", "[transport][slot_list]") {
    SlotList list(4);
    for (const std::uint32_t slot : {10u, 11u, 12u, 13u}) list.push(slot);
    CHECK(list.size() == 4);
    CHECK(list.pop() == 13);
    CHECK(list.pop_oldest() == 10);
    CHECK(list.pop_oldest() == 11);
    CHECK(list.pop() == 12);
    CHECK(list.size() == 0);
}

TEST_CASE("slot list: it goes round and round like a deque", "[transport][slot_list]") {
    const std::uint32_t slots_max = GENERATE(1u, 2u, 3u, 8u);
    SlotList list(slots_max);
    std::deque<std::uint32_t> model;
    Prng random(slots_max);
    for (std::uint32_t i = 0; i < 2'000; ++i) {
        const std::uint64_t choice = random.next_below(3);
        if (choice == 0 && model.size() < slots_max) {
            list.push(i);
            model.push_back(i);
        } else if (choice == 1 && !model.empty()) {
            REQUIRE(list.pop() == model.back());
            model.pop_back();
        } else if (choice == 2 && !model.empty()) {
            REQUIRE(list.pop_oldest() == model.front());
            model.pop_front();
        }
        REQUIRE(list.size() == model.size());
    }
}
