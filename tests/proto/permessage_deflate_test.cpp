#include "proto/permessage_deflate.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::proto;
using Catch::Matchers::Contains;

namespace {

HttpHeaders headers_of(const std::vector<std::string_view>& values) {
    HttpHeaders headers;
    for (const std::string_view value : values) REQUIRE(headers.add({"sec-websocket-EXTENSIONS", value}));
    return headers;
}

DeflateAnswer answer_to(const DeflateParameters& offer, const std::vector<std::string_view>& values) {
    const HttpHeaders headers = headers_of(values);
    return read_deflate_answer(headers, &offer);
}

std::optional<std::string> accepted(const std::vector<std::string_view>& values,
                                    const DeflateParameters& wanted = {}) {
    const auto made = accept_deflate(headers_of(values), wanted);
    if (!made) return std::nullopt;
    return to_answer(made->answer);
}

constexpr DeflateParameters kBareOffer{};
constexpr DeflateParameters kFullOffer{.server_no_context_takeover = true,
                                       .client_no_context_takeover = true,
                                       .server_max_window_bits = 12,
                                       .client_max_window_bits = 11};

}  // namespace

TEST_CASE("permessage-deflate: parameters of an option", "[permessage_deflate]") {
    CHECK(*parse_deflate_parameters("") == DeflateParameters{});
    CHECK(*parse_deflate_parameters(" client_max_window_bits ") ==
          DeflateParameters{.client_max_window_bits = 15});
    CHECK(*parse_deflate_parameters("server_no_context_takeover; client_no_context_takeover;"
                                    "server_max_window_bits=12 ; client_max_window_bits = \"11\"") ==
          kFullOffer);
    for (const char* const wrong :
         {"server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16",
          "client_max_window_bits=08", "client_max_window_bits=", "server_no_context_takeover=1",
          "window=9", "client_max_window_bits=9; client_max_window_bits=9", "client_no_context_takeover,",
          "server_no_context_takeover; server_no_context_takeover", "=9", "client_max_window_bits=\"9",
          "client_max_window_bits=9 9"}) {
        const auto parsed = parse_deflate_parameters(wrong);
        CAPTURE(wrong);
        REQUIRE_FALSE(parsed);
        CHECK_THAT(parsed.error().what, Contains(wrong) && Contains("client_max_window_bits"));
    }
}

TEST_CASE("permessage-deflate: what is offered is written as RFC 7692 says", "[permessage_deflate]") {
    CHECK(to_offer({}) == "permessage-deflate");
    CHECK(to_offer({.client_max_window_bits = 15}) == "permessage-deflate; client_max_window_bits");
    CHECK(to_answer({.client_max_window_bits = 15}) == "permessage-deflate; client_max_window_bits=15");
    CHECK(to_offer(kFullOffer) ==
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
          "server_max_window_bits=12; client_max_window_bits=11");
}

TEST_CASE("permessage-deflate: a server may decline it", "[permessage_deflate]") {
    CHECK(answer_to(kBareOffer, {}).answer == ExtensionAnswer::none);
    CHECK(answer_to(kFullOffer, {"", " , "}).answer == ExtensionAnswer::none);
}

TEST_CASE("permessage-deflate: answers and their terms", "[permessage_deflate]") {
    const auto terms = [](const DeflateParameters& offer, std::string_view value) {
        const DeflateAnswer read = answer_to(offer, {value});
        CAPTURE(value);
        CHECK(read.answer == ExtensionAnswer::deflate);
        return read.terms;
    };
    CHECK(terms(kBareOffer, "permessage-deflate") == DeflateTerms{});
    CHECK(terms(kBareOffer, "Permessage-Deflate ;server_no_context_takeover;client_no_context_takeover") ==
          DeflateTerms{.server_no_context_takeover = true, .client_no_context_takeover = true});
    // Unasked, a server may narrow its own window.
    CHECK(terms(kBareOffer, "permessage-deflate; server_max_window_bits=\"10\"") ==
          DeflateTerms{.server_window_bits = 10});
    CHECK(terms({.client_max_window_bits = 15}, "permessage-deflate; client_max_window_bits=9") ==
          DeflateTerms{.client_window_bits = 9});
    CHECK(terms(kFullOffer,
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=12;"
                "client_max_window_bits=8") == DeflateTerms{true, true, 12, 8});
    // Not answered, our own window is as narrow as was said.
    CHECK(terms({.client_max_window_bits = 10}, "permessage-deflate") ==
          DeflateTerms{.client_window_bits = 10});
}

