"""Every rule of tools/tidy.py finds its bad example, names the line, and leaves good code alone."""
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))
from cpp_outline import blank, outline, parameters  # noqa: E402
from tidy import Tidy  # noqa: E402

# Long enough to be a module of its own.
FILLER = "// A line of the contract.\n" * 60
GOOD_HEADER = "#pragma once\n" + FILLER


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = Path(folder.name)

    def breaches(self, files):
        """What tidy finds in a project of these files alone."""
        self.root = Path(tempfile.mkdtemp(dir=self.top))
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return Tidy(self.root).run()

    def of_header(self, code, name="src/stats/thing.hpp"):
        return self.breaches({name: GOOD_HEADER + code})

    def of_source(self, code, name="src/stats/thing.cpp"):
        folder, _, base = name.rpartition("/")
        return self.breaches({name: FILLER + code, f"{folder}/meson.build": f"library('{base}')\n"})

    def assert_breach(self, breaches, *words):
        for word in words:
            self.assertTrue(any(word in breach for breach in breaches), f"{word!r} is not in {breaches}")

    def test_good_code_passes(self):
        code = ('#include "base/units.hpp"\nnamespace a {\nint add(int left, int right);\n'
                "struct Pair { int left{0}; int right{0}; };\n}\n")
        self.assertEqual(self.of_header(code), [])
        self.assertEqual(self.of_source('#include "stats/thing.hpp"\nint one() { return 1; }\n'), [])

    def test_a_file_includes_lower_floors_only(self):
        line = FILLER.count("\n") + 2
        upward = self.of_header('#include "load/run.hpp"\n')
        self.assert_breach(upward, f"thing.hpp:{line}: stats/ includes load/")
        self.assert_breach(self.of_header('#include "host/cpus.hpp"\n'), "stats/ includes host/")
        self.assert_breach(self.of_header('#include "other.hpp"\n'), '"other.hpp" without its folder')
        self.assert_breach(self.of_header('#include "attic/other.hpp"\n'), "attic/ is on no floor")

    def test_a_library_is_included_in_its_folder_only(self):
        for header in ("liburing.h", "openssl/evp.h", "simdjson.h", "fmt/format.h", "nlohmann/json.hpp",
                       "boost/program_options.hpp", "mimalloc.h", "catch2/catch.hpp"):
            self.assert_breach(self.of_header(f"#include <{header}>\n"), "outside")
        self.assertEqual(self.of_header("#include <liburing.h>\n", "src/ring/thing.hpp"), [])

    def test_lengths(self):
        self.assert_breach(self.of_header("// more\n" * 400), "split the file")
        self.assert_breach(self.breaches({"src/stats/tiny.hpp": "#pragma once\n"}), "module of 1 lines")
        self.assert_breach(self.of_header("//" + "x" * 120 + "\n"), "122 columns")

    def test_what_a_fuzzer_wrote_is_left_alone(self):
        self.assertEqual(self.breaches({"tests/fuzz/corpus/url/0f3c": "x" * 120}), [])
        self.assert_breach(self.breaches({"tests/fuzz/notes.txt": "x" * 120}), "120 columns")

    def test_a_long_function_is_found_at_its_first_line(self):
        body = "    count();\n" * 70
        line = FILLER.count("\n") + 1
        breaches = self.of_source("void f() {\n" + body + "}\n")
        self.assert_breach(breaches, f"thing.cpp:{line}: function of 72 lines")
        self.assertEqual(self.of_source("void f() {\n" + body[:13 * 60] + "}\n"), [])

    def test_deep_nesting(self):
        deep = "void f() { for (;;) { if (a) { while (b) { if (c) { d(); } } } } }\n"
        self.assert_breach(self.of_source(deep), "nesting of 4")
        self.assertEqual(self.of_source(deep.replace("if (c) ", "[&] ")), [])

    def test_too_many_parameters(self):
        five = "int f(int a, int b, int c, int d, int e);\n"
        self.assert_breach(self.of_header(five), "5 parameters")
        self.assertEqual(self.of_header("int f(std::map<int, int> a, int b, int c, int d);\n"), [])

    def test_header_rules(self):
        self.assert_breach(self.breaches({"src/stats/a.hpp": FILLER}), "#pragma once")
        self.assert_breach(self.of_header("using namespace std;\n"), "using namespace")

    def test_unfinished_work_and_paths_of_a_machine(self):
        self.assert_breach(self.of_header("// TO" + "DO: later\n"), "unfinished work")
        page = {"docs/a.md": "see /ho" + "me/me/file\n"}
        self.assert_breach(self.breaches(page), "docs/a.md:1: path of a machine")
        self.assertEqual(self.of_header("// $ROOT/home/x and a/work/b\n"), [])

    def test_a_name_in_unnamed_namespaces_is_given_once_in_a_folder(self):
        def both(first, second, folder="tests/stats"):
            texts = [FILLER + "namespace n { namespace {\n" + body + "\n} }\n" for body in (first, second)]
            listed = {f"{folder}/meson.build": "'a.cpp' 'b.cpp'"}
            return self.breaches({f"{folder}/a.cpp": texts[0], f"{folder}/b.cpp": texts[1], **listed})

        for code in ("constexpr int kSize = 3;", "struct Row { int a; };", "using Row = std::vector<int>;",
                     "const std::string kRow{1, 2};", "template <class T> T f(const T& a) { return a; }"):
            self.assert_breach(both(code, code), "is in tests/stats/a.cpp too")
            self.assertEqual(both(code, code, "tests/fuzz"), [])
        # A literal fits both.
        self.assert_breach(both("int f(std::string_view a) { return 1; }",
                                "int f(const std::string& b, int c = 1);\nint f(const char* b);"), "f(text)")
        self.assertEqual(both("int f(const Row& a) { return 1; }", "int f(const Line& a) { return 1; }"), [])
        self.assertEqual(both("using a::B;", "using a::B;\nTEST_CASE(\"c\") { CHECK(d()); }"), [])
        self.assertEqual(both("int f();", "} int f(); namespace {"), [])

    def test_a_default_in_a_switch_needs_a_reason(self):
        switch = "int f(int a) { switch (a) { case 1: return 1;\ndefault: return 0;%s\n} }\n"
        self.assert_breach(self.of_source(switch % ""), "default: in a switch")
        self.assertEqual(self.of_source(switch % "  // tidy: numbers of the wire"), [])

    def test_banned_calls_name_their_replacement(self):
        for call in ("sprintf(a, b)", "strcpy(a, b)", "rand()", "printf(a)", "std::cout << a", "system(a)",
                     "usleep(1)", "sleep(1)", "atoi(a)", "exit(1)"):
            self.assert_breach(self.of_source(f"void f() {{ {call}; }}\n"), "banned: ")
        for call in ("std::snprintf(a, 1, b)", "random.rand()", "sprint()", '"system(a)"', "_exit(1)"):
            self.assertEqual(self.of_source(f"void f() {{ g({call}); }}\n"), [], call)
        self.assertEqual(self.of_source("void f() { printf(a); }\n", "src/report/thing.cpp"), [])

    def test_every_source_and_test_is_listed(self):
        for name in ("src/stats/lost.cpp", "tests/e2e/lost_test.py"):
            self.assert_breach(self.breaches({name: FILLER.replace("//", "#")}), "not in any meson.build")

    def test_a_test_mirrors_a_source_and_can_fail(self):
        self.assert_breach(self.of_source('TEST_CASE("a") { f(); }\n', "tests/stats/lost_test.cpp"),
                           "mirrors no src/stats/lost", "test that cannot fail")
        good = {"src/stats/thing.hpp": GOOD_HEADER,
                "tests/stats/thing_test.cpp": 'TEST_CASE("a") { CHECK(f()); }\n',
                "tests/stats/meson.build": "test('thing_test.cpp')\n"}
        self.assertEqual(self.breaches(good), [])


