#include "stats/key_counts.hpp"

#include <catch2/catch.hpp>

namespace wsblast::stats {

TEST_CASE("key counts: each key is counted for itself", "[stats][key_counts]") {
    KeyCounts counts;
    counts.count(101);
    counts.count(503);
    counts.count(101);
    KeyCountValues values;
    counts.add_to(values);
    REQUIRE(values == KeyCountValues{{101, 2}, {503, 1}});
    counts.add_to(values);
    REQUIRE(values == KeyCountValues{{101, 4}, {503, 2}});
}

TEST_CASE("key counts: more keys than fit are counted together, none is lost", "[stats][key_counts]") {
    KeyCounts counts;
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t key = 3'000; key < 3'100; ++key) counts.count(key);
    }
    KeyCountValues values;
    counts.add_to(values);
    REQUIRE(values.size() == 64 + 1);
    REQUIRE(values[0] == 2 * (100 - 64));
    std::uint64_t sum = 0;
    for (const auto& [key, count] : values) sum += count;
    REQUIRE(sum == 200);
}

TEST_CASE("close key: packing keeps code, side and phase apart", "[stats][key_counts]") {
    const auto by = GENERATE(CloseBy::us, CloseBy::peer);
    const auto phase = GENERATE(ClosePhase::setup, ClosePhase::open, ClosePhase::hold);
    const std::uint16_t code = GENERATE(as<std::uint16_t>{}, 1000, 1005, 4999, 65535);
    const CloseKey key = CloseKey::unpack(CloseKey{code, by, phase}.pack());
    REQUIRE(key.code == code);
    REQUIRE(key.by == by);
    REQUIRE(key.phase == phase);
}

TEST_CASE("excerpts: the first of each status is kept, cut to size", "[stats][key_counts]") {
    Excerpts excerpts;
    CHECK(excerpts.wants(503));
    excerpts.keep(503, as_bytes("busy"));
    CHECK_FALSE(excerpts.wants(503));
    excerpts.keep(503, as_bytes("still busy"));
    excerpts.keep(404, as_bytes(std::string(10'000, 'x')));
    excerpts.keep(0, {});
    std::vector<Excerpt> all;
    excerpts.add_to(all);
    REQUIRE(all.size() == 3);
    REQUIRE(all[0].status == 503);
    REQUIRE(all[0].text == "busy");
    REQUIRE(all[1].text == std::string(limits::kExcerptBytesMax, 'x'));
    REQUIRE(all[2].text.empty());
}

TEST_CASE("key counts: what TLS agreed on, and why it ended, come back from their keys",
          "[stats][key_counts]") {
    const TlsKey agreed = TlsKey::unpack(TlsKey{0x0304, 0x1301}.pack());
    REQUIRE(agreed.version == 0x0304);
    REQUIRE(agreed.cipher == 0x1301);
    const TlsFaultKey alert = TlsFaultKey::unpack(TlsFaultKey{TlsFaultKind::alert, 40}.pack());
    REQUIRE(alert.kind == TlsFaultKind::alert);
    REQUIRE(alert.code == 40);
    REQUIRE(TlsFaultKey{TlsFaultKind::certificate, 40}.pack() != alert.pack());
    REQUIRE(TlsFaultKey{TlsFaultKind::alert, 0}.pack() > 0);
}

TEST_CASE("excerpts: of several workers the first of each status stays", "[stats][key_counts]") {
    Excerpts first;
    Excerpts second;
    first.keep(503, as_bytes("one"));
    second.keep(503, as_bytes("two"));
    second.keep(500, as_bytes("three"));
    std::vector<Excerpt> all;
    first.add_to(all);
    second.add_to(all);
    REQUIRE(all.size() == 2);
    REQUIRE(all[0].text == "one");
    REQUIRE(all[1].status == 500);
}

TEST_CASE("excerpts: more statuses than there is room for are left out", "[stats][key_counts]") {
    Excerpts excerpts;
    for (std::uint16_t status = 400; status < 450; ++status) excerpts.keep(status, as_bytes("no"));
    std::vector<Excerpt> all;
    excerpts.add_to(all);
    REQUIRE(all.size() == limits::kExcerptsMax);
    REQUIRE(all.back().status == 400 + limits::kExcerptsMax - 1);
}

}  // namespace wsblast::stats