TEST_CASE("permessage-deflate: answers that an offer does not allow", "[permessage_deflate]") {
    const auto is_unsound = [](const DeflateParameters& offer,
                               const std::vector<std::string_view>& values) {
        return answer_to(offer, values).answer == ExtensionAnswer::unsound;
    };
    for (const std::string_view wrong :
         {"permessage-deflate; client_max_window_bits=9", "permessage-deflate; client_max_window_bits",
          "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=16",
          "permessage-deflate; server_no_context_takeover=true", "permessage-deflate; level=9",
          "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
          "permessage-deflate, permessage-deflate", "permessage-deflate;", "permessage-deflate; ;",
          "permessage-deflate; server_max_window_bits=\"10", "permessage-deflate x"}) {
        CAPTURE(wrong);
        CHECK(is_unsound(kBareOffer, {wrong}));
    }
    CHECK(is_unsound(kBareOffer, {"permessage-deflate", "permessage-deflate"}));
    const DeflateParameters narrow{.client_max_window_bits = 10};
    CHECK(is_unsound(narrow, {"permessage-deflate; client_max_window_bits=11"}));
    CHECK(is_unsound(narrow, {"permessage-deflate; client_max_window_bits"}));
    CHECK(is_unsound({.server_no_context_takeover = true}, {"permessage-deflate"}));
    CHECK(is_unsound({.server_max_window_bits = 10}, {"permessage-deflate"}));
    CHECK(is_unsound({.server_max_window_bits = 10}, {"permessage-deflate; server_max_window_bits=11"}));
}

TEST_CASE("permessage-deflate: an extension that was not offered", "[permessage_deflate]") {
    CHECK(answer_to(kBareOffer, {"x-webkit-deflate-frame"}).answer == ExtensionAnswer::unrequested);
    CHECK(answer_to(kBareOffer, {"permessage-deflate, permessage-bzip2"}).answer ==
          ExtensionAnswer::unrequested);
    const HttpHeaders headers = headers_of({"permessage-deflate"});
    CHECK(read_deflate_answer(headers, nullptr).answer == ExtensionAnswer::unrequested);
    CHECK(read_deflate_answer(headers_of({}), nullptr).answer == ExtensionAnswer::none);
}

TEST_CASE("permessage-deflate: a server takes the first sound offer", "[permessage_deflate]") {
    CHECK_FALSE(accepted({}));
    CHECK_FALSE(accepted({"permessage-bzip2; client_max_window_bits"}));
    CHECK(accepted({"permessage-deflate"}) == "permessage-deflate");
    CHECK(accepted({"permessage-deflate; client_max_window_bits"}) == "permessage-deflate");
    CHECK(accepted({"permessage-deflate; client_max_window_bits=10"}) ==
          "permessage-deflate; client_max_window_bits=10");
    CHECK(accepted({"permessage-deflate; server_no_context_takeover; server_max_window_bits=9"}) ==
          "permessage-deflate; server_no_context_takeover; server_max_window_bits=9");
    CHECK(accepted({"foo; a=\"b\", permessage-deflate; level=1, permessage-deflate; "
                    "server_max_window_bits=15"}) == "permessage-deflate; server_max_window_bits=15");
    CHECK(accepted({"foo", "permessage-deflate; client_no_context_takeover"}) ==
          "permessage-deflate; client_no_context_takeover");
    CHECK_FALSE(accepted({"permessage-deflate; server_max_window_bits"}));
    CHECK_FALSE(accepted({"permessage-deflate; client_max_window_bits=7"}));
    CHECK_FALSE(accepted({"permessage-deflate; client_max_window_bits=9; client_max_window_bits=9"}));
    CHECK_FALSE(accepted({";"}));
}

TEST_CASE("permessage-deflate: what a server wants besides", "[permessage_deflate]") {
    const DeflateParameters wanted{.server_no_context_takeover = true,
                                   .client_no_context_takeover = true,
                                   .server_max_window_bits = 10,
                                   .client_max_window_bits = 9};
    // A window of the client's is not narrowed unless it says that it understands.
    CHECK(accepted({"permessage-deflate"}, wanted) ==
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
          "server_max_window_bits=10");
    CHECK(accept_deflate(headers_of({"permessage-deflate"}), wanted)->terms ==
          DeflateTerms{true, true, 10, 15});
    CHECK(accept_deflate(
              headers_of({"permessage-deflate; client_max_window_bits;server_max_window_bits=8"}), wanted)
              ->terms == DeflateTerms{true, true, 8, 9});
}
