#include "session/client_targets.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"

using namespace wsblast;
using namespace wsblast::session;
using stats::ErrorKind;

namespace {

// Two URLs of the run, and a host that redirects have named.
RedirectRules rules_for(plan::Redirects policy) {
    RedirectRules rules;
    rules.policy = policy;
    for (const char* text : {"ws://a/door", "wss://b/door"})
        rules.urls.push_back(proto::parse_url(text).value());
    rules.places = {{false, "a", 80, "", 0}, {true, "b", 443, "", 1}, {false, "c", 8000, "", 2}};
    rules.make_target = [](const proto::Url& url) -> Result<ClientTarget> {
        auto request = proto::UpgradeRequest::build({.host = url.host_header, .path = url.path});
        if (!request) return request.error();
        return ClientTarget{std::move(*request), {}};
    };
    return rules;
}

}  // namespace

TEST_CASE("client targets: a redirect to a known host has its own request", "[session][client_targets]") {
    const RedirectRules rules = rules_for(plan::Redirects::follow);
    Redirects redirects(&rules, 4);
    const auto step = redirects.follow(0, 0, "http://c:8000/room?x=1");
    REQUIRE(step.number);
    const Redirects::There& there = redirects.there(*step.number);
    CHECK(there.target == 2);
    CHECK(there.client.request.text().starts_with("GET /room?x=1 HTTP/1.1\r\nHost: c:8000\r\n"));
    CHECK(redirects.follow(0, 0, "ws://c:8000/room?x=1").number == step.number);
    CHECK(redirects.follow(0, 0, "ws://c:8000/other").number != step.number);
    // Where it was sent to, it may be sent on, relative to that place.
    const auto next = redirects.follow(*step.number, 1, "hall");
    REQUIRE(next.number);
    CHECK(proto::to_text(redirects.there(*next.number).url) == "ws://c:8000/hall");
}

TEST_CASE("client targets: what is not followed is an error of its own kind", "[session][client_targets]") {
    const RedirectRules rules = rules_for(plan::Redirects::follow);
    Redirects redirects(&rules, 4);
    for (const char* location : {"ws://unknown/", "ws://c:8001/", "wss://c:8000/", "mailto:me", ""}) {
        CAPTURE(location);
        const auto step = redirects.follow(0, 0, location);
        CHECK_FALSE(step.number);
        CHECK(step.error == ErrorKind::redirect_refused);
    }
    CHECK(redirects.follow(0, limits::kRedirectsMax - 1, "/again").number);
    CHECK(redirects.follow(0, limits::kRedirectsMax, "/again").error == ErrorKind::redirect_loop);
}

TEST_CASE("client targets: from wss:// to ws:// only where that is allowed", "[session][client_targets]") {
    const RedirectRules strict = rules_for(plan::Redirects::follow);
    const RedirectRules loose = rules_for(plan::Redirects::follow_anywhere);
    CHECK_FALSE(Redirects(&strict, 1).follow(1, 0, "ws://a/").number);
    CHECK(Redirects(&loose, 1).follow(1, 0, "ws://a/").number);
    CHECK(Redirects(&strict, 1).follow(0, 0, "wss://b/").number);
}

TEST_CASE("client targets: without rules nothing was ever redirected", "[session][client_targets]") {
    Redirects redirects(nullptr, 1'000'000);
    CHECK(redirects.ok());
    CHECK_FALSE(redirects.followed());
    redirects.set(999'999, {7, 1});
    CHECK(redirects.move_of(999'999).number_plus_one == 0);
}
