#include "app/access_values.hpp"

#include <cstdio>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "base/limits.hpp"

using namespace wsblast;
using namespace wsblast::app;

namespace {

// A file that ends with the test.
class TextFile {
  public:
    explicit TextFile(const std::string& text) : path_("/tmp/wsblast-access-" + std::to_string(getpid())) {
        std::ofstream(path_) << text;
    }
    ~TextFile() { std::remove(path_.c_str()); }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace

TEST_CASE("access values: user and password are basic credentials", "[app][access]") {
    CHECK(parse_auth("Aladdin:open sesame").value() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(parse_auth("me:").value() == "Basic bWU6");
    CHECK(parse_auth("me:a:b").ok());
    for (const char* text : {"", "me", ":s3cret"}) {
        const auto auth = parse_auth(text);
        REQUIRE_FALSE(auth.ok());
        CHECK(auth.error().what.find("s3cret") == std::string::npos);
    }
}

TEST_CASE("access values: a token comes from a file, without the space around it", "[app][access]") {
    CHECK(read_bearer_file(TextFile("\n abc.def \n").path()).value() == "Bearer abc.def");
    CHECK_FALSE(read_bearer_file(TextFile("").path()).ok());
    CHECK_FALSE(read_bearer_file(TextFile(" \n").path()).ok());
    CHECK_FALSE(read_bearer_file(TextFile("two tokens").path()).ok());
    CHECK_FALSE(read_bearer_file(TextFile("a\x01").path()).ok());
    CHECK(read_bearer_file(TextFile(std::string(limits::kBearerTokenMax, 'a')).path()).ok());
    CHECK_FALSE(read_bearer_file(TextFile(std::string(limits::kBearerTokenMax + 1, 'a')).path()).ok());
    CHECK_FALSE(read_bearer_file("/nowhere/token").ok());
    CHECK_FALSE(read_bearer_file("/tmp").ok());
}

TEST_CASE("access values: cookies are pairs", "[app][access]") {
    CHECK(parse_cookie("a=1").value() == "a=1");
    CHECK(parse_cookie("a=1; b=2").ok());
    CHECK(parse_cookie("a=").ok());
    for (const char* text : {"", "a", "=1", "a=1\r\nX: y"}) CHECK_FALSE(parse_cookie(text).ok());
    for (const char* text : {"a=b;c=d", "a=b;", "a=b; c=d;e=f"})
        CHECK_THAT(parse_cookie(text).error().what, Catch::Contains("give --cookie once for each"));
}

TEST_CASE("access values: a file of values may have what a header may", "[app][access]") {
    const auto values = read_values(TextFile("user,token\nann,1\n").path());
    REQUIRE(values.ok());
    CHECK((*values)->rows() == 1);
    const auto broken = read_values(TextFile("user\nann\n\"s3\ncret\"\n").path());
    REQUIRE_FALSE(broken.ok());
    CHECK(broken.error().what.find("row 2") != std::string::npos);
    CHECK(broken.error().what.find("s3") == std::string::npos);
}

TEST_CASE("access values: what is shown of them has no secret", "[app][access]") {
    CHECK(shown_auth("me:s3cret:x") == "me:***");
    CHECK(shown_cookie("a=1; b=2") == "a=***; b=***");
    CHECK(shown_proxy("http://me:s3@cret@proxy:1") == "http://me:***@proxy:1");
    CHECK(shown_proxy("http://me@proxy:1") == "http://me@proxy:1");
    CHECK(shown_proxy("http://proxy:1") == "http://proxy:1");
    CHECK(shown_header("Authorization: Bearer s3cret") == "Authorization: ***");
    CHECK(shown_header("X-Team: blue") == "X-Team: blue");
    CHECK(shown_header("s3cret") == "***");
}
