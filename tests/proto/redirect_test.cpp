#include "proto/redirect.hpp"

#include <catch2/catch.hpp>

using namespace wsblast::proto;

namespace {

std::string leads(std::string_view asked, std::string_view location) {
    CAPTURE(asked, location);
    const auto url = resolve_location(parse_url(asked).value(), location);
    return url ? to_text(*url) : "none";
}

}  // namespace

TEST_CASE("redirect: a location is a URL, or a part of one", "[proto][redirect]") {
    const std::tuple<const char*, const char*, const char*> cases[] = {
        {"ws://a:8000/x", "ws://b/y?z", "ws://b/y?z"},
        {"ws://a:8000/x", "wss://b:444/y", "wss://b:444/y"},
        {"ws://a:8000/x", "http://b/y", "ws://b/y"},
        {"ws://a:8000/x", "HTTPS://B/y", "wss://b/y"},
        {"ws://a:8000/x", " http://b/y#top ", "ws://b/y"},
        {"ws://a:8000/x", "http://b", "ws://b/"},
        {"wss://a:8000/x", "//b:1/y", "wss://b:1/y"},
        {"ws://a:8000/x/y?q", "/z", "ws://a:8000/z"},
        {"ws://a:8000/x/y?q", "z", "ws://a:8000/x/z"},
        {"ws://a:8000/x/y?q", "?z=1:2", "ws://a:8000/x/y?z=1:2"},
        {"ws://a:8000/x/y", "../z", "ws://a:8000/z"},
        {"ws://a:8000/x/y", "../../../z/./w/..", "ws://a:8000/z/"},
        {"ws://a:8000/x/", "..", "ws://a:8000/"},
        {"ws://[::1]:8000/x", "/y", "ws://[::1]:8000/y"},
        {"ws+unix:/run/a:/x", "/y", "ws+unix:/run/a:/y"},
        {"ws+unix:/run/a:/x", "ws://b/y", "ws://b/y"},
        {"ws://a/", "", "none"},
        {"ws://a/", "#top", "none"},
        {"ws://a/", "ftp://b/y", "none"},
        {"ws://a/", "mailto:me", "none"},
        {"ws://a/", "ws+unix:/run/a:/x", "none"},
        {"ws://a/", "WSS+UNIX:///run/a:/x", "none"},
        {"ws+unix:/run/a:/x", "ws+unix:/run/b:/x", "none"},
        {"ws://a/", "http:///y", "none"},
        {"ws://a/", "/a b", "none"},
        {"ws://a/", "http://me:pass@b/", "none"},
    };
    for (const auto& [asked, location, there] : cases) CHECK(leads(asked, location) == there);
}
