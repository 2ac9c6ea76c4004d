#include "js/node_scripts.hpp"

#include "tests/js/support.hpp"

using namespace wsblast;
using namespace wsblast::js;

namespace {

// What a function with this body has logged. What Node.js says of the same is compared in
// tests/e2e/node_test.py.
Lines lines_of(const std::string& body) {
    TestMachine machine("exports.f = (context, events, done) => { const { log } = console;" + body +
                        "; done(); };");
    const CallState state = machine.call("f");
    INFO(machine.error());
    REQUIRE(state == CallState::done);
    return machine.host.logged;
}

}  // namespace

TEST_CASE("sources are found by the names of modules") {
    CHECK(node_script("crypto") != nullptr);
    CHECK(node_script("fs") == nullptr);
    CHECK(node_script("") == nullptr);
}

TEST_CASE("globals of Node.js are there, and stay what a script makes of them") {
    CHECK(lines_of("log(typeof Buffer, typeof URL, typeof URLSearchParams, typeof TextEncoder,"
                   " typeof TextDecoder, typeof atob, typeof btoa);"
                   "log(Buffer === require('buffer').Buffer, URL === require('node:url').URL);"
                   "globalThis.URL = 5; log(URL); Buffer = 6; log(Buffer)") ==
          Lines{"function function function function function function function", "true true", "5", "6"});
}

TEST_CASE("modules of the others only are nobody's") {
    CHECK(load_error("require('#errors')").find("there is no such module") != std::string::npos);
    CHECK(load_error("require('node:#errors')").find("not supported") != std::string::npos);
}

TEST_CASE("what Node.js has and we have not is refused where it is taken") {
    CHECK(load_error("\nconst { createCipheriv } = require('crypto');") ==
          "test.js:2: Error: require('crypto').createCipheriv is not supported");
    CHECK(load_error("const url = require('url');\nurl.parse('http://x');") ==
          "test.js:2: Error: require('url').parse is not supported");
    CHECK(load_error("const copy = { ...require('util') };") == "");
}

TEST_CASE("a Buffer is text and bytes") {
    CHECK(lines_of("log(Buffer.from('Grüße').toString('base64'), Buffer.from('R3LDvMOfZQ', 'base64') + '');"
                   "log(Buffer.concat([Buffer.from([1, 2]), Buffer.alloc(1)]));"
                   "const b = Buffer.alloc(8); b.writeUInt32BE(0xdeadbeef, 2); log(b.toString('hex'),"
                   " b.readInt16LE(2)); log(b.subarray(2, 4).equals(Buffer.from('dead', 'hex')))") ==
          Lines{"R3LDvMOfZQ== Grüße", "<Buffer 01 02 00>", "0000deadbeef0000 -21026", "true"});
}

TEST_CASE("errors of Node.js's functions name the script's line, not ours") {
    TestMachine machine("exports.f = (context, events, done) => {\n  Buffer.from(5);\n};");
    CHECK(machine.call("f") == CallState::failed);
    CHECK(machine.error().find("(test.js:2)") != std::string::npos);
    CHECK(machine.error().starts_with("TypeError: The first argument must be of type string"));
}

TEST_CASE("text that is too long to convert is refused") {
    TestMachine machine(
        "exports.f = (context, events, done) => { Buffer.from('x'.repeat(5e6)); done(); };\n"
        "exports.g = (context, events, done) => { Buffer.alloc(5e6).toString(); done(); };");
    CHECK(machine.call("f") == CallState::failed);
    CHECK(machine.error().find("more than 4 Mi") != std::string::npos);
    CHECK(machine.call("g") == CallState::failed);
    CHECK(machine.error().find("more than 4 Mi") != std::string::npos);
}

TEST_CASE("URLs that are not supported are refused, and say so") {
    CHECK(load_error("new URL('file:///etc/passwd')").find("scheme 'file:' is not supported") !=
          std::string::npos);
    CHECK(load_error("new URL('http://bücher.example')").find("names beyond ASCII are not supported") !=
          std::string::npos);
    CHECK(load_error("new URL('//x')").find("TypeError: Invalid URL") != std::string::npos);
    CHECK(lines_of("log(new URL('../b?x=1', 'wss://h:443/a/').href)") == Lines{"wss://h/b?x=1"});
}

TEST_CASE("a hash is what OpenSSL makes of all its pieces") {
    CHECK(lines_of("const c = require('crypto');"
                   "log(c.createHash('sha1').update('a').update('bc').digest('hex'));"
                   "log(c.createHmac('sha256', 'Jefe').update('what do ya want for nothing?')"
                   ".digest('base64url'))") ==
          Lines{"a9993e364706816aba3e25717850c26c9cd0d89d", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM"});
}
