#include "proto/sent_secrets.hpp"

#include <catch2/catch.hpp>

using namespace wsblast::proto;

namespace {

constexpr std::string_view kHead =
    "GET /p?page=first&token=a%20url%2Bsecret HTTP/1.1\r\nHost: here\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Authorization: Basic YW5uOlNFQ1JFVFBX\r\n"
    "Cookie: a=cook-one; b=cook-two\r\nX-Api-Key: the-key\r\nX-Team: blue-team\r\n\r\n";

std::string said_back(std::string_view text) {
    return hide_sent(text, sent_secrets(kHead));
}

}  // namespace

TEST_CASE("sent secrets: what was sent and is secret is hidden where it is said back",
          "[proto][sent_secrets]") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", ""},
        {"you asked for page first as blue-team here", "you asked for page first as blue-team here"},
        {"Authorization: Basic YW5uOlNFQ1JFVFBX", "Authorization: ***"},
        {"basic=YW5uOlNFQ1JFVFBX", "basic=***"},
        {"ann:SECRETPW is nobody", "*** is nobody"},
        {"wrong password: 'SECRETPW'", "wrong password: '***'"},
        {"Cookie: a=cook-one; b=cook-two!", "Cookie: ***!"},
        {"b is cook-two, a is cook-one", "b is ***, a is ***"},
        {"key the-key is no key", "key *** is no key"},
        {"/p?page=first&token=a%20url%2Bsecret", "/p?page=first&token=***"},
        {"token 'a url+secret'", "token '***'"},
        {"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="},
    };
    for (const auto& [text, shown] : cases) CHECK(said_back(text) == shown);
}

TEST_CASE("sent secrets: one that is cut off at the end is hidden too", "[proto][sent_secrets]") {
    CHECK(said_back("the password was SECRET") == "the password was ***");
    CHECK(said_back("the password was SECR") == "the password was ***");
    CHECK(said_back("the password was SEC") == "the password was SEC");
}

TEST_CASE("sent secrets: a bearer's token is one, with its scheme and without", "[proto][sent_secrets]") {
    const auto secrets = sent_secrets("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a.b.c-d\r\n\r\n");
    CHECK(hide_sent("Bearer a.b.c-d", secrets) == "***");
    CHECK(hide_sent("no such token: a.b.c-d.", secrets) == "no such token: ***.");
}

TEST_CASE("sent secrets: a head without any has none, and so has what is no head",
          "[proto][sent_secrets]") {
    CHECK(sent_secrets("GET /?page=1&token=&key HTTP/1.1\r\nHost: a\r\nCookie: s=1\r\n\r\n").empty());
    CHECK(sent_secrets("GET / HTTP/1.1\r\n").empty());
    CHECK(sent_secrets("").empty());
}
