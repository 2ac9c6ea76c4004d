#include "js/loader.hpp"

#include "base/limits.hpp"
#include "tests/js/support.hpp"

using namespace wsblast;
using namespace wsblast::js;

namespace {

// What the processor and its modules have logged while it was loaded; or the error.
Lines loaded(const Folder& folder, const std::string& script) {
    TestHost host;
    const MachineOptions options{.file = folder.write("test.js", script),
                                 .call_timeout_ns = kTestTimeoutNs};
    auto made = Machine::create(options, host);
    if (!made.ok()) host.logged.push_back(made.error().what.substr(folder.path().size() + 1));
    return host.logged;
}

}  // namespace

TEST_CASE("relative files are loaded once, with what CommonJS gives them") {
    const Folder folder;
    folder.write("lib/a.js",
                 "console.log('a', __filename.endsWith('lib/a.js'), __dirname.endsWith('lib'),"
                 " this === exports, module.exports === exports); exports.b = require('../b');");
    folder.write("b.js", "console.log('b'); module.exports = function () { return 'called'; };");
    folder.write("data.json", R"({"list": [1, "ü"]})");
    folder.write("folder/index.js", "module.exports = 'index';");
    CHECK(loaded(folder,
                 "const a = require('./lib/a.js'); console.log(a === require('./lib/a'), a.b());"
                 "console.log(require('./data').list, require('./folder'), require('./lib/../b.js')());") ==
          Lines{"a true true true true", "b", "true called", "[ 1, 'ü' ] index called"});
}

TEST_CASE("modules that need each other see what is there so far") {
    const Folder folder;
    folder.write("a.js", "exports.early = 1; const b = require('./b'); exports.sum = b.seen + 1;");
    folder.write("b.js", "const a = require('./a'); exports.seen = a.early; exports.late = a.sum;");
    CHECK(loaded(folder, "const a = require('./a'); console.log(a.sum, require('./b').late);") ==
          Lines{"2 undefined"});
}

TEST_CASE("pure modules come from node_modules") {
    const Folder folder;
    folder.write("node_modules/main/package.json", R"({"main": "./lib/x"})");
    folder.write("node_modules/main/lib/x.js", "module.exports = 'main ' + require('inner');");
    folder.write("node_modules/main/node_modules/inner/index.js", "module.exports = 'inner';");
    folder.write("node_modules/@scope/pkg/package.json",
                 R"({"exports": {".": {"import": "./no.mjs", "require": "./y.cjs"}}})");
    folder.write("node_modules/@scope/pkg/y.cjs", "module.exports = 'scoped';");
    folder.write("node_modules/broken/package.json", "no JSON");
    folder.write("node_modules/broken/index.js", "module.exports = 'index';");
    CHECK(loaded(folder,
                 "console.log(require('main'), require('@scope/pkg'), require('broken'), "
                 "require('main/lib/x'));") == Lines{"main inner scoped index main inner"});
}

TEST_CASE("of a package's conditions the first holds that Node.js would take") {
    // As uuid and nanoid have them.
    const auto entry = [](std::string_view exports) {
        const Folder folder;
        folder.write("node_modules/p/package.json", R"({"exports": )" + std::string(exports) + "}");
        for (const char* name : {"node", "browser", "default", "require"})
            folder.write(std::string("node_modules/p/") + name + ".js",
                         "module.exports = '" + std::string(name) + "';");
        return loaded(folder, "console.log(require('p'))").at(0);
    };
    CHECK(entry(R"({".": {"node": {"module": "./no.js", "require": "./node.js"},
                          "browser": {"require": "./browser.js"}, "default": "./default.js"}})") == "node");
    CHECK(entry(R"({".": {"browser": "./browser.js", "require": {"types": "./p.d.ts",
                          "default": "./require.js"}, "default": "./default.js"}})") == "require");
    CHECK(entry(R"({"import": "./no.mjs", "default": "./default.js"})") == "default");
    CHECK(entry(R"("./node.js")") == "node");
}

TEST_CASE("what lies in a package is found by its exports, or as a file") {
    const Folder folder;
    folder.write("node_modules/@s/p/package.json",
                 R"({"exports": {".": "./main.js", "./one": {"require": "./dist/one.cjs"},
                     "./locale/*": {"import": "./no.mjs", "default": "./dist/*/*.cjs"}}})");
    folder.write("node_modules/@s/p/main.js", "module.exports = 'main';");
    folder.write("node_modules/@s/p/dist/one.cjs", "module.exports = 'one';");
    folder.write("node_modules/@s/p/dist/de/de.cjs", "module.exports = 'de';");
    folder.write("node_modules/@s/p/file.js", "module.exports = 'file';");
    CHECK(loaded(folder,
                 "console.log(require('@s/p'), require('@s/p/one'), require('@s/p/locale/de'),"
                 " require('@s/p/file'));") == Lines{"main one de file"});
    CHECK(loaded(folder, "require('@s/p/locale/fr')")[0].find("there is no such module") !=
          std::string::npos);
}

TEST_CASE("node_modules of folders above are found from a file below") {
    const Folder folder;
    folder.write("node_modules/top.js", "module.exports = 'top';");
    folder.write("deep/er/x.js", "module.exports = require('top');");
    CHECK(loaded(folder, "console.log(require('./deep/er/x'));") == Lines{"top"});
}

