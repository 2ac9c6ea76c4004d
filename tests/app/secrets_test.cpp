#include "app/secrets.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast::app;

namespace {

using Line = std::vector<std::string>;

// What is left of a command line.
Line hidden(Line words) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    hide_secrets(pointers);
    return words;
}

}  // namespace

TEST_CASE("secrets: secret values are overwritten, wherever they stand", "[app][secrets]") {
    CHECK(hidden({"run", "--auth", "me:pass", "--quiet"}) == Line{"run", "--auth", "*******", "--quiet"});
    CHECK(hidden({"--auth=me:pass"}) == Line{"--auth=*******"});
    CHECK(hidden({"--cookie", "a=b", "--cookie=c=d"}) == Line{"--cookie", "***", "--cookie=***"});
    CHECK(hidden({"--header", "X-Api-Key: 1"}) == Line{"--header", "************"});
    CHECK(hidden({"--proxy", "http://a:b@c:1"}) == Line{"--proxy", "**************"});
    CHECK(hidden({"--url", "ws://a/?token=1"}) == Line{"--url", "***************"});
}

TEST_CASE("secrets: what is none stays", "[app][secrets]") {
    const Line plain{"capacity",   "--url",  "ws://a/?page=1", "--header", "X-Team: blue", "--proxy",
                     "http://c:1", "--seed", "4711",           "--quiet",  "--auth"};
    CHECK(hidden(plain) == plain);
    CHECK(hidden({}).empty());
}
