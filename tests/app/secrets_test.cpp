#include "app/secrets.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace wsblast::app;

namespace {

// What is left of a command line.
std::vector<std::string> hidden(std::vector<std::string> words) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    hide_secrets(pointers);
    return words;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("secrets: secret values are overwritten, wherever they stand", "[app][secrets]") {
    CHECK(hidden({"run", "--auth", "me:pass", "--quiet"}) == Words{"run", "--auth", "*******", "--quiet"});
    CHECK(hidden({"--auth=me:pass"}) == Words{"--auth=*******"});
    CHECK(hidden({"--cookie", "a=b", "--cookie=c=d"}) == Words{"--cookie", "***", "--cookie=***"});
    CHECK(hidden({"--header", "X-Api-Key: 1"}) == Words{"--header", "************"});
    CHECK(hidden({"--proxy", "http://a:b@c:1"}) == Words{"--proxy", "**************"});
    CHECK(hidden({"--url", "ws://a/?token=1"}) == Words{"--url", "***************"});
}

TEST_CASE("secrets: what is none stays", "[app][secrets]") {
    const Words plain{"capacity",   "--url",  "ws://a/?page=1", "--header", "X-Team: blue", "--proxy",
                      "http://c:1", "--seed", "4711",           "--quiet",  "--auth"};
    CHECK(hidden(plain) == plain);
    CHECK(hidden({}).empty());
}
