#include "proto/secrets.hpp"

#include <catch2/catch.hpp>

using namespace wsblast::proto;

TEST_CASE("secrets: names that speak of one", "[proto][secrets]") {
    for (const char* name :
         {"Authorization", "X-Api-Key", "COOKIE", "access_token", "sessionid", "password", "sig"})
        CHECK(is_secret_name(name));
    for (const char* name : {"Origin", "X-Team", "page", "User-Agent", ""})
        CHECK_FALSE(is_secret_name(name));
}

TEST_CASE("secrets: a URL is shown without them", "[proto][secrets]") {
    const std::pair<const char*, const char*> cases[] = {
        {"", ""},
        {"?", "?"},
        {"ws://host:80/a:b@c", "ws://host:80/a:b@c"},
        {"ws://host/?page=1&token=abc&x=2", "ws://host/?page=1&token=***&x=2"},
        {"ws://host/?token=a=b", "ws://host/?token=***"},
        {"ws://host/?token", "ws://host/?token"},
        {"ws://me:s3cret@host/", "ws://me:***@host/"},
        {"ws://me:s3@cret@host?key=1", "ws://me:***@host?key=***"},
        {"ws://me@host:80/", "ws://me@host:80/"},
        {"ws+unix:/run/a:/ws?key=1", "ws+unix:/run/a:/ws?key=***"},
    };
    for (const auto& [url, shown] : cases) CHECK(shown_url(url) == shown);
}

TEST_CASE("secrets: pairs are hidden one by one", "[proto][secrets]") {
    const auto all = [](std::string_view) { return true; };
    CHECK(hide_pairs("a=1; b=2;c", ';', all) == "a=***; b=***;c");
    CHECK(hide_value("key: 1", 5) == "key: ***");
}