class OutlineTest(unittest.TestCase):
    def functions(self, source):
        return [function.head for function in outline(source).functions]

    def test_comments_strings_and_macros_are_blanked_in_place(self):
        source = 'a; // {\n/* {\n*/ b("{", \'{\', R"x({)x");\n#define C {\nd = 1\'000;'
        blanked = blank(source)
        self.assertNotIn("{", blanked)
        self.assertEqual(len(blanked), len(source))
        self.assertIn("1'000", blanked)

    def test_functions_of_every_form_are_found(self):
        for head in ("int f()", "auto f() -> int", "A::A(int a) : a_{a}, b_(1)", "bool g() const noexcept",
                     "template <class T> requires Small<T> void f(T t)", "A& operator=(const A& a)"):
            self.assertEqual(self.functions("namespace n { " + head + " { return; } }"), [head])

    def test_what_is_no_function_is_not_taken_for_one(self):
        for code in ("struct A { int a{1}; };", "enum class B { c, d };", "int a[] = {f(1), 2};",
                     "constexpr auto t = [](int a) { return a; };", "namespace n {}"):
            self.assertEqual(self.functions(code), [], code)

    def test_parameters_are_counted_outside_of_templates_and_calls(self):
        for head, count in (("int f()", 0), ("int f(void)", 0), ("int f(A<B, C> a, D d = {1, 2})", 2),
                            ("template <class A, class B> void f(A a)", 1),
                            ("using F = int (*)(int, int)", 0)):
            self.assertEqual(parameters(head), count, head)


if __name__ == "__main__":
    unittest.main()