TEST_CASE("modules of Node.js are refused with file, line and what is supported") {
    for (const char* name :
         {"fs", "node:fs", "http", "net", "child_process", "os", "node:stream", "zlib"}) {
        INFO(name);
        const std::string error = load_error("\nconst x = require('" + std::string(name) + "');");
        CHECK(error.starts_with("test.js:2: Error: require('" + std::string(name) +
                                "'): a module of Node.js"));
        CHECK(error.find("./x.js") != std::string::npos);
    }
}

TEST_CASE("modules that are not there are named with file and line") {
    CHECK(load_error("require('./missing')") ==
          "test.js:1: Error: require('./missing'): there is no such file");
    CHECK(load_error("\n\nrequire('lodash')")
              .starts_with("test.js:3: Error: require('lodash'): there is no such module"));
    CHECK(load_error("require(7)") == "test.js:1: Error: require() takes the name of a module");
    CHECK(load_error("require('')").starts_with("test.js:1: Error: require(''): there is no such module"));
    CHECK(load_error("require('../../../../../../../../../..')").starts_with("test.js:1: Error: "));
}

TEST_CASE("errors of a module name its file") {
    const Folder folder;
    folder.write("lib/a.js", "\nnull.x;");
    folder.write("lib/b.js", "function (");
    folder.write("bad.json", "{\"a\": }");
    CHECK(loaded(folder, "require('./lib/a')") == Lines{"lib/a.js:2: TypeError: null has no properties"});
    CHECK(loaded(folder, "require('./lib/b')") ==
          Lines{"lib/b.js:1: SyntaxError: function statement requires a name"});
    REQUIRE(loaded(folder, "require('./bad.json')").size() == 1);
    CHECK(loaded(folder, "require('./bad.json')")[0].starts_with(
        "test.js:1: Error: bad.json: SyntaxError: "));
}

TEST_CASE("what is missing at the end of a file is told of its last line that says something") {
    CHECK(load_error("exports.f = () => {\n  if (x) {\n    y();\n};\n\n\n") ==
          "test.js:4: SyntaxError: missing } after function body; { opened at line 1, column 18");
    CHECK(load_error("exports.f = () => {").starts_with("test.js:1: SyntaxError: missing }"));
    CHECK(load_error("exports.f = () => {\r\n  if (x) {\r\n}\r\n\r\n").starts_with("test.js:3: "));
    CHECK(load_error("exports.s = `a\nb\n").starts_with("test.js:2: SyntaxError: "));
    // SpiderMonkey names the line before it.
    CHECK(load_error("exports.f = 1;\n}\nexports.g = 2;\n") ==
          "test.js:1: SyntaxError: expected expression, got '}'");
    CHECK(load_error("exports.f = 1;\n/* no end\n").starts_with("test.js:2: SyntaxError: "));
    CHECK(load_error("exports.f = [1,\n2;\n").starts_with("test.js:2: SyntaxError: missing ]"));
}

TEST_CASE("a module may return, and its faults behind that have a line, too") {
    CHECK(load_error("exports.f = () => {};\nreturn;\n").empty());
    CHECK(load_error("return;\nexports.f = (;\n").starts_with("test.js:2: SyntaxError: expected"));
    CHECK(load_error("let exports = {};").find("formal parameter exports") != std::string::npos);
}

TEST_CASE("syntax errors and exceptions while loading have file and line") {
    CHECK(load_error("exports.f = 1;\nexports.g = (;") ==
          "test.js:2: SyntaxError: expected expression, got ';'");
    CHECK(load_error("\n\nthrow new Error('at load')") == "test.js:3: Error: at load");
    CHECK(load_error("undefinedFunction()") ==
          "test.js:1: ReferenceError: undefinedFunction is not defined");
    CHECK(load_error("\nimport x from './x.js'").find("CommonJS") != std::string::npos);
    CHECK(load_error("export const x = 1").find("test.js:1: SyntaxError") == 0);
    CHECK(load_error("module.exports = 3").find("module.exports is no object") != std::string::npos);
    CHECK(load_error("module.exports = null").find("module.exports is no object") != std::string::npos);
}

TEST_CASE("a file may begin with a byte order mark or a #! line") {
    CHECK(load_error("\xef\xbb\xbf"
                     "exports.f = () => {};") == "");
    CHECK(load_error("#!/usr/bin/env node\nthrow 1").starts_with("test.js:2: "));
}

TEST_CASE("files that are no processors are refused") {
    const Folder folder;
    TestHost host;
    const auto error_of = [&](const std::string& name) {
        auto made = Machine::create({.file = folder.path() + "/" + name}, host);
        REQUIRE_FALSE(made.ok());
        return made.error().what;
    };
    CHECK(error_of("missing.js").find("no such file") != std::string::npos);
    CHECK(error_of("x.ts").find("TypeScript") != std::string::npos);
    CHECK(error_of("x.mjs").find("CommonJS") != std::string::npos);
    folder.write("big.js", std::string(limits::kScriptFileMax + 1, ' '));
    CHECK(error_of("big.js").find("cannot read big.js") != std::string::npos);
}
