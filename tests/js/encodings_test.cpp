#include "js/encodings.hpp"

#include <catch2/catch.hpp>

using namespace wsblast;
using namespace wsblast::js;

namespace {

std::u16string text_of(std::string_view bytes, Encoding encoding = Encoding::utf8) {
    return to_text(as_bytes(bytes), encoding);
}

}  // namespace

TEST_CASE("encodings have the names of Node.js") {
    CHECK(encoding_of("utf8") == Encoding::utf8);
    CHECK(encoding_of("base64url") == Encoding::base64url);
    CHECK_FALSE(encoding_of("utf-8").has_value());
    CHECK_FALSE(encoding_of("").has_value());
}

TEST_CASE("UTF-8 of all lengths, and of surrogates that are alone") {
    CHECK(to_bytes(u"a\u00e9\u20ac\U0001f600", Encoding::utf8) == "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    const std::u16string alone = {u'x', 0xd800, u'y', 0xdc00};
    CHECK(to_bytes(alone, Encoding::utf8) == "x\xef\xbf\xbdy\xef\xbf\xbd");
    CHECK(text_of("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") == u"a\u00e9\u20ac\U0001f600");
}

TEST_CASE("each maximal subpart of what is no UTF-8 becomes one replacement") {
    // Unicode 3.9, table 3-8 and those beside it.
    CHECK(text_of("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64") ==
          u"a\ufffd\ufffd\ufffdb\ufffdc\ufffd\ufffdd");
    CHECK(text_of("\xed\xa0\x80") == u"\ufffd\ufffd\ufffd");
    CHECK(text_of("\xc0\x80") == u"\ufffd\ufffd");
    CHECK(text_of("\xf4\x90\x80\x80") == u"\ufffd\ufffd\ufffd\ufffd");
    CHECK(text_of("\xe2\x82") == u"\ufffd");
    CHECK(text_of("\xf0\x9f\x41") == u"\ufffdA");
}

TEST_CASE("base64 is read in both alphabets, past what is of neither, up to its padding") {
    CHECK(to_bytes(u"YWJj", Encoding::base64) == "abc");
    CHECK(to_bytes(u"Y W\nJ*j", Encoding::base64) == "abc");
    CHECK(to_bytes(u"-_-_+/+/", Encoding::base64url) == "\xfb\xff\xbf\xfb\xff\xbf");
    CHECK(to_bytes(u"YWI=YWI=", Encoding::base64) == "ab");
    CHECK(to_bytes(u"Y", Encoding::base64).empty());
    CHECK(text_of("ab", Encoding::base64) == u"YWI=");
    CHECK(text_of("\xfb\xff", Encoding::base64url) == u"-_8");
    CHECK(text_of("", Encoding::base64).empty());
}

TEST_CASE("hex is read up to what is none") {
    CHECK(to_bytes(u"616Bzz63", Encoding::hex) == "ak");
    CHECK(to_bytes(u"616", Encoding::hex) == "a");
    CHECK(text_of(std::string_view("\x00\xff", 2), Encoding::hex) == u"00ff");
}

TEST_CASE("a byte a unit, and two") {
    CHECK(to_bytes(u"\u00e9\u20ac", Encoding::latin1) == "\xe9\xac");
    CHECK(text_of("\xe9", Encoding::latin1) == u"\u00e9");
    CHECK(text_of("\xe9", Encoding::ascii) == u"i");
    CHECK(to_bytes(u"a\u20ac", Encoding::utf16le) == std::string("a\0\xac\x20", 4));
    CHECK(text_of(std::string_view("a\0\xac\x20z", 5), Encoding::utf16le) == u"a\u20ac");
}
