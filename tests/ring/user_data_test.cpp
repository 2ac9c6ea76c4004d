#include "ring/user_data.hpp"

#include <catch2/catch.hpp>

using namespace wsblast::ring;

TEST_CASE("user data: what is packed comes back", "[ring][user_data]") {
    const Op op = GENERATE(Op::connect, Op::accept, Op::receive, Op::send, Op::send_rest, Op::shutdown,
                           Op::close, Op::poll, Op::none);
    const std::uint32_t generation = GENERATE(0u, 1u, 0x00ab'cdefu, kGenerationMask);
    const std::uint32_t slot = GENERATE(0u, 1u, 0x1234'5678u, ~0u);
    const UserData data = UserData::unpack(UserData{op, generation, slot}.pack());
    CHECK(data.op == op);
    CHECK(data.generation == generation);
    CHECK(data.slot == slot);
}

TEST_CASE("user data: the bits lie where the picture says", "[ring][user_data]") {
    CHECK(UserData{Op::send, 0x00ab'cdef, 0x1234'5678}.pack() == 0x03ab'cdef'1234'5678);
}

TEST_CASE("user data: a generation beyond 24 bits wraps and touches nothing else", "[ring][user_data]") {
    const UserData data = UserData::unpack(UserData{Op::receive, kGenerationMask + 2, 7}.pack());
    CHECK(data.op == Op::receive);
    CHECK(data.generation == 1);
    CHECK(data.slot == 7);
}

TEST_CASE("user data: what nobody waits for is no connection's", "[ring][user_data]") {
    CHECK(UserData::unpack(UserData{}.pack()).op == Op::none);
}
