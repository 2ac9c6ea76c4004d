#include "plan/connection_memory.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "deflate/stream.hpp"

using namespace wsblast;
using namespace wsblast::plan;

namespace {

RunOptions offering(std::optional<proto::DeflateParameters> deflate) {
    RunOptions options;
    options.connections = 1'000;
    options.listeners = 24;
    options.message.deflate = deflate;
    return options;
}

}  // namespace

TEST_CASE("connection memory: a deflater counts where messages may refer to those before them",
          "[plan][memory]") {
    CHECK(connection_memory(offering({})).bytes() == limits::kConnectionBytes);
    const RunOptions forgetful = offering(proto::DeflateParameters{.client_no_context_takeover = true});
    CHECK(connection_memory(forgetful).bytes() == limits::kConnectionBytes);
    const RunOptions remembering = offering(proto::DeflateParameters{});
    CHECK(connection_memory(remembering).bytes() == limits::kConnectionBytes + 150 * kKiB);
    CHECK(connection_memory(remembering).text() ==
          "155 KiB, of which 150 to compress with what was sent before");
    CHECK(connection_memory(offering({})).text() == "5 KiB");
}

TEST_CASE("connection memory: TLS counts, of some of the URLs in part", "[plan][memory]") {
    RunOptions secure = offering({});
    secure.urls = {"wss://a/ws"};
    CHECK(connection_memory(secure).bytes() == 9 * kKiB);
    CHECK(connection_memory(secure).text() == "9 KiB, of which 4 TLS");
    CHECK(deflate_bytes_max(secure, 1'024 * 9 * kKiB + kMiB, 1) == kMiB);
    secure.urls.push_back("ws://b/wss:");
    CHECK(connection_memory(secure).bytes() == 7 * kKiB);
    RunOptions both = offering(proto::DeflateParameters{});
    both.urls = {"WSS://a"};
    CHECK(connection_memory(both).bytes() == 159 * kKiB);
    CHECK(connection_memory(both).end_bytes() == 9 * kKiB);
    CHECK(connection_memory(both).text() ==
          "159 KiB, of which 4 TLS and 150 to compress with what was sent before");
}

TEST_CASE("connection memory: with other ciphers OpenSSL stays, and takes more", "[plan][memory]") {
    const auto with_ciphers = [](const char* ciphers) {
        RunOptions secure = offering({});
        secure.urls = {"wss://a/ws"};
        secure.tls.terms.ciphers = ciphers;
        return connection_memory(secure).tls_bytes;
    };
    CHECK(with_ciphers("TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-CHACHA20-POLY1305") == 4 * kKiB);
    CHECK(with_ciphers("TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256") == 22 * kKiB);
    CHECK(with_ciphers("ECDHE-ECDSA-AES128-SHA256") == 22 * kKiB);
}

TEST_CASE("connection memory: a narrower window takes less", "[plan][memory]") {
    const auto with_bits = [](std::uint8_t bits) {
        return deflater_bytes(offering(proto::DeflateParameters{.client_max_window_bits = bits}).message);
    };
    CHECK(with_bits(15) == 150 * kKiB);
    CHECK(with_bits(10) == 26 * kKiB);
    CHECK(with_bits(9) == 24 * kKiB);
    CHECK(with_bits(8) == with_bits(9));
}

TEST_CASE("connection memory: compression may take what the connections leave, each worker its part",
          "[plan][memory]") {
    const RunOptions options = offering(proto::DeflateParameters{});
    const std::uint64_t connections = 1'024 * limits::kConnectionBytes;
    CHECK(deflate_bytes_max(options, connections + 4 * kMiB, 2) == 2 * kMiB);
    CHECK(deflate_bytes_max(options, connections, 2) == 0);
    CHECK(deflate_bytes_max(options, connections - 1, 2) == 0);
    CHECK(deflate_bytes_max(options, 0, 2) == ~std::uint64_t{0});
}
